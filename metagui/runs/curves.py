"""The points of the curves: hot rows while a run writes, packed stretches afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from metagui.errors import StoreError
from metagui.runs.database import Database

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Points = tuple[Int64s, Float64s, Float64s]
"""steps int64 [n] strictly ascending, values float64 [n], times float64 [n] in seconds since the epoch."""

_STEPS, _FLOATS = np.dtype("<i8"), np.dtype("<f8")


class Curves:
    """Points by run number, series name and step. A point written twice is kept as it was written last.

    NaN means that there is no point, so NaN is never stored; infinities are stored as they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self, run: int) -> list[str]:
        """Series that have points, in the order in which they first came up."""
        rows = self._database.rows(
            "SELECT name FROM curves JOIN series ON series.id = series WHERE run = ? ORDER BY series.id", (run,)
        )
        return [row["name"] for row in rows]

    def last_values(self, run: int) -> dict[str, float]:
        rows = self._database.rows(
            "SELECT name, last_value FROM curves JOIN series ON series.id = series WHERE run = ? ORDER BY series.id",
            (run,),
        )
        return {row["name"]: row["last_value"] for row in rows}

    def write(self, run: int, points: Iterable[tuple[str, Int64s, Float64s, Float64s]]) -> None:
        """Add ``(name, steps, values, times)``, steps in any order, in one transaction."""
        with self._database.writing():
            for name, steps, values, times in points:
                present = ~np.isnan(values)
                if not present.all():
                    steps, values, times = steps[present], values[present], times[present]
                if not len(steps):
                    continue
                series = self._series(name)
                self._database.execute_many(
                    "INSERT OR REPLACE INTO hot (run, series, step, value, time) "
                    f"VALUES ({run:d}, {series:d}, ?, ?, ?)",
                    zip(steps.tolist(), values.tolist(), times.tolist(), strict=True),
                )
                latest = len(steps) - 1 - int(np.argmax(steps[::-1]))
                self._database.execute(
                    "INSERT INTO curves (run, series, last_step, last_value) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (run, series) DO UPDATE SET last_step = excluded.last_step, "
                    "last_value = excluded.last_value WHERE excluded.last_step >= last_step",
                    (run, series, int(steps[latest]), float(values[latest])),
                )

    def read(self, run: int, name: str) -> Points:
        """The whole curve; empty arrays where there is none."""
        with self._database.reading():
            series = self._find(name)
            if series is None:
                return _joined([])
            return _joined([*self._packed(run, series), self._hot(run, series)])

    def pack(self, run: int) -> None:
        """Turn the hot rows into one packed stretch for each curve: the rows go, the points stay."""
        for series in self._series_of(run, "hot"):
            with self._database.writing():
                points = self._hot(run, series)
                self._database.execute("DELETE FROM hot WHERE run = ? AND series = ?", (run, series))
                self._insert_packed(run, series, points)

    def consolidate(self, run: int) -> None:
        """Pack, and join the stretches of each curve to a single one, the quickest to read."""
        self.pack(run)
        for series in self._series_of(run, "packed"):
            with self._database.writing():
                stretches = list(self._packed(run, series))
                if len(stretches) < 2:
                    continue
                self._database.execute("DELETE FROM packed WHERE run = ? AND series = ?", (run, series))
                self._insert_packed(run, series, _joined(stretches))

    def truncate_after(self, run: int, step: int) -> None:
        """Forget all points beyond ``step``."""
        with self._database.writing():
            self._database.execute("DELETE FROM hot WHERE run = ? AND step > ?", (run, step))
            rows = self._database.rows(
                "SELECT DISTINCT series FROM packed WHERE run = ? AND last_step > ?", (run, step)
            )
            for series in [row["series"] for row in rows]:
                steps, values, times = _joined(list(self._packed(run, series)))
                kept = int(np.searchsorted(steps, step, side="right"))
                self._database.execute("DELETE FROM packed WHERE run = ? AND series = ?", (run, series))
                self._insert_packed(run, series, (steps[:kept], values[:kept], times[:kept]))
            beyond = self._database.rows("SELECT series FROM curves WHERE run = ? AND last_step > ?", (run, step))
            for row in beyond:
                self.refresh_last(run, row["series"])

    def refresh_last(self, run: int, series: int) -> None:
        """Find a curve's last point anew, or forget the curve where it has none."""
        steps, values, _ = _joined([*self._packed(run, series), self._hot(run, series)])
        self._database.execute("DELETE FROM curves WHERE run = ? AND series = ?", (run, series))
        if len(steps):
            self._database.execute(
                "INSERT INTO curves (run, series, last_step, last_value) VALUES (?, ?, ?, ?)",
                (run, series, int(steps[-1]), float(values[-1])),
            )

    def _series_of(self, run: int, table: str) -> list[int]:
        rows = self._database.rows(f"SELECT DISTINCT series FROM {table} WHERE run = ?", (run,))
        return [row["series"] for row in rows]

    def _find(self, name: str) -> int | None:
        row = self._database.row("SELECT id FROM series WHERE name = ?", (name,))
        return None if row is None else int(row["id"])

    def _series(self, name: str) -> int:
        series = self._find(name)
        if series is None:
            series = int(self._database.execute("INSERT INTO series (name) VALUES (?)", (name,)).lastrowid or 0)
        return series

    def _hot(self, run: int, series: int) -> Points:
        rows = self._database.rows(
            "SELECT step, value, time FROM hot WHERE run = ? AND series = ? ORDER BY step", (run, series)
        )
        if not rows:
            return _joined([])
        steps, values, times = zip(*rows, strict=True)
        return np.array(steps, _STEPS), np.array(values, _FLOATS), np.array(times, _FLOATS)

    def _packed(self, run: int, series: int) -> Iterator[Points]:
        rows = self._database.rows(
            "SELECT first_step, stride, count, steps, points, times FROM packed WHERE run = ? AND series = ? "
            "ORDER BY id",
            (run, series),
        )
        for first, stride, count, packed_steps, points, times in rows:
            if packed_steps is None:
                steps = np.arange(count, dtype=_STEPS) * stride + first
            else:
                steps = np.frombuffer(packed_steps, _STEPS)
            values, seconds = np.frombuffer(points, _FLOATS), np.frombuffer(times, _FLOATS)
            if not len(steps) == len(values) == len(seconds) == count:
                raise StoreError(f"{self._database.path}: a stretch of a curve is shorter than it says")
            yield steps, values, seconds

    def _insert_packed(self, run: int, series: int, points: Points) -> None:
        steps, values, times = points
        if not len(steps):
            return
        stride = int(steps[1] - steps[0]) if len(steps) > 1 else 1
        even = bool(np.all(np.diff(steps) == stride))
        self._database.execute(
            "INSERT INTO packed (run, series, first_step, last_step, stride, count, steps, points, times) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run,
                series,
                int(steps[0]),
                int(steps[-1]),
                stride,
                len(steps),
                None if even else steps.astype(_STEPS, copy=False).tobytes(),
                values.astype(_FLOATS, copy=False).tobytes(),
                times.astype(_FLOATS, copy=False).tobytes(),
            ),
        )


def _joined(stretches: list[Points]) -> Points:
    """One curve of several stretches; where steps repeat, the later stretch holds."""
    filled = [stretch for stretch in stretches if len(stretch[0])]
    if not filled:
        return np.empty(0, _STEPS), np.empty(0, _FLOATS), np.empty(0, _FLOATS)
    if len(filled) == 1:
        return filled[0]
    steps, values, times = (np.concatenate(parts) for parts in zip(*filled, strict=True))
    if np.all(steps[1:] > steps[:-1]):
        return steps, values, times
    order = np.argsort(steps, kind="stable")
    steps = steps[order]
    latest = order[np.append(steps[1:] != steps[:-1], True)]
    return steps[np.append(steps[1:] != steps[:-1], True)], values[latest], times[latest]
