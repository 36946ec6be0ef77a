"""Curves of any length at the cost of a screen's width: a pyramid of minima and maxima."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

_Number = TypeVar("_Number", np.float64, np.int64)
Float64s = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_FAN = 16
"""Points a node of the first level stands for, and nodes a node of the next level does."""


class Pyramid:
    """A growing curve that can be drawn at any zoom with about two points a pixel.

    Within each pixel column the lowest and the highest point are drawn, in the order in which they came, so no peak
    is lost; where there are at most two points a pixel, the points themselves are. ``x`` never falls, but may
    jump. A value that is not finite is a gap, which is kept wherever it fills a pixel column.
    """

    def __init__(self, x: npt.ArrayLike = (), y: npt.ArrayLike = ()) -> None:
        self._count = 0
        self._x = np.empty(_FAN)
        self._y = np.empty(_FAN)
        self._levels: list[_Level] = []
        self.append(x, y)

    def __len__(self) -> int:
        return self._count

    @property
    def x(self) -> Float64s:
        """All x, float64 [n], read-only."""
        return _locked(self._x[: self._count])

    @property
    def y(self) -> Float64s:
        """All y, float64 [n], read-only; NaN at gaps."""
        return _locked(self._y[: self._count])

    def append(self, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
        """Add points at the end, in amortised constant time each.

        Raises ValueError where x falls or the lengths differ; the curve is then as before.
        """
        new_x, new_y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if new_x.ndim != 1 or new_x.shape != new_y.shape:
            raise ValueError(f"x and y are lists of one length, not {new_x.shape} and {new_y.shape}")
        if not len(new_x):
            return
        last = self._x[self._count - 1] if self._count else -np.inf
        # Written so that NaN is refused too.
        if not (new_x[0] >= last and np.all(new_x[1:] >= new_x[:-1])):
            raise ValueError("the x of a curve never fall; cut the curve first to write a stretch of it again")
        end = self._count + len(new_x)
        self._x, self._y = _grown(self._x, self._count, end), _grown(self._y, self._count, end)
        self._x[self._count : end] = new_x
        self._y[self._count : end] = np.where(np.isfinite(new_y), new_y, np.nan)
        self._count = end
        self._update_levels()

    def cut_after(self, x: float) -> None:
        """Drop all points beyond ``x``."""
        self._count = int(np.searchsorted(self._x[: self._count], x, side="right"))
        nodes = self._count
        for level in self._levels:
            nodes //= _FAN
            level.count = nodes

    def view(self, x0: float, x1: float, pixels: int) -> tuple[Float64s, Float64s]:
        """x and y to draw as a polyline in a window ``x0..x1`` of that many pixels, with the next point either side."""
        return self.view_columns(np.linspace(min(x0, x1), max(x0, x1), max(1, pixels) + 1))

    def view_columns(self, edges: npt.ArrayLike) -> tuple[Float64s, Float64s]:
        """As :meth:`view`, for pixel columns with these rising edges: equal in log x, for a logarithmic axis."""
        borders = np.asarray(edges, dtype=np.float64)
        x = self._x[: self._count]
        starts = np.searchsorted(x, borders, side="left")
        starts[-1] = np.searchsorted(x, borders[-1], side="right")
        first, last = int(starts[0]), int(starts[-1])
        if last - first <= 2 * (len(borders) - 1):
            shown = slice(max(0, first - 1), last + 1)
            return x[shown].copy(), self._y[: self._count][shown].copy()
        lowest, highest = self._extremes(starts[:-1], starts[1:])
        pairs = np.sort(np.stack([lowest, highest], axis=1), axis=1)
        wanted = np.column_stack([pairs[:, 0] >= 0, pairs[:, 0] != pairs[:, 1]])
        before, after = np.arange(max(0, first - 1), first), np.arange(last, min(last + 1, len(x)))
        chosen = np.concatenate([before, pairs[wanted], after])
        return x[chosen], self._y[chosen]

    def _extremes(self, starts: Indices, ends: Indices) -> tuple[Indices, Indices]:
        """Indices of the lowest and highest point in each range ``starts[i]:ends[i]``; -1 where it is empty.

        From the points up: of each level only the nodes before the first and after the last whole parent are looked
        at, fewer than 16 on either side; the parents in between are left to the next level.
        """
        lowest, highest = np.full(len(starts), -1), np.full(len(starts), -1)
        begin, end = starts.astype(np.int64), ends.astype(np.int64)
        level: _Level | None = None  # below all levels a node is the point itself
        for above in [*self._levels, None]:
            # Above the last level there are no parents: all that is left is looked at.
            inner_begin = end if above is None else np.minimum(-(-begin // _FAN) * _FAN, end)
            inner_end = end if above is None else np.maximum(end // _FAN * _FAN, inner_begin)
            for side_begin, side_end in ((begin, inner_begin), (inner_end, end)):
                lows, highs = (None, None) if level is None else (level.lowest, level.highest)
                lowest = _best(self._y, lowest, side_begin, side_end, lows, 1.0)
                highest = _best(self._y, highest, side_begin, side_end, highs, -1.0)
            begin, end = inner_begin // _FAN, inner_end // _FAN
            level = above
        return lowest, highest

    def _update_levels(self) -> None:
        nodes, depth = self._count // _FAN, 0
        while nodes:
            if depth == len(self._levels):
                self._levels.append(_Level())
            self._levels[depth].complete(self._y, nodes, self._levels[depth - 1] if depth else None)
            nodes, depth = nodes // _FAN, depth + 1


class _Level:
    """Nodes that each name the lowest and the highest point below them; only full nodes exist."""

    def __init__(self) -> None:
        self.count = 0
        self.lowest: Indices = np.empty(_FAN, dtype=np.int64)
        self.highest: Indices = np.empty(_FAN, dtype=np.int64)

    def complete(self, y: Float64s, count: int, children: _Level | None) -> None:
        """Add nodes until there are ``count``."""
        if count <= self.count:
            return
        self.lowest = _grown(self.lowest, self.count, count)
        self.highest = _grown(self.highest, self.count, count)
        span = slice(self.count * _FAN, count * _FAN)
        rows = np.arange(count - self.count)
        low: Indices = np.arange(span.start, span.stop)
        high = low
        if children is not None:
            low, high = children.lowest[span], children.highest[span]
        low_rows, high_rows = low.reshape(-1, _FAN), high.reshape(-1, _FAN)
        # A node of nothing but gaps names one of them.
        lows, highs = y[low_rows], y[high_rows]
        self.lowest[self.count : count] = low_rows[rows, np.argmin(np.where(np.isnan(lows), np.inf, lows), axis=1)]
        self.highest[self.count : count] = high_rows[rows, np.argmax(np.where(np.isnan(highs), -np.inf, highs), axis=1)]
        self.count = count


def _best(y: Float64s, so_far: Indices, begins: Indices, ends: Indices, points: Indices | None, sign: float) -> Indices:
    """For each range of nodes the point with the least ``sign * y``, ``so_far`` (-1: none) taken into account.

    ``points`` says which point a node names; None where nodes are points.
    """
    width = int(np.max(ends - begins, initial=0))
    if width == 0:
        return so_far
    nodes = begins[:, None] + np.arange(width)
    inside = nodes < ends[:, None]
    nodes[~inside] = 0
    candidates = np.empty((len(so_far), width + 1), dtype=np.int64)
    candidates[:, 0] = so_far
    candidates[:, 1:] = np.where(inside, nodes if points is None else points[nodes], -1)
    ranks = sign * y[candidates]
    # Every value beats a gap, but a gap beats nothing: a column of gaps is drawn as one.
    ranks[np.isnan(ranks)] = np.finfo(np.float64).max
    ranks[candidates < 0] = np.inf
    chosen: Indices = candidates[np.arange(len(so_far)), np.argmin(ranks, axis=1)]
    return chosen


def _grown(array: npt.NDArray[_Number], used: int, needed: int) -> npt.NDArray[_Number]:
    """The array, or one at least twice as large that begins with its ``used`` items, to hold ``needed`` items."""
    if needed <= len(array):
        return array
    larger = np.zeros(max(needed, 2 * len(array)), dtype=array.dtype)
    larger[:used] = array[:used]
    return larger


def _locked(array: Float64s) -> Float64s:
    array.flags.writeable = False
    return array
