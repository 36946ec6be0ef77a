"""How far a long job with data has come, told to whoever waits for it; they may break it off by raising Cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from metagui.datasets.content import Progress


class Cancelled(Exception):  # noqa: N818  # a wish, and no error
    """Raised by a report to end the job: what was installed before stays, what was downloaded is kept for later."""


@dataclass(frozen=True, slots=True)
class Step:
    """``doing`` is what a person reads (``Downloading images_background.zip``); ``total`` is 0 where nobody knows."""

    doing: str
    done: int
    total: int
    unit: Literal["bytes", "items"] = "items"


Report = Callable[[Step], None]


def items(report: Report, doing: str) -> Progress:
    """Counts files, rows or drawings of one step."""
    return lambda done, total: report(Step(doing, done, total))


def byte_count(report: Report, doing: str) -> Progress:
    """Counts bytes of one step."""
    return lambda done, total: report(Step(doing, done, total, "bytes"))


def size_text(size: float) -> str:
    """Bytes for a person: ``26.2 MB``, ``14 kB``."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.0f} kB"
