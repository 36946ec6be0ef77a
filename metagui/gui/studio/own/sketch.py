"""A task as a person made it: points, strokes and pictures that can be changed, kept and undone. No Qt.

Sketches are values: an edit makes a new one, so that undoing is going back to the one before.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from metagui.messages import Array
from metagui.studio import OwnTask

CURVE_POINTS = 200
"""Places at which a curve is drawn."""
_QUERIES = 41
"""Places on a true curve that judge the adapted one."""
SQUARE = 1.2
"""Classes are painted between -this and this, as far as boundaries are drawn."""

Stroke = tuple[tuple[float, float], ...]
Spot = tuple[float, float, int]


class CurveSketch(msgspec.Struct, frozen=True, tag="regression", forbid_unknown_fields=True):
    """Support points (x, y); with ``on_curve`` the truth is amplitude · sin(x - phase)."""

    points: tuple[tuple[float, float], ...] = ()
    amplitude: float = 3.0
    phase: float = 1.0
    on_curve: bool = True

    @property
    def is_blank(self) -> bool:
        return not self.points

    def cleared(self) -> CurveSketch:
        return msgspec.structs.replace(self, points=())

    def truth(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The true curve at ``x``."""
        return np.asarray(self.amplitude * np.sin(x - self.phase))

    def along(self, amplitude: float, phase: float) -> CurveSketch:
        """The same places, on another true curve."""
        moved = CurveSketch((), amplitude, phase, True)
        points = tuple((x, float(moved.truth(np.array(x)))) for x, _ in self.points)
        return msgspec.structs.replace(moved, points=points)


class PointsSketch(msgspec.Struct, frozen=True, tag="points", forbid_unknown_fields=True):
    """Support points (x, y, class) of ``ways`` classes."""

    ways: int = 2
    points: tuple[Spot, ...] = ()

    @property
    def is_blank(self) -> bool:
        return not self.points

    def cleared(self) -> PointsSketch:
        return PointsSketch(self.ways)


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One drawing: strokes in shares of the page with a pen ``width`` times the usual one, or a ``picture`` that was
    brought, uint8 [H, W] or [H, W, 3], as the network gets it."""

    strokes: tuple[Stroke, ...] = ()
    width: float = 1.0
    picture: Array | None = None

    @property
    def is_blank(self) -> bool:
        return self.picture is None and not self.strokes


class BoardSketch(msgspec.Struct, frozen=True, tag="images", forbid_unknown_fields=True):
    """``support`` a row a class and a cell a shot; ``queries`` that nobody has named."""

    support: tuple[tuple[Cell, ...], ...] = ()
    queries: tuple[Cell, ...] = ()

    @classmethod
    def blank(cls, ways: int, shots: int, queries: int) -> BoardSketch:
        return cls(((Cell(),) * shots,) * ways, (Cell(),) * queries)

    @property
    def is_blank(self) -> bool:
        return all(cell.is_blank for cell in (*sum(self.support, ()), *self.queries))

    def cleared(self) -> BoardSketch:
        return BoardSketch.blank(self.ways, self.shots, len(self.queries))

    @property
    def ways(self) -> int:
        return len(self.support)

    @property
    def shots(self) -> int:
        return max((len(row) for row in self.support), default=0)

    def resized(self, ways: int, shots: int, queries: int) -> BoardSketch:
        """With so many cells; what does not fit is left out, what is new is blank."""
        rows = [self.support[way] if way < len(self.support) else () for way in range(ways)]
        return BoardSketch(tuple(_padded(row, shots) for row in rows), _padded(self.queries, queries))

    def with_cell(self, place: tuple[int, int], cell: Cell) -> BoardSketch:
        """``place`` is (class, shot), or (-1, query)."""
        way, index = place
        if way < 0:
            return BoardSketch(self.support, _put(self.queries, index, cell))
        row = _put(self.support[way], index, cell)
        return BoardSketch((*self.support[:way], row, *self.support[way + 1 :]), self.queries)

    def cell(self, place: tuple[int, int]) -> Cell:
        way, index = place
        return self.queries[index] if way < 0 else self.support[way][index]


Sketch = CurveSketch | PointsSketch | BoardSketch


def curve_task(sketch: CurveSketch, low: float, high: float) -> OwnTask:
    """What the engine is asked for: drawn from ``low`` to ``high``, judged on the true curve where there is one."""
    grid = np.linspace(low, high, CURVE_POINTS)
    points = np.array(sketch.points, dtype=np.float64).reshape(-1, 2)
    query = np.linspace(low, high, _QUERIES) if sketch.on_curve else np.zeros(0)
    return OwnTask(
        kind="regression",
        title="Your own task",
        support_x=Array.of(points[:, 0]),
        support_y=Array.of(points[:, 1]),
        query_x=Array.of(query),
        query_y=Array.of(sketch.truth(query)),
        grid=Array.of(grid),
        truth=Array.of(sketch.truth(grid) if sketch.on_curve else np.zeros(0)),
    )


def points_task(sketch: PointsSketch) -> OwnTask:
    """The same for painted classes; there are no queries."""
    nothing = Array.of(np.zeros(0))
    return OwnTask(
        kind="points",
        title="Your own task",
        class_names=class_names(sketch.ways),
        support_x=Array.of(np.array([spot[:2] for spot in sketch.points], dtype=np.float64).reshape(-1, 2)),
        support_y=Array.of(np.array([spot[2] for spot in sketch.points], dtype=np.int64)),
        query_x=Array.of(np.zeros((0, 2))),
        query_y=Array.of(np.zeros(0, dtype=np.int64)),
        grid=nothing,
        truth=nothing,
    )


def class_names(ways: int) -> tuple[str, ...]:
    return tuple(f"Class {way + 1}" for way in range(ways))


def _padded(cells: tuple[Cell, ...], count: int) -> tuple[Cell, ...]:
    return (*cells[:count], *((Cell(),) * (count - len(cells))))


def _put(cells: tuple[Cell, ...], index: int, cell: Cell) -> tuple[Cell, ...]:
    return (*cells[:index], cell, *cells[index + 1 :])
