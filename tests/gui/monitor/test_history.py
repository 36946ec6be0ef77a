"""Points arrive in order, gaps are left out, and a resumed run replaces what it replays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from metagui.config import ExperimentConfig
from metagui.events import Metrics
from metagui.gui.monitor.history import RunHistory

Make = Callable[..., Metrics]


def test_that_points_are_kept_across_many_batches(make_metrics: Make) -> None:
    run = RunHistory("r", "run", None, 0)
    for first in range(1, 5001, 50):
        run.add(make_metrics({"outer_loss": np.arange(first, first + 50.0)}, first))
    series = run.series["outer_loss"]
    assert np.array_equal(series.steps, np.arange(1, 5001))
    assert np.array_equal(series.values, np.arange(1.0, 5001.0))


def test_that_nan_means_no_point(make_metrics: Make) -> None:
    run = RunHistory("r", "run", None, 0)
    run.add(make_metrics({"validation_loss": [np.nan, 2.0, np.nan, 4.0]}))
    assert run.series["validation_loss"].steps.tolist() == [2, 4]
    assert run.series["validation_loss"].values.tolist() == [2.0, 4.0]


def test_that_replayed_steps_replace_the_old_ones(make_metrics: Make) -> None:
    run = RunHistory("r", "run", None, 0)
    run.add(make_metrics({"outer_loss": np.full(100, 1.0)}))
    run.add(make_metrics({"outer_loss": np.full(30, 2.0)}, first=41))
    series = run.series["outer_loss"]
    assert np.array_equal(series.steps, np.arange(1, 71))
    assert np.array_equal(series.values, [1.0] * 40 + [2.0] * 30)
    assert series.cuts == 1


def test_that_members_are_sorted_as_numbers(make_metrics: Make) -> None:
    run = RunHistory("r", "run", None, 0)
    run.add(make_metrics({f"inner_loss/{k}": [1.0] for k in (10, 2, 0)}))
    run.add(make_metrics({"inner_loss/99": [np.nan]}))
    assert run.members("inner_loss") == [0, 2, 10]


def test_that_tasks_and_seconds_are_counted_from_the_start(
    make_metrics: Make, regression_config: ExperimentConfig
) -> None:
    run = RunHistory("r", "run", regression_config, 0)
    run.add(make_metrics({"outer_loss": [3.0, 2.0, 1.0]}))
    series = run.series["outer_loss"]
    batch = regression_config.outer.meta_batch_size
    assert run.positions(series, "tasks").tolist() == [batch, 2 * batch, 3 * batch]
    assert np.allclose(run.positions(series, "time"), [0.0, 0.1, 0.2])


def test_that_ways_come_from_the_configuration(
    regression_config: ExperimentConfig, images_config: ExperimentConfig
) -> None:
    assert RunHistory("a", "a", regression_config, 0).n_way is None
    assert RunHistory("b", "b", images_config, 0).n_way == 5
