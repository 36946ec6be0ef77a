"""Cells as the network gets them, prepared once each."""

from __future__ import annotations

import numpy as np

from metagui.datasets.ink import Picture, Preparation, is_blank
from metagui.errors import DataError
from metagui.gui.studio.own.sketch import Cell
from metagui.messages import Array

_MOST = 400


class Inks:
    """None for a cell with nothing in it."""

    def __init__(self, preparation: Preparation) -> None:
        self.preparation = preparation
        self._known: dict[Cell, Picture] = {}

    def picture(self, cell: Cell) -> Picture | None:
        """float32 [side, side] or [side, side, 3] in 0..1."""
        if cell.is_blank:
            return None
        if cell not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[cell] = self._prepared(cell)
        return self._known[cell]

    def shows_nothing(self, cell: Cell) -> bool:
        """Whether there is something in the cell of which the network sees one shade all over."""
        picture = self.picture(cell)
        return picture is not None and is_blank(picture)

    def _prepared(self, cell: Cell) -> Picture:
        if cell.picture is None:
            return self.preparation.drawn([np.array(stroke) for stroke in cell.strokes], cell.width)
        return np.asarray(cell.picture.numpy(), np.float32) / np.float32(255)


def cell_of(picture: Picture) -> Cell:
    """A picture in 0..1 as the content of a cell. Raises DataError where it is none."""
    values = np.asarray(picture)
    if values.ndim == 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3):
        raise DataError(f"this is no picture: it has {values.ndim} dimensions")
    return Cell(picture=Array.of((np.clip(np.nan_to_num(values), 0, 1) * 255).round().astype(np.uint8)))
