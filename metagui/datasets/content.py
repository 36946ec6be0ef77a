"""What a reader makes of a person's files, before it is put in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy.typing as npt

from metagui.datasets.splits import Split

Progress = Callable[[int, int], None]
"""(done, total) files or rows."""


def no_progress(done: int, total: int) -> None:
    """Read in silence."""


@dataclass(frozen=True, slots=True)
class Options:
    """How pictures are read: ``side`` in pixels, ``colour``; None means as the pictures are. ``invert`` makes dark ink
    on white paper bright on black, as Omniglot's is here. ``skip_broken`` leaves unreadable pictures out."""

    side: int | None = None
    colour: Literal["grey", "rgb"] | None = None
    invert: bool = False
    skip_broken: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """``rows`` of each group (class or task) by name, in order; ``splits`` where the source says them, else empty."""

    kind: Literal["images", "curves"]
    rows: dict[str, npt.NDArray[Any]]
    splits: Mapping[str, Split]
    columns: tuple[str, ...] = ()
    dropped: tuple[str, ...] = field(default=())
