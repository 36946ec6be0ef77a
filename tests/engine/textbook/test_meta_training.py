"""Whole meta-steps by the book, on the real sinusoid family: they learn, and the fast engine takes the same ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from metagui.config import parse
from metagui.config.tasks import SinusoidTasks
from metagui.engine import textbook
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.models import MLP, Parameters
from metagui.engine.tasks.base import Split
from metagui.engine.tasks.sinusoid import Sinusoid

MetaStep = Callable[..., float]

META_STEPS: dict[str, MetaStep] = {
    "maml": textbook.maml.meta_step,
    "fomaml": textbook.fomaml.meta_step,
    "reptile": textbook.reptile.meta_step,
    "imaml": partial(textbook.imaml.meta_step, proximal_lambda=2.0, cg_steps=5),
}
OUTER = {"adam": (torch.optim.Adam, 0.01), "sgd": (torch.optim.SGD, 0.1)}


def leaves(parameters: Parameters) -> Parameters:
    return {name: value.detach().clone().requires_grad_() for name, value in parameters.items()}


def held_out_loss(model: MLP, theta: Parameters, batch: EpisodeBatch) -> float:
    return textbook.fomaml.meta_gradient(model, theta, batch, inner_lr=0.02, inner_steps=2).outer_loss.item()


@pytest.mark.parametrize("name", META_STEPS)
def test_that_every_algorithm_learns_to_adapt(name: str) -> None:
    family, model = Sinusoid(SinusoidTasks()), MLP(1, (16, 16), 1, "tanh")
    theta = leaves(model.initial_parameters(torch.Generator().manual_seed(0)))
    held_out = family.sample(20, torch.Generator().manual_seed(1), "test")
    before = held_out_loss(model, theta, held_out)
    optimizer = torch.optim.Adam(theta.values(), lr=0.02)

    def meta_step(tasks: EpisodeBatch) -> float:
        return META_STEPS[name](model, theta, tasks, inner_lr=0.02, inner_steps=2, optimizer=optimizer)

    losses = textbook.meta_train(meta_step, family, 4, 30, torch.Generator().manual_seed(2))
    assert len(losses) == 30
    assert held_out_loss(model, theta, held_out) < 0.9 * before


def test_that_a_new_batch_of_training_tasks_is_drawn_for_every_meta_step() -> None:
    drawn: list[Tensor] = []

    class Watched(Sinusoid):
        def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
            assert split == "train"
            return super().sample(n_tasks, random, split)

    def meta_step(tasks: EpisodeBatch) -> float:
        drawn.append(tasks.identity["phase"])
        return float(len(drawn))

    losses = textbook.meta_train(meta_step, Watched(SinusoidTasks()), 4, 3, torch.Generator().manual_seed(2))
    assert losses == [1.0, 2.0, 3.0]
    assert all(len(phase) == 4 for phase in drawn)
    assert len(torch.cat(drawn).unique()) == 12


@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("name", META_STEPS)
def test_that_the_fast_engine_takes_the_same_meta_steps(name: str, outer: str, tmp_path: Path) -> None:
    optimizer_class, outer_lr = OUTER[outer]
    algorithm = {"name": name, "inner_lr": 0.02, "inner_steps": 2}
    learner = MetaLearner(
        parse(
            {
                "task": {"name": "sinusoid"},
                "model": {"name": "mlp", "hidden": [8, 8], "activation": "tanh"},
                "algorithm": algorithm | ({"proximal_lambda": 2.0, "cg_steps": 5} if name == "imaml" else {}),
                "outer": {"name": outer, "outer_lr": outer_lr, "meta_batch_size": 4, "lr_schedule": "constant"},
                "compute": {"device": "cpu", "dtype": "float64"},
            }
        ),
        datasets=tmp_path,
    )
    theta = leaves(learner.parameters)
    optimizer = optimizer_class(theta.values(), lr=outer_lr)
    for _ in range(3):
        tasks = learner.sample_tasks()
        by_the_book = META_STEPS[name](
            learner.bank.model, theta, tasks, inner_lr=0.02, inner_steps=2, optimizer=optimizer
        )
        series = learner.meta_step(tasks)
        assert series["outer_loss"].item() == pytest.approx(by_the_book, rel=1e-9)
    for key, value in learner.parameters.items():
        torch.testing.assert_close(value, theta[key].detach(), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", META_STEPS)
def test_that_the_order_of_the_parameters_does_not_matter(name: str) -> None:
    family, model = Sinusoid(SinusoidTasks()), MLP(1, (5,), 1, "tanh")
    tasks = family.sample(2, torch.Generator().manual_seed(3))
    theta = leaves(model.initial_parameters(torch.Generator().manual_seed(4)))
    turned = leaves(dict(reversed(theta.items())))
    for parameters in (theta, turned):
        optimizer = torch.optim.SGD(parameters.values(), lr=0.1)
        META_STEPS[name](model, parameters, tasks, inner_lr=0.02, inner_steps=2, optimizer=optimizer)
    for key, value in theta.items():
        torch.testing.assert_close(turned[key], value)
