"""A curve is drawn as its points say: smoothed as analysis smooths, on a true logarithm, from any axis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from metagui.analysis.smoothing import smooth
from metagui.events import Metrics
from metagui.gui.monitor.curve import Curve, Style
from metagui.gui.monitor.history import RunHistory

Make = Callable[..., Metrics]


@pytest.fixture
def run() -> RunHistory:
    return RunHistory("r", "run", None, 0)


def test_that_smoothing_in_batches_equals_analysis_at_once(run: RunHistory, make_metrics: Make) -> None:
    values = np.random.default_rng(0).gamma(2.0, size=500)
    style = Style(weight=0.9)
    run.add(make_metrics({"outer_loss": values[:10]}))
    curve = Curve(run, run.series["outer_loss"], style)
    for first in range(10, 500, 35):
        run.add(make_metrics({"outer_loss": values[first : first + 35]}, first + 1))
        curve.update(style)
    x, y = curve.window(0, 501, 1000, smoothed=True)
    assert np.array_equal(x, np.arange(1, 501))
    assert np.allclose(y, smooth(values, 0.9), rtol=1e-12)


def test_that_smoothing_happens_before_the_logarithm(run: RunHistory, make_metrics: Make) -> None:
    values = np.random.default_rng(1).gamma(2.0, size=100)
    run.add(make_metrics({"outer_loss": values}))
    curve = Curve(run, run.series["outer_loss"], Style(weight=0.8, log=True))
    _, y = curve.window(0, 101, 500, smoothed=True)
    assert np.allclose(y, np.log10(smooth(values, 0.8)))


def test_that_a_logarithmic_scale_leaves_out_and_counts_what_is_not_positive(
    run: RunHistory, make_metrics: Make
) -> None:
    run.add(make_metrics({"outer_loss": [1.0, 0.0, 10.0, -5.0, 100.0, np.inf]}))
    curve = Curve(run, run.series["outer_loss"], Style(log=True))
    x, y = curve.window(0, 7, 100, smoothed=False)
    drawn = ~np.isnan(y)
    assert x[drawn].tolist() == [1, 3, 5]
    assert np.allclose(y[drawn], [0, 1, 2])
    assert curve.masked == 3
    curve.update(Style(log=False))
    assert curve.masked == 1


def test_that_a_resumed_run_leaves_no_zigzag(run: RunHistory, make_metrics: Make) -> None:
    style = Style(weight=0.5)
    run.add(make_metrics({"outer_loss": np.linspace(5, 1, 100)}))
    curve = Curve(run, run.series["outer_loss"], style)
    run.add(make_metrics({"outer_loss": np.full(10, 3.0)}, first=51))
    curve.update(style)
    x, y = curve.window(0, 200, 1000, smoothed=False)
    assert np.array_equal(x, np.arange(1, 61))
    assert np.all(y[50:] == 3.0)


def test_that_heights_are_those_of_the_window(run: RunHistory, make_metrics: Make) -> None:
    values = np.arange(1000.0)
    run.add(make_metrics({"outer_loss": values}))
    curve = Curve(run, run.series["outer_loss"], Style())
    assert curve.heights(0, 2000) == (0.0, 999.0)
    assert curve.heights(101, 200) == (100.0, 199.0)
    assert curve.heights(3000, 4000) is None


def test_that_a_share_of_outliers_is_ignored_and_counted(run: RunHistory, make_metrics: Make) -> None:
    values = np.random.default_rng(2).uniform(1, 2, 1000)
    values[[10, 500]] = 1e6
    run.add(make_metrics({"outer_loss": values}))
    curve = Curve(run, run.series["outer_loss"], Style())
    bounds = curve.heights(0, 1001, share=0.01)
    assert bounds is not None
    assert bounds[1] < 2.5
    assert curve.count_beyond((0, 1001), (0.0, 3.0)) == 2


def test_that_the_nearest_point_tells_value_and_smoothed_value(run: RunHistory, make_metrics: Make) -> None:
    values = np.array([4.0, 2.0, 8.0])
    run.add(make_metrics({"outer_loss": values}))
    curve = Curve(run, run.series["outer_loss"], Style(weight=0.5, log=True))
    sample = curve.nearest(2.4)
    assert sample is not None
    assert (sample.step, sample.value) == (2, 2.0)
    assert sample.smoothed == pytest.approx(smooth(values, 0.5)[1])
    following = curve.neighbour(2.4, 1)
    assert following is not None
    assert following.step == 3
    assert curve.neighbour(2.4, 50) == following


def test_that_points_without_times_are_not_drawn_along_the_time(run: RunHistory) -> None:
    run.load({"outer_loss": ([1, 2, 3], [3.0, 2.0, 1.0])})
    curve = Curve(run, run.series["outer_loss"], Style(axis="time"))
    assert curve.extent is None
    curve.update(Style(axis="steps"))
    assert curve.extent == (1.0, 3.0)
