"""One numbered text of the page, and how its lines are named. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from metagui.gui.walkthrough.highlight import Line

Spot = tuple[str, int]
"""A document and a line in it."""


@dataclass(frozen=True, slots=True)
class Document:
    """``title`` is on its tab, ``caption`` above its lines, ``note`` below them; ``badges`` and ``runs`` by number."""

    key: str
    title: str
    caption: str
    lines: tuple[Line, ...]
    badges: Mapping[int, str] = field(default_factory=dict)
    runs: Mapping[int, int] = field(default_factory=dict)
    note: str = ""
