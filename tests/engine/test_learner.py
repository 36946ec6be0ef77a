"""The meta-learner as a library."""

from __future__ import annotations

import math

import pytest
import torch

from metagui.engine.learner import MetaLearner
from metagui.engine.models import ChannelsInnermost, ParameterSpace
from metagui.errors import CheckpointError


def test_that_an_sgd_meta_step_follows_the_meta_gradient(small) -> None:
    learner = MetaLearner(small("sinusoid-maml", "outer.name=sgd", "outer.outer_lr=0.1", "outer.momentum=0.0"))
    batch = learner.sample_tasks()
    before = learner.theta.detach().clone()
    gradient = learner.algorithm.meta_gradient(learner.theta, batch).gradient
    learner.meta_step(batch)
    torch.testing.assert_close(learner.theta.detach(), before - 0.1 * gradient)


def test_that_a_clipped_gradient_keeps_its_direction_and_is_no_longer(small) -> None:
    learner = MetaLearner(small("sinusoid-maml", "outer.gradient_clip=0.01"))
    series = learner.meta_step(learner.sample_tasks())
    assert series["gradient_norm"] > 0.01  # the series tells the true norm
    assert float(learner.theta.grad.norm()) == pytest.approx(0.01, rel=1e-5)
    loose = MetaLearner(small("sinusoid-maml", "outer.gradient_clip=1e6"))
    series = loose.meta_step(loose.sample_tasks())
    assert float(loose.theta.grad.norm()) == pytest.approx(float(series["gradient_norm"]), rel=1e-5)


@pytest.mark.parametrize("algorithm", [["maml", "learned_rates=true"], ["meta_sgd"]])
def test_that_learned_rates_begin_at_the_very_number_that_was_chosen(small, algorithm: list[str]) -> None:
    name, *changes = algorithm
    chosen = [f"algorithm.name={name}", *(f"algorithm.{change}" for change in changes), "algorithm.inner_lr=0.1"]
    learner = MetaLearner(small("sinusoid-maml", *chosen, "compute.dtype=float64"))
    (rates,) = learner.learned.values()
    assert float(rates.detach().flatten()[0]) == 0.1  # not float32's 0.1000000015


@pytest.mark.parametrize("algorithm", [["maml", "learned_rates=true"], ["meta_sgd"]])
def test_that_learned_rates_are_clipped_with_the_rest(small, algorithm: list[str]) -> None:
    name, *changes = algorithm
    chosen = [f"algorithm.name={name}", *(f"algorithm.{change}" for change in changes)]
    learner = MetaLearner(small("sinusoid-maml", *chosen, "outer.gradient_clip=0.01"))
    batch = learner.sample_tasks()
    loose = learner.meta_gradient(batch)
    learner.outer_step(loose)
    gradients = [learner.theta.grad, *(value.grad for value in learner.learned.values())]
    whole = torch.cat([gradient.flatten() for gradient in gradients])
    assert float(whole.norm()) == pytest.approx(0.01, rel=1e-5)
    unclipped = torch.cat([loose.gradient, *(gradient.flatten() for gradient in loose.learned.values())])
    assert float(loose.series["gradient_norm"]) == pytest.approx(float(unclipped.norm()), rel=1e-5)
    torch.testing.assert_close(whole / whole.norm(), unclipped / unclipped.norm())


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [1.0, 1.0, 1.0]),
        ("linear", [1.0, 0.5, 0.0]),
        ("cosine", [1.0, 0.5 * (1 + math.cos(math.pi / 2)), 0.0]),
    ],
)
def test_that_the_outer_rate_follows_its_schedule(small, schedule: str, expected: list[float]) -> None:
    learner = MetaLearner(small("sinusoid-maml", f"outer.lr_schedule={schedule}", "outer.outer_lr=1.0", steps=10))
    rates = []
    for step in (0, 5, 10):
        learner.step = step
        rates.append(learner.scheduled_lr())
    assert rates == pytest.approx(expected, abs=1e-12)


def test_that_adaptation_begins_at_theta_and_lowers_the_support_loss(small) -> None:
    learner = MetaLearner(small("sinusoid-imaml"))
    batch = learner.sample_tasks(3)
    path = list(learner.adaptation_path(batch.support, steps=4))
    assert len(path) == 5
    assert torch.equal(path[0], learner.theta.detach().expand(3, -1))
    losses = [learner.bank.losses(phi, batch.support).sum() for phi in path]
    assert losses[-1] < losses[0]


def test_that_the_tasks_of_a_step_depend_on_seed_and_step_alone(small) -> None:
    first, second = MetaLearner(small("points-maml")), MetaLearner(small("points-maml"))
    first.meta_step(first.sample_tasks())
    second.step = 1
    assert torch.equal(first.sample_tasks().query.inputs, second.sample_tasks().query.inputs)
    second.step = 2
    assert not torch.equal(first.sample_tasks().query.inputs, second.sample_tasks().query.inputs)


def test_that_weights_of_another_shape_are_refused_by_name(small) -> None:
    wide = MetaLearner(small("sinusoid-maml", "model.hidden=[50, 50]"))
    with pytest.raises(CheckpointError, match=r"linear0\.weight is \[40, 1\], this one needs \[50, 1\]"):
        wide.load_parameters(MetaLearner(small("sinusoid-maml")).parameters)


@pytest.mark.parametrize(
    "choice",
    [
        ["algorithm.name=meta_sgd"],
        ["algorithm.name=imaml", "algorithm.lambda_shape=element", "algorithm.learn_lambda=true"],
    ],
)
def test_that_what_is_saved_lies_row_by_row_whatever_the_layout_in_memory(small, choice, monkeypatch) -> None:
    """Files of one layout go on in the other: what has a value for each parameter is turned, moments too."""
    config = small("glyphs-maml-5w1s", "model.filters=4", "compute.dtype=float64", *choice)
    assert type(MetaLearner(config).bank.space) is ChannelsInnermost
    with monkeypatch.context() as patch:
        patch.setattr("metagui.engine.learner.space_of", ParameterSpace)
        plain = MetaLearner(config)
        for _ in range(2):
            plain.meta_step(plain.sample_tasks())

    turned = MetaLearner(config)
    turned.load_parameters(plain.parameters)
    turned.load_optimizer_state(plain.optimizer_state())
    turned.step = plain.step
    for learner in (plain, turned):
        learner.meta_step(learner.sample_tasks())

    for mine, theirs in ((turned.parameters, plain.parameters), (turned.optimizer_state(), plain.optimizer_state())):
        assert list(mine) == list(theirs)
        for name, value in theirs.items():
            torch.testing.assert_close(mine[name], value, rtol=1e-6, atol=1e-9)
    assert "exp_avg" in turned.optimizer_state()
    assert not torch.equal(turned.theta, plain.theta)
