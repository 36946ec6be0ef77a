"""Experiments cut down to the time there is, on a clock of the test's own."""

from __future__ import annotations

import pytest

from metagui.config import ExperimentConfig, load_preset
from metagui.errors import InvalidValueError
from metagui.papers.budget import Pace, parse_budget, plan
from metagui.papers.presets import experiment
from metagui.papers.table import cell_named


class Machine:
    """A machine on which a task of 64 filters takes ``task`` seconds, and which takes two steps to measure it."""

    def __init__(self, task: float) -> None:
        self.task = task
        self.now = 100.0
        self.measured: list[ExperimentConfig] = []

    def clock(self) -> float:
        return self.now

    def measure(self, config: ExperimentConfig) -> Pace:
        self.measured.append(config)
        each = self.task * (getattr(config.model, "filters", 64) / 64) ** 1.4
        step = each * config.outer.meta_batch_size
        self.now += 2 * step
        return Pace(step=step, validation_task=each)

    def duration(self, config: ExperimentConfig) -> float:
        """How long training would take, as the trainer does it."""
        pace = Machine(self.task).measure(config)
        outer = config.outer
        rounds = outer.steps // outer.validation_every + 1
        return outer.steps * pace.step + rounds * outer.validation_tasks * pace.validation_task


@pytest.mark.parametrize(
    ("text", "seconds"), [("10min", 600), ("1h", 3600), ("90s", 90), ("1h30min", 5400), ("2 min", 120), ("1.5H", 5400)]
)
def test_that_times_are_read(text: str, seconds: float) -> None:
    assert parse_budget(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "ten min", "-5min", "5s", "300h", "10min!"])
def test_that_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidValueError, match="--budget"):
        parse_budget(text)


@pytest.mark.parametrize("task", [0.0005, 0.004, 0.02, 0.1])
@pytest.mark.parametrize("seconds", [120.0, 600.0, 3600.0])
@pytest.mark.parametrize("name", ["maml-omniglot-5w1s", "imaml-omniglot-20w5s", "protonet-omniglot-5w1s"])
def test_that_what_is_planned_ends_in_time(name: str, seconds: float, task: float) -> None:
    machine = Machine(task)
    config = experiment(cell_named(name))
    made = plan(config, seconds, machine.measure, machine.clock)
    spent = machine.now - 100.0
    assert spent + machine.duration(made.config) <= seconds
    assert made.config.outer.steps == config.outer.steps or spent + machine.duration(made.config) > 0.5 * seconds
    assert made.seconds <= seconds


def test_that_the_changes_are_all_there_and_only_of_what_makes_it_quicker() -> None:
    machine = Machine(0.02)
    config = experiment(cell_named("maml-omniglot-5w1s"))
    made = plan(config, 600.0, machine.measure, machine.clock)
    old, new = config.to_dict(), made.config.to_dict()
    changed = {f"{s}.{f}" for s, fields in new.items() for f, value in fields.items() if old[s][f] != value}
    assert {change.path for change in made.changes} == changed
    assert changed <= {
        "model.filters",
        "outer.steps",
        "outer.meta_batch_size",
        "outer.lr_schedule",
        "outer.outer_lr",
        "outer.validation_tasks",
        "outer.validation_every",
        "compute.checkpoint_every",
    }
    assert made.config.outer.meta_batch_size < 32
    assert made.config.outer.lr_schedule == "cosine"
    assert made.config.outer.outer_lr == pytest.approx(0.003)
    assert f"{made.config.outer.steps:,} of 60,000 meta-steps" in made.expectation


def test_that_a_larger_meta_batch_is_kept_where_there_is_time_for_it() -> None:
    config = experiment(cell_named("maml-omniglot-5w1s"))
    short, long = (plan(config, s, Machine(0.004).measure, Machine(0.004).clock).config for s in (120.0, 3600.0))
    assert long.outer.meta_batch_size == 32
    assert long.outer.outer_lr == 0.001
    assert long.model == config.model
    assert short.outer.meta_batch_size < 32


def test_that_an_experiment_that_fits_stays_as_it_is() -> None:
    machine = Machine(0.00001)
    config = load_preset("sinusoid-maml").config
    made = plan(config, 600.0, machine.measure, machine.clock)
    assert made.config == config
    assert made.changes == ()
    assert "All 20,000 meta-steps fit" in made.expectation


def test_that_small_networks_keep_their_meta_batch() -> None:
    machine = Machine(0.0002)
    config = experiment(cell_named("maml-sinusoid-10s"))
    made = plan(config, 60.0, machine.measure, machine.clock)
    assert [measured.outer.meta_batch_size for measured in machine.measured] == [25]
    assert made.config.outer.meta_batch_size == 25
    assert made.config.outer.steps < config.outer.steps


def test_that_too_short_a_time_is_refused_with_the_pace() -> None:
    machine = Machine(5.0)
    with pytest.raises(InvalidValueError, match="--budget: is too short: a meta-step takes about"):
        plan(experiment(cell_named("imaml-omniglot-5w1s")), 60.0, machine.measure, machine.clock)
