"""What is read from a column before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from metagui.events import Array, Column
from metagui.gui.adaptation.content import MalformedAdaptationError
from metagui.gui.studio.series import mean_by_step, series_of

MakeColumn = Callable[..., Column]


def test_that_losses_are_means_over_tasks_and_pulls_are_there_for_a_proximal_problem(column: MakeColumn) -> None:
    series = series_of(column(tasks=(0, 1), proximal=True))
    assert series.steps == 4
    assert series.query_loss[[0, -1]] == pytest.approx([3.0, 2.0])
    assert series.accuracy is None
    assert series.movement.shape == (5, 3)
    assert series.data_pull is not None
    assert series_of(column()).data_pull is None


def test_that_what_is_not_known_is_left_out_of_a_mean() -> None:
    values = mean_by_step([np.array([1.0, np.nan]), np.array([3.0, np.nan])], "query_loss")
    assert values[0] == 2.0
    assert np.isnan(values[1])


def test_that_a_problem_is_told_as_it_is(column: MakeColumn) -> None:
    with pytest.raises(MalformedAdaptationError, match="Class 2 has no example"):
        series_of(column(problem="Class 2 has no example."))


def test_that_arrays_of_unequal_length_are_refused(column: MakeColumn) -> None:
    wrong = msgspec.structs.replace(column(), movement=Array.of(np.zeros((2, 3))))
    with pytest.raises(MalformedAdaptationError, match="movement"):
        series_of(wrong)
