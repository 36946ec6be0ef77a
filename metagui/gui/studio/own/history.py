"""Undo and redo for sketches, which are values. No Qt."""

from __future__ import annotations

from metagui.gui.studio.own.sketch import Sketch

_MOST = 300


class History:
    """``preview`` shows an edit that goes on; ``commit`` ends it, and is what undo goes back over."""

    def __init__(self, sketch: Sketch) -> None:
        self._past: list[Sketch] = []
        self._future: list[Sketch] = []
        self._committed = sketch
        self.sketch = sketch

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def preview(self, sketch: Sketch) -> None:
        self.sketch = sketch

    def commit(self, sketch: Sketch) -> None:
        self.sketch = sketch
        if sketch == self._committed:
            return
        self._past = [*self._past[-_MOST:], self._committed]
        self._future.clear()
        self._committed = sketch

    def undo(self) -> None:
        if self._past:
            self._future.append(self._committed)
            self.sketch = self._committed = self._past.pop()

    def redo(self) -> None:
        if self._future:
            self._past.append(self._committed)
            self.sketch = self._committed = self._future.pop()
