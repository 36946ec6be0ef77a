from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metagui.analysis.intervals import mean_interval


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_that_the_interval_is_that_of_the_textbook(samples: list[float]) -> None:
    found = mean_interval(samples)

    assert found.n == len(samples)
    assert found.mean == pytest.approx(statistics.fmean(samples), rel=1e-9, abs=1e-6)
    assert found.half_width == pytest.approx(
        1.96 * statistics.stdev(samples) / math.sqrt(len(samples)), rel=1e-6, abs=1e-6
    )


def test_that_curves_are_averaged_point_by_point() -> None:
    seeds = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, np.nan], [5.0, 2.0, np.nan]])

    found = mean_interval(seeds)

    assert np.array_equal(found.mean, [3.0, 2.0, 3.0])
    assert np.array_equal(found.n, [3, 3, 1])
    np.testing.assert_allclose(found.half_width, [1.96 * 2.0 / math.sqrt(3), 0.0, np.nan])


def test_that_any_axis_may_hold_the_samples() -> None:
    samples = np.random.default_rng(0).normal(size=(4, 5, 6))

    for axis in (0, 1, 2, -1):
        found = mean_interval(samples, axis=axis)
        np.testing.assert_allclose(found.mean, samples.mean(axis=axis))
        np.testing.assert_allclose(
            found.half_width, 1.96 * samples.std(axis=axis, ddof=1) / math.sqrt(samples.shape[axis])
        )


def test_that_too_few_samples_have_no_interval() -> None:
    one, none = mean_interval([2.0]), mean_interval([])

    assert (one.mean, one.n) == (2.0, 1)
    assert np.isnan(one.half_width)
    assert none.n == 0
    assert np.isnan(none.mean)
    assert np.isnan(none.half_width)


def test_that_an_infinite_sample_has_no_finite_interval() -> None:
    found = mean_interval([1.0, float("inf")])

    assert found.mean == np.inf
    assert np.isnan(found.half_width)


def test_that_the_interval_covers_the_mean_about_95_times_in_100() -> None:
    samples = np.random.default_rng(0).normal(loc=3.0, size=(600, 2000))

    mean, half_width, _ = mean_interval(samples)

    assert 0.93 < np.mean(np.abs(mean - 3.0) <= half_width) < 0.97
