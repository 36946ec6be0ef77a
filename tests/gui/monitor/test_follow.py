"""Axes follow the data at once when they must, and hold still when they can."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from metagui.gui.monitor.follow import follow_heights, follow_positions


@given(st.integers(1, 10**7), st.integers(0, 10**6))
def test_that_all_positions_are_in_view_after_growth(first: int, more: int) -> None:
    held = follow_positions((1.0, float(first)), None)
    low, high = follow_positions((1.0, float(first + more)), held)
    assert low <= 1.0
    assert high >= first + more


def test_that_a_little_growth_does_not_move_the_axis() -> None:
    held = follow_positions((1.0, 1000.0), None)
    assert follow_positions((1.0, 1010.0), held) == held


def test_that_the_axis_shrinks_when_a_long_run_is_taken_away() -> None:
    held = follow_positions((1.0, 100_000.0), None)
    assert follow_positions((1.0, 500.0), held)[1] < 1000


def test_that_a_single_point_has_a_range_around_it() -> None:
    low, high = follow_positions((7.0, 7.0), None)
    assert low <= 7.0 < high
    bottom, top = follow_heights((3.0, 3.0), None)
    assert bottom < 3.0 < top


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_that_heights_are_always_in_view(low: float, span: float, next_low: float, next_span: float) -> None:
    held = follow_heights((low, low + span), None)
    bottom, top = follow_heights((next_low, next_low + next_span), held)
    assert bottom <= next_low
    assert next_low + next_span <= top


def test_that_losses_do_not_float_above_their_floor() -> None:
    bottom, _ = follow_heights((0.01, 4.0), None, floor=0.0)
    assert -0.1 < bottom < 0.0
