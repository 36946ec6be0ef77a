"""What the scrubber knows of a moment. No Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """One moment on the scrubber. ``task`` counts from 0, -1 outside the loop over tasks; ``memory`` in bytes."""

    depth: int
    task: int
    memory: int
    words: str
