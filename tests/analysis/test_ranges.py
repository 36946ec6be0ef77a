from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metagui.analysis.ranges import full_range, robust_range


def test_that_outliers_leave_the_range_alone_and_are_counted() -> None:
    values = np.append(np.linspace(0.0, 1.0, 997), [1e6, -1e6, 1e9])

    found = robust_range(values)

    assert found is not None
    assert -0.1 < found.low < 0.02
    assert 0.98 < found.high < 1.1
    assert found.off == 3


def test_that_an_ordinary_curve_has_nothing_off() -> None:
    found = robust_range(np.linspace(0.0, 1.0, 1000))

    assert found is not None
    assert found.off == 0


def test_that_the_full_range_holds_every_value() -> None:
    found = full_range([3.0, float("nan"), -1.0, 7.0, float("inf")])

    assert found is not None
    assert found.low < -1.0
    assert found.high > 7.0
    assert found.off == 0


@pytest.mark.parametrize("values", [[], [float("nan")], [float("inf"), float("nan")]])
def test_that_there_is_no_range_without_a_value(values: list[float]) -> None:
    assert robust_range(values) is None
    assert full_range(values) is None


@pytest.mark.parametrize("value", [0.0, 5.0, -5.0, 1e-300, 1e300, 1.7e308])
def test_that_a_constant_lies_within_an_open_range(value: float) -> None:
    for found in (robust_range([value] * 10), full_range([value] * 10)):
        assert found is not None
        assert found.low < value < found.high


@given(st.lists(st.floats(), min_size=1, max_size=100))
def test_that_a_range_is_finite_and_rises_whatever_the_values(values: list[float]) -> None:
    for found in (robust_range(values), full_range(values)):
        if found is not None:
            assert np.isfinite([found.low, found.high]).all()
            assert found.low < found.high
            finite = [value for value in values if np.isfinite(value)]
            assert found.off == sum(not found.low <= value <= found.high for value in finite)
