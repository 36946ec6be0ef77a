"""Ticks are few, round and inside; their labels lose nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metagui.gui.monitor import ticks


@given(
    st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 12), st.sampled_from(["linear", "percent", "duration"])
)
def test_that_ticks_lie_within_the_range_and_are_not_many(low: float, span: float, count: int, scale: str) -> None:
    found = ticks.positions(low, low + span, count, scale)  # type: ignore[arg-type]
    slack = 1e-6 * (abs(low) + span) + 1e-12
    assert all(low - slack <= tick <= low + span + slack for tick in found)
    assert len(found) <= 2 * count + 2


@given(st.floats(-6, 6), st.floats(0.05, 8), st.integers(3, 8))
def test_that_logarithmic_ticks_are_round_values_in_order(low: float, span: float, count: int) -> None:
    found = ticks.positions(low, low + span, count, "log")
    assert found == sorted(found)
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in found)


def test_that_decades_are_labelled_as_values_not_as_exponents() -> None:
    assert ticks.labels(ticks.positions(-3, 2, 5, "log"), "log") == ["0.001", "0.01", "0.1", "1", "10", "100"]


def test_that_less_than_a_decade_still_has_ticks() -> None:
    assert len(ticks.positions(math.log10(2.1), math.log10(2.9), 4, "log")) >= 3


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_that_an_impossible_range_has_no_ticks(low: float, high: float) -> None:
    assert ticks.positions(low, high, 5, "linear") == []


def test_that_labels_have_the_decimals_their_ticks_need() -> None:
    assert ticks.labels([0.0, 0.25, 0.5], "linear") == ["0.00", "0.25", "0.50"]
    assert ticks.labels([0.0, 0.5, 1.0], "percent") == ["0 %", "50 %", "100 %"]
    assert ticks.labels([0, 90, 3600], "duration") == ["0 s", "1:30", "1:00:00"]
    assert ticks.labels([61.2, 61.4], "duration") == ["61.2 s", "61.4 s"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234.0, "1\u2009234"),
        (-2.5, "−2.5"),
        (0.012345, "0.0123"),
        (1e-5, "10⁻⁵"),
        (2.5e9, "2.5·10⁹"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
    ],
)
def test_that_numbers_are_written_for_people(value: float, text: str) -> None:
    assert ticks.number(value) == text


def test_that_readings_keep_three_digits() -> None:
    assert [ticks.reading(value) for value in (1.4, 0.0120004, 123.456, 0.0)] == ["1.40", "0.0120", "123", "0"]
