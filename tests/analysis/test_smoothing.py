from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metagui.analysis.smoothing import Smoother, smooth

values = st.floats(-1e6, 1e6) | st.just(float("nan")) | st.just(float("inf"))
weights = st.floats(0.0, 0.999)


def by_the_formula(points: list[float], weight: float) -> list[float]:
    """The weighted mean of all finite points so far, the newest weighing most."""
    output, average, weight_sum = [], 0.0, 0.0
    for point in points:
        if not np.isfinite(point):
            output.append(point)
            continue
        average = weight * average + (1 - weight) * point
        weight_sum = weight * weight_sum + (1 - weight)
        output.append(average / weight_sum)
    return output


@settings(deadline=None, max_examples=150)
@given(points=st.lists(values, max_size=200), weight=weights)
def test_that_smoothing_equals_the_formula(points: list[float], weight: float) -> None:
    expected = by_the_formula(points, weight)

    np.testing.assert_allclose(smooth(points, weight), expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.9, 0.999, 0.999999])
@pytest.mark.parametrize("length", [1, 31, 32, 33, 1024, 1025, 5000])
def test_that_smoothing_a_long_curve_equals_the_formula(weight: float, length: int) -> None:
    points = np.random.default_rng(1).normal(size=length)

    np.testing.assert_allclose(smooth(points, weight), by_the_formula(points.tolist(), weight), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("constant", [0.0, 1.0, -3.7, 1e-12, 1e12])
@pytest.mark.parametrize("weight", [0.0, 0.6, 0.99, 0.99999])
def test_that_a_constant_stays_constant(constant: float, weight: float) -> None:
    np.testing.assert_allclose(smooth(np.full(3000, constant), weight), constant, rtol=1e-10)


@settings(deadline=None, max_examples=100)
@given(
    points=st.lists(values, max_size=150), weight=weights, cuts=st.lists(st.integers(0, 150), max_size=5).map(sorted)
)
def test_that_chunks_equal_the_whole(points: list[float], weight: float, cuts: list[int]) -> None:
    smoother = Smoother(weight)
    borders = [0, *(min(cut, len(points)) for cut in cuts), len(points)]
    chunks = [smoother.append(points[start:end]) for start, end in itertools.pairwise(borders)]

    np.testing.assert_allclose(np.concatenate(chunks), smooth(points, weight), rtol=1e-9, atol=1e-6)


def test_that_gaps_leave_the_average_alone() -> None:
    with_gaps = smooth([1.0, float("nan"), 2.0, float("inf"), 3.0], 0.5)
    without = smooth([1.0, 2.0, 3.0], 0.5)

    assert np.array_equal(with_gaps[[0, 2, 4]], without)
    assert np.isnan(with_gaps[1])
    assert with_gaps[3] == np.inf


def test_that_the_input_is_left_alone() -> None:
    points = np.arange(10.0)
    smooth(points, 0.9)

    assert np.array_equal(points, np.arange(10.0))


@pytest.mark.parametrize("weight", [-0.1, 1.0, 2.0, float("nan")])
def test_that_an_impossible_weight_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="at least 0 and less than 1"):
        Smoother(weight)
