"""What a growing curve shows in a window that stands still: only the newest columns are looked at again. No Qt."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metagui.analysis.decimation import Pyramid
from metagui.gui.monitor.history import Floats

FAN = 16  # points a node of the pyramid stands for
_MOST_COLUMNS = 24  # new at once, beyond which the pyramid is faster


class WindowedCurve:
    """A pyramid that remembers its last view. At 30 frames a second little of it is new."""

    def __init__(self) -> None:
        self.pyramid = Pyramid()
        self._key: tuple[float, float, int] | None = None
        self._seen = 0
        self._edges: Floats = np.empty(0)
        self._x: Floats = np.empty(0)
        self._y: Floats = np.empty(0)

    def __len__(self) -> int:
        return len(self.pyramid)

    def append(self, x: Floats, y: Floats) -> None:
        """Add points at the end; ``x`` never falls."""
        self.pyramid.append(x, y)

    def view(self, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
        """As :meth:`Pyramid.view`, with columns that may be off by half their width where points are many."""
        key = (low, high, columns)
        if key != self._key or not self._seen:
            self._edges = self._aligned(np.linspace(low, high, columns + 1))
            self._x, self._y = self.pyramid.view_columns(self._edges)
        elif self._seen < len(self.pyramid):
            self._extend()
        self._key, self._seen = key, len(self.pyramid)
        return self._x, self._y

    def _aligned(self, edges: Floats) -> Floats:
        """Edges moved to points where whole nodes of the pyramid begin, which makes their extremes cheap to find."""
        x = self.pyramid.x
        index = np.searchsorted(x, edges, side="left")
        points_a_column = (index[-1] - index[0]) / (len(edges) - 1)
        unit = 1
        while unit * FAN * 2 <= points_a_column:
            unit *= FAN
        if unit > 1:
            inside = index < x.size
            edges[inside] = x[index[inside] // unit * unit]
        return edges

    def _extend(self) -> None:
        """Replace the columns from that of the last known point on; those before it are complete."""
        x, edges = self.pyramid.x, self._edges
        known = x[self._seen - 1]
        if known > edges[-1]:  # all that is new lies beyond the window
            return
        first = int(np.searchsorted(edges, known, side="right")) - 1
        last = min(int(np.searchsorted(edges, x[-1], side="right")), len(edges) - 1)
        if not 0 <= first < last or last - first > _MOST_COLUMNS:
            self._x, self._y = self.pyramid.view_columns(edges)
            return
        kept = int(np.searchsorted(self._x, edges[first], side="left"))
        tail = self._newest(edges[first : last + 1])
        self._x = np.concatenate([self._x[:kept], self.pyramid.x[tail]])
        self._y = np.concatenate([self._y[:kept], self.pyramid.y[tail]])

    def _newest(self, edges: Floats) -> npt.NDArray[np.int64]:
        """Which points to draw in these last columns: the lowest and the highest of each, or all where they are few."""
        begin, end = np.searchsorted(self.pyramid.x, edges[[0, -1]], side="left")
        end = min(int(end) + 1, len(self.pyramid))  # the next point beyond the window
        if end - begin <= 2 * (len(edges) - 1):
            return np.arange(begin, end)
        heights = self.pyramid.y[begin:end]
        borders = np.searchsorted(self.pyramid.x[begin:end], edges[1:-1], side="left")
        picks: set[int] = set()
        for column in np.split(np.arange(heights.size), borders):
            present = column[~np.isnan(heights[column])]
            if present.size:
                picks |= {int(present[heights[present].argmin()]), int(present[heights[present].argmax()])}
            elif column.size:  # a gap as wide as a column stays one
                picks.add(int(column[0]))
        chosen: npt.NDArray[np.int64] = begin + np.array(sorted(picks), dtype=np.int64)
        return chosen
