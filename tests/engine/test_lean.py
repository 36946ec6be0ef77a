"""Lean memory: the same numbers, one task at a time, and no graph kept of an inner step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from metagui.config import ExperimentConfig, apply_overrides
from metagui.engine.bank import Bank
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.lean_bank import lean
from metagui.engine.learner import MetaLearner
from metagui.engine.live_bytes import LiveBytes
from metagui.engine.models import MLP, ParameterSpace


@pytest.mark.parametrize(
    ("preset", "algorithm"),
    [
        ("sinusoid-maml", "maml"),
        ("sinusoid-maml-plus-plus", "maml"),
        ("sinusoid-meta-sgd", "meta_sgd"),
        ("sinusoid-imaml", "imaml"),
        ("sinusoid-reptile", "reptile"),
        ("points-anil", "anil"),
        ("glyphs-maml-5w1s", "maml"),
        ("glyphs-maml-5w1s", "protonet"),
    ],
)
def test_that_lean_changes_no_number(preset: str, algorithm: str, small: Callable[..., ExperimentConfig]) -> None:
    config = small(preset, "compute.dtype=float64")
    if config.algorithm.name != algorithm:
        config = apply_overrides(config, [f"algorithm.name={algorithm}"])
    if config.model.name == "conv4":
        config = apply_overrides(config, ["model.filters=4"])
    fast = MetaLearner(config)
    slim = MetaLearner(apply_overrides(config, ["compute.memory=lean"]))
    batch = fast.sample_tasks()
    expected, found = fast.meta_gradient(batch), slim.meta_gradient(batch)
    torch.testing.assert_close(found.gradient, expected.gradient, rtol=1e-8, atol=1e-11)
    assert list(found.series) == list(expected.series)
    for ours, theirs in ((found.series, expected.series), (found.learned, expected.learned)):
        for name, value in ours.items():
            torch.testing.assert_close(value, theirs[name], rtol=1e-7, atol=1e-10)


def test_that_every_task_takes_its_inner_steps_and_ends(small: Callable[..., ExperimentConfig]) -> None:
    config = small("sinusoid-maml", "compute.memory=lean", "algorithm.inner_steps=2", "outer.meta_batch_size=3")
    learner, seen = MetaLearner(config), []

    def boundary(unit: str | None, index: int) -> None:
        if unit is not None:
            seen.append((unit, index))

    learner.meta_gradient(learner.sample_tasks(), boundary)
    assert seen == [step for task in range(3) for step in (("inner_step", 0), ("inner_step", 1), ("task", task))]


def test_that_memory_grows_by_the_parameters_of_every_second_step_alone(small: Callable[..., ExperimentConfig]) -> None:
    def peak(memory: str, steps: int) -> int:
        changes = [f"compute.memory={memory}", f"algorithm.inner_steps={steps}", "model.filters=16"]
        learner = MetaLearner(small("glyphs-maml-5w1s", *changes))
        batch = learner.sample_tasks()
        with LiveBytes() as counted:
            learner.meta_gradient(batch)
        return counted.peak

    few, many, parameters = 2, 10, MetaLearner(small("glyphs-maml-5w1s", "model.filters=16")).theta.nbytes
    assert peak("lean", many) - peak("lean", few) <= 0.75 * (many - few) * parameters
    assert peak("fast", many) > 2 * peak("lean", many)


def test_that_a_postponed_linearization_is_the_banks_whatever_is_asked_first() -> None:
    model = MLP(2, (5,), 1, "tanh")
    bank = Bank(model, ParameterSpace(model.shapes))
    random = torch.Generator().manual_seed(1)
    inputs, targets = torch.randn(3, 4, 2, generator=random), torch.randn(3, 4, 1, generator=random)
    phi, vector = torch.randn(2, 3, bank.space.size, generator=random)
    support = EpisodeBatch(Examples(inputs, targets), Examples(inputs, targets)).support
    truth, postponed = bank.linearize(phi, support), lean(bank).linearize(phi, support)
    torch.testing.assert_close(postponed.losses, truth.losses)
    for _ in range(3):  # at once, then computed anew
        torch.testing.assert_close(postponed.gradient, truth.gradient)
    product = truth.product(vector)
    for last in (False, False, True, True):
        torch.testing.assert_close(postponed.product(vector, last), product)
    torch.testing.assert_close(postponed.gradient, truth.gradient)
