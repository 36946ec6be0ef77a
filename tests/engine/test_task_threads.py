"""Threads that share a meta-batch: the same numbers, the same boundaries, and none of them left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from metagui.config import ExperimentConfig
from metagui.config import algorithms as config
from metagui.control import Control
from metagui.engine.algorithms import build_algorithm
from metagui.engine.algorithms.base import MetaGradient
from metagui.engine.bank import Boundary, no_boundary
from metagui.engine.banks import bank_of
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.learner import MetaLearner
from metagui.engine.models import Conv4, ParameterSpace
from metagui.engine.parts import joined, part_sizes
from metagui.engine.task_threads import meta_gradient
from metagui.events import Paused, RunEvent, RunStarted, Step, StepUnit

N_WAY, STEPS = 3, 2
MODEL = Conv4(1, 4, N_WAY)
SPACE = ParameterSpace(MODEL.shapes)
ALGORITHMS: dict[str, config.AlgorithmSection] = {
    "maml": config.MAML(inner_lr=0.05, inner_steps=STEPS),
    "fomaml": config.FOMAML(inner_lr=0.05, inner_steps=STEPS),
    "reptile": config.Reptile(inner_lr=0.05, inner_steps=STEPS),
    "imaml": config.IMAML(inner_lr=0.05, inner_steps=STEPS, proximal_lambda=10.0, cg_steps=3),
    "meta_sgd": config.MetaSGD(inner_lr=0.05, inner_steps=STEPS),
}


class StopError(Exception):
    pass


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert not [thread.name for thread in threading.enumerate() if thread.name == "tasks"]


def make_batch(n_tasks: int) -> EpisodeBatch:
    random = torch.Generator().manual_seed(3)

    def examples(n: int) -> Examples:
        inputs = torch.randn(n_tasks, n, 1, 20, 20, generator=random, dtype=torch.float64)
        return Examples(inputs, torch.arange(n).remainder(N_WAY).repeat(n_tasks, 1))

    return EpisodeBatch(examples(3), examples(6))


def compute(name: str, n_tasks: int, threads: int, boundary: Boundary = no_boundary) -> MetaGradient:
    algorithm = build_algorithm(ALGORITHMS[name], bank_of(MODEL, SPACE))
    algorithm.learned = {key: value.double() for key, value in algorithm.initial_learned().items()}
    theta = SPACE.flatten(MODEL.initial_parameters(torch.Generator().manual_seed(4))).double()
    return meta_gradient(algorithm, theta, make_batch(n_tasks), threads=threads, boundary=boundary)


@pytest.mark.parametrize(("n_tasks", "threads"), [(4, 2), (5, 3), (2, 8)])
@pytest.mark.parametrize("name", ALGORITHMS)
def test_that_threads_change_no_number(name: str, n_tasks: int, threads: int) -> None:
    together, alone = compute(name, n_tasks, threads), compute(name, n_tasks, 1)
    torch.testing.assert_close(together.gradient, alone.gradient, rtol=1e-9, atol=1e-12)
    assert list(together.series) == list(alone.series)
    assert list(together.learned) == list(alone.learned)
    for ours, theirs in ((together.series, alone.series), (together.learned, alone.learned)):
        for key, value in ours.items():
            torch.testing.assert_close(value, theirs[key], rtol=1e-8, atol=1e-11)


def test_that_scheduling_changes_no_bit() -> None:
    first, *others = [compute("maml", 5, 2) for _ in range(4)]
    assert all(torch.equal(first.gradient, other.gradient) for other in others)
    assert all(torch.equal(first.series[key], other.series[key]) for other in others for key in first.series)


def test_that_boundaries_come_once_in_the_callers_thread() -> None:
    seen: list[tuple[str | None, int]] = []

    def boundary(unit: str | None, index: int) -> None:
        assert threading.current_thread() is caller
        if unit is not None:
            seen.append((unit, index))

    caller = threading.current_thread()
    compute("maml", 5, 2, boundary)
    assert seen == [("inner_step", k) for k in range(STEPS)] + [("task", task) for task in range(5)]


@pytest.mark.parametrize("unit", ["inner_step", "task", None])
def test_that_a_stop_at_any_boundary_ends_all_threads(unit: str | None) -> None:
    def boundary(at: str | None, index: int) -> None:
        if at == unit:
            raise StopError

    with pytest.raises(StopError):
        compute("maml", 4, 2, boundary)


def test_that_a_failure_in_one_part_ends_the_others() -> None:
    class Failing:
        """Its first part comes to a boundary too many while the second, of one task, breaks."""

        learned: dict[str, Tensor] = {}  # noqa: RUF012

        def meta_gradient(
            self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
        ) -> MetaGradient:
            if len(batch) == 1:
                raise ZeroDivisionError("one task")
            boundary("inner_step", 0)
            boundary("inner_step", 1)
            raise AssertionError("went on alone")

    with pytest.raises(ZeroDivisionError, match="one task"):
        meta_gradient(Failing(), torch.zeros(1), make_batch(3), threads=2)


def test_that_threads_wait_for_each_other_and_for_the_caller_one_boundary_later() -> None:
    class Counting:
        """Counts the boundaries that each of its parts has passed."""

        learned: dict[str, Tensor] = {}  # noqa: RUF012

        def __init__(self) -> None:
            self.passed = {1: 0, 2: 0}
            self.changed = threading.Condition()

        def meta_gradient(
            self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
        ) -> MetaGradient:
            for k in range(4):
                boundary("inner_step", k)
                with self.changed:
                    self.passed[len(batch)] = k + 1
                    self.changed.notify()
            return MetaGradient(theta, {})

    def at_boundary(unit: str | None, index: int) -> None:
        with algorithm.changed:  # both go on meanwhile, though nobody has said so yet
            assert algorithm.changed.wait_for(lambda: set(algorithm.passed.values()) == {index + 1}, timeout=30)
        time.sleep(0.02)  # for a thread that would not wait to be seen
        assert set(algorithm.passed.values()) == {index + 1}
        seen.append(index)

    algorithm, seen = Counting(), list[int]()
    meta_gradient(algorithm, torch.zeros(1), make_batch(3), threads=2, boundary=at_boundary)
    assert seen == [0, 1, 2, 3]


def test_that_the_callers_number_of_threads_is_kept() -> None:
    before = torch.get_num_threads()
    compute("fomaml", 4, 2)
    assert torch.get_num_threads() == before


def test_that_tasks_are_parted_evenly_and_parts_count_by_their_tasks() -> None:
    assert [part_sizes(*case) for case in [(16, 2), (5, 3), (2, 8), (1, 4)]] == [[8, 8], [2, 2, 1], [1, 1], [1]]
    parts = [MetaGradient(torch.tensor([value]), {"loss": torch.tensor(value)}) for value in (1.0, 4.0)]
    whole = joined(parts, [2, 1])
    assert whole.gradient.tolist() == [2.0]
    assert float(whole.series["loss"]) == 2.0


def test_that_only_convolutions_on_several_cpu_threads_are_shared(small: Callable[..., ExperimentConfig]) -> None:
    conv = ["compute.threads=3", "model.filters=4"]
    assert MetaLearner(small("glyphs-maml-5w1s", *conv)).task_threads == 3
    assert MetaLearner(small("sinusoid-maml", "compute.threads=3")).task_threads == 1


@pytest.mark.parametrize("unit", ["inner_step", "task"])
def test_that_training_in_threads_is_the_same_stepped_and_unstepped(
    unit: StepUnit, small: Callable[..., ExperimentConfig], train: Callable[..., Any], tmp_path: Path
) -> None:
    def step_on(event: RunEvent, control: Control) -> None:
        if isinstance(event, RunStarted | Paused):
            control.send(Step(unit=unit))

    quick = small("glyphs-maml-5w1s", "compute.threads=2", "model.filters=4", "task.n_query=1", steps=2)
    unstepped = train(quick, run_dir=tmp_path / "a")
    stepped = train(quick, run_dir=tmp_path / "b", on_event=step_on)
    assert stepped.ended.status == "finished"
    assert stepped.of(Paused)
    assert stepped.series() == unstepped.series()
    for name, value in unstepped.last_weights().items():
        np.testing.assert_array_equal(stepped.last_weights()[name], value)
