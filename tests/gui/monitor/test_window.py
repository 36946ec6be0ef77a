"""What is remembered between frames equals what looking at everything again would give."""

from __future__ import annotations

import numpy as np
import pytest

from metagui.gui.monitor.window import WindowedCurve


def _grown(values: np.ndarray, batch: int, low: float, high: float, columns: int) -> WindowedCurve:
    curve = WindowedCurve()
    for first in range(0, len(values), batch):
        part = values[first : first + batch]
        curve.append(np.arange(first, first + len(part), dtype=float), part)
        curve.view(low, high, columns)
    return curve


@pytest.mark.parametrize("batch", [1, 7, 66, 1000])
def test_that_every_peak_stays_while_points_stream_in(batch: int) -> None:
    random = np.random.default_rng(batch)
    values = random.normal(size=6000)
    spikes = random.choice(6000, 40, replace=False)
    values[spikes] = 50.0 + np.arange(40)
    curve = _grown(values, batch, 0, 7000, 300)
    x, y = curve.view(0, 7000, 300)
    best = {int(column): values[part].max() for column, part in _columns(values, 7000, 300)}
    drawn: dict[int, float] = {}
    for place, height in zip(x.tolist(), y.tolist(), strict=True):
        column = int(place // (7000 / 300))
        drawn[column] = max(drawn.get(column, -np.inf), height)
    assert drawn == best
    assert np.all(np.diff(x) > 0)
    assert len(x) <= 2 * 300 + 2


def test_that_points_beyond_the_window_do_not_change_it() -> None:
    values = np.random.default_rng(3).normal(size=4000)
    curve = _grown(values[:2000], 2000, 0, 1000, 100)
    before = curve.view(0, 1000, 100)
    curve.append(np.arange(2000.0, 4000.0), values[2000:])
    after = curve.view(0, 1000, 100)
    assert np.array_equal(before[0], after[0])
    assert np.array_equal(before[1], after[1])


def test_that_points_that_enter_a_window_ahead_are_drawn() -> None:
    values = np.sin(np.arange(3000.0))
    curve = _grown(values, 100, 2000, 4000, 100)
    x, y = curve.view(2000, 4000, 100)
    inside = x >= 2000
    assert y[inside].max() == pytest.approx(values[2000:].max())
    assert x.max() >= 2980


def test_that_many_points_keep_their_highest_and_lowest() -> None:
    values = np.random.default_rng(4).normal(size=300_000)
    values[123_456], values[234_567] = 99.0, -99.0
    curve = WindowedCurve()
    curve.append(np.arange(300_000.0), values)
    x, y = curve.view(0, 300_000, 500)
    assert len(x) <= 1002
    assert x[y.argmax()] == 123_456
    assert x[y.argmin()] == 234_567


def _columns(values: np.ndarray, span: int, columns: int) -> list[tuple[int, slice]]:
    edges = np.linspace(0, span, columns + 1)
    starts = np.searchsorted(np.arange(len(values)), edges)
    return [(i, slice(starts[i], starts[i + 1])) for i in range(columns) if starts[i] < starts[i + 1]]
