"""The bank whose derivatives are written out says what autograd says, quantity by quantity."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from metagui.engine.analytic_bank import AnalyticBank
from metagui.engine.bank import Bank
from metagui.engine.banks import bank_of
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.models import MLP, Conv4, ParameterSpace

ACTIVATIONS = ["relu", "tanh", "softplus"]
TARGETS = ["real", "labels"]
HIDDEN = [(7,), (6, 5), (6, 1, 5)]
CASES = list(itertools.product(ACTIVATIONS, TARGETS, HIDDEN, ["own", "shared"]))
TASKS, OUTPUTS = 3, 2


def banks(activation: str, hidden: tuple[int, ...], inputs: int = 4) -> tuple[AnalyticBank, Bank]:
    model = MLP(inputs, hidden, OUTPUTS, activation)
    space = ParameterSpace(model.shapes)
    chosen = bank_of(model, space)
    assert isinstance(chosen, AnalyticBank)
    return chosen, Bank(model, space)


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def make_batch(targets: str, inputs: int = 4) -> EpisodeBatch:
    def examples(n: int, seed: int) -> Examples:
        given = draw(TASKS, n, inputs, seed=seed)
        labels = torch.arange(n).remainder(OUTPUTS).repeat(TASKS, 1)
        return Examples(given, labels if targets == "labels" else draw(TASKS, n, OUTPUTS, seed=seed + 10))

    return EpisodeBatch(examples(5, 2), examples(8, 3))


def starts(size: int) -> dict[str, Tensor]:
    """Parameters of each task's own, and one theta for all, which takes the shared matrix products."""
    return {"own": draw(TASKS, size, seed=4), "shared": draw(size, seed=5).expand(TASKS, -1)}


def same(ours: Tensor, autograds: Tensor) -> None:
    torch.testing.assert_close(ours, autograds, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("activation", "targets", "hidden", "start"), CASES)
def test_that_every_pass_is_autograds(activation: str, targets: str, hidden: tuple[int, ...], start: str) -> None:
    analytic, plain = banks(activation, hidden)
    batch, phi = make_batch(targets), starts(plain.space.size)[start]
    for bank_slope in (analytic.slope(phi, batch.support), analytic.linearize(phi, batch.support)):
        same(bank_slope.losses, plain.slope(phi, batch.support).losses)
        same(bank_slope.gradient, plain.slope(phi, batch.support).gradient)
    same(analytic.final_pass(phi, batch, 3).support_losses, plain.losses(phi, batch.support))
    truth = plain.query_pass(phi, batch)
    for ours in (analytic.query_pass(phi, batch), analytic.final_pass(phi, batch, 3), plain.final_pass(phi, batch, 3)):
        same(ours.losses, truth.losses)
        same(ours.gradient, truth.gradient)
        assert (ours.accuracy is None) == (targets == "real")
        assert ours.accuracy is None or torch.equal(ours.accuracy, truth.accuracy)


@pytest.mark.parametrize("inputs", [1, 4])
@pytest.mark.parametrize(("activation", "targets", "hidden", "start"), CASES)
def test_that_hessian_products_are_autograds(
    activation: str, targets: str, hidden: tuple[int, ...], start: str, inputs: int
) -> None:
    analytic, plain = banks(activation, hidden, inputs)
    support, phi = make_batch(targets, inputs).support, starts(plain.space.size)[start]
    ours, truth = analytic.linearize(phi, support), plain.linearize(phi, support)
    for seed in (6, 7):  # one linearization makes many products
        vectors = draw(*phi.shape, seed=seed)
        same(ours.product(vectors), truth.product(vectors))
    vector = draw(phi.shape[1], seed=8).expand(TASKS, -1)
    product = truth.product(vector)
    same(ours.product(vector, last=True), product)
    same(analytic.linearize(phi, support).summed_product(vector), product.sum(dim=0))
    same(truth.summed_product(vector), product.sum(dim=0))


def test_that_nothing_it_returns_has_a_graph_or_changes_what_it_was_given() -> None:
    analytic, _ = banks("tanh", (6, 5))
    batch, phi = make_batch("real"), starts(analytic.space.size)["own"].requires_grad_()
    before, inputs = phi.detach().clone(), batch.support.inputs.clone()
    at_phi, query = analytic.linearize(phi, batch.support), analytic.query_pass(phi, batch)
    gradient = at_phi.gradient.clone()
    results = [at_phi.losses, at_phi.gradient, at_phi.product(before), query.losses, query.gradient]
    assert not any(result.requires_grad for result in results)
    assert torch.equal(phi, before)
    assert torch.equal(batch.support.inputs, inputs)
    assert torch.equal(at_phi.gradient, gradient)


@pytest.mark.parametrize("last", [False, True])
def test_that_every_task_of_a_query_pass_ends_at_a_boundary_and_can_stop_there(last: bool) -> None:
    class StopError(Exception):
        pass

    seen: list[tuple[str | None, int]] = []

    def boundary(unit: str | None, index: int) -> None:
        seen.append((unit, index))
        if index == 1:
            raise StopError

    analytic, _ = banks("relu", (6,))
    phi, batch = starts(analytic.space.size)["own"], make_batch("real")
    with pytest.raises(StopError):
        analytic.final_pass(phi, batch, 2, boundary) if last else analytic.query_pass(phi, batch, 2, boundary)
    assert seen == [("task", 0), ("task", 1)]


def test_that_other_networks_are_left_to_autograd() -> None:
    class Residual(MLP):
        """A plug-in's own idea of a forward pass."""

    for model in (Conv4(1, 4, 3), Residual(4, (6,), 2)):
        assert type(bank_of(model, ParameterSpace(model.shapes))) is Bank
