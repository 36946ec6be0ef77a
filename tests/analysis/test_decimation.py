from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metagui.analysis.decimation import Pyramid

NAN = float("nan")


@st.composite
def curves(draw: st.DrawFn, max_size: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Uneven x with jumps and repetitions; y with gaps; long enough for several levels."""
    size = draw(st.integers(0, max_size))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = random.choice([0.0, 1.0, 1.0, 1.0, 50.0], size=size)
    y = random.normal(size=size) * random.choice([1.0, 1000.0], size=size, p=[0.95, 0.05])
    if draw(st.booleans()):
        y[random.random(size) < draw(st.sampled_from([0.01, 0.5, 1.0]))] = NAN
    if draw(st.booleans()) and size:
        start, end = sorted(random.integers(0, size + 1, size=2))
        y[start:end] = NAN
    return np.cumsum(steps), y


def columns(x: np.ndarray, edges: np.ndarray) -> list[slice]:
    """The points of each pixel column; the last one has both its borders."""
    borders = np.searchsorted(x, edges, side="left")
    borders[-1] = np.searchsorted(x, edges[-1], side="right")
    return [slice(start, end) for start, end in itertools.pairwise(borders)]


@settings(deadline=None, max_examples=200)
@given(
    curve=curves(),
    window=st.tuples(st.floats(-0.2, 1.2), st.floats(0.001, 1.2)),
    pixels=st.integers(1, 60),
)
def test_that_each_pixel_column_shows_its_lowest_and_highest_point(
    curve: tuple[np.ndarray, np.ndarray], window: tuple[float, float], pixels: int
) -> None:
    x, y = curve
    extent = (x[-1] - x[0] if len(x) else 0.0) or 1.0
    x0 = window[0] * extent
    edges = np.linspace(x0, x0 + window[1] * extent, pixels + 1)

    shown_x, shown_y = Pyramid(x, y).view_columns(edges)

    assert np.all(np.diff(shown_x) >= 0)
    assert len(shown_x) <= 2 * pixels + 2
    for mine, theirs in zip(columns(shown_x, edges), columns(x, edges), strict=True):
        seen, true = shown_y[mine], y[theirs]
        assert (len(seen) == 0) == (len(true) == 0)
        if len(true) and np.isnan(true).all():
            assert np.isnan(seen).all()
        elif len(true):
            assert np.nanmin(seen) == np.nanmin(true)
            assert np.nanmax(seen) == np.nanmax(true)


@settings(deadline=None, max_examples=60)
@given(curve=curves(), cuts=st.lists(st.integers(0, 3000), max_size=6).map(sorted))
def test_that_appending_in_chunks_equals_appending_at_once(
    curve: tuple[np.ndarray, np.ndarray], cuts: list[int]
) -> None:
    x, y = curve
    whole, grown = Pyramid(x, y), Pyramid()
    borders = [0, *(min(cut, len(x)) for cut in cuts), len(x)]
    for start, end in itertools.pairwise(borders):
        grown.append(x[start:end], y[start:end])

    assert len(grown) == len(whole) == len(x)
    last = x[-1] if len(x) else 1.0
    for x0, x1, pixels in ((0.0, last, 7), (0.1 * last, 0.8 * last, 40)):
        for mine, theirs in zip(grown.view(x0, x1, pixels), whole.view(x0, x1, pixels), strict=True):
            assert np.array_equal(mine, theirs, equal_nan=True)


@settings(deadline=None, max_examples=60)
@given(curve=curves(), share=st.floats(-0.1, 1.1))
def test_that_a_cut_curve_goes_on_like_a_new_one(curve: tuple[np.ndarray, np.ndarray], share: float) -> None:
    x, y = curve
    cut = share * (x[-1] if len(x) else 1.0)
    pyramid = Pyramid(x, y)
    pyramid.cut_after(cut)
    kept = x <= cut
    assert np.array_equal(pyramid.x, x[kept])
    last = x[kept][-1] if kept.any() else 0.0
    more_x, more_y = last + np.arange(700.0), np.sin(np.arange(700.0))
    pyramid.append(more_x, more_y)
    fresh = Pyramid(np.append(x[kept], more_x), np.append(y[kept], more_y))

    for mine, theirs in zip(pyramid.view(0, last + 700, 20), fresh.view(0, last + 700, 20), strict=True):
        assert np.array_equal(mine, theirs, equal_nan=True)


def test_that_a_zoomed_view_is_the_curve_itself_with_a_neighbour_on_either_side() -> None:
    x = np.arange(10_000.0)
    pyramid = Pyramid(x, np.sin(x))

    shown_x, shown_y = pyramid.view(99.5, 104.5, 800)

    assert np.array_equal(shown_x, np.arange(99.0, 106.0))
    assert np.array_equal(shown_y, np.sin(shown_x))


def test_that_lines_of_a_decimated_view_run_off_its_edges() -> None:
    x = np.arange(10_000.0)

    shown_x, _ = Pyramid(x, np.sin(x)).view(999.5, 8999.5, 100)

    assert shown_x[0] == 999.0
    assert shown_x[-1] == 9000.0


def test_that_extremes_are_drawn_in_the_order_they_came_in() -> None:
    falls_first = np.tile([1.0, -1.0] + [0.0] * 98, 100)

    _, shown = Pyramid(np.arange(10_000.0), falls_first).view(0, 9_999, 100)

    assert np.array_equal(shown, np.tile([1.0, -1.0], 100))


def test_that_one_peak_in_a_million_points_is_seen() -> None:
    y = np.zeros(1_000_000)
    y[654_321] = 1.0

    shown_x, shown_y = Pyramid(np.arange(1_000_000.0), y).view(0, 1e6, 500)

    assert shown_x[np.argmax(shown_y)] == 654_321


def test_that_a_wide_gap_stays_a_gap() -> None:
    y = np.ones(100_000)
    y[40_000:60_000] = NAN

    shown_x, shown_y = Pyramid(np.arange(100_000.0), y).view(0, 100_000, 200)

    gaps = shown_x[np.isnan(shown_y)]
    assert 40_000 <= gaps.min() < 41_000
    assert 59_000 < gaps.max() <= 60_000
    assert np.array_equal(np.isnan(shown_y), (shown_x >= gaps.min()) & (shown_x <= gaps.max()))


def test_that_infinite_values_are_gaps() -> None:
    pyramid = Pyramid([0.0, 1.0, 2.0], [1.0, float("inf"), 2.0])

    assert np.array_equal(pyramid.y, [1.0, NAN, 2.0], equal_nan=True)


def test_that_an_empty_curve_has_an_empty_view() -> None:
    shown_x, shown_y = Pyramid().view(0.0, 1.0, 100)

    assert len(shown_x) == len(shown_y) == 0


@pytest.mark.parametrize("x", [[3.0, 2.0], [1.0, 2.0], [NAN], [3.0, NAN]])
def test_that_x_that_falls_is_refused_and_changes_nothing(x: list[float]) -> None:
    pyramid = Pyramid([0.0, 2.5], [1.0, 2.0])

    with pytest.raises(ValueError, match="never fall"):
        pyramid.append(x, [0.0] * len(x))

    assert np.array_equal(pyramid.x, [0.0, 2.5])


def test_that_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        Pyramid([0.0, 1.0], [1.0])


def test_that_the_points_cannot_be_written_past_the_pyramid() -> None:
    pyramid = Pyramid(np.arange(100.0), np.arange(100.0))

    with pytest.raises(ValueError, match="read-only"):
        pyramid.y[5] = 1e9
    pyramid.append([100.0], [100.0])
    assert pyramid.y[100] == 100.0
