"""The way back through the inner loop: its mean over the tasks, and what its rates are told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from metagui.engine.bank import Bank
from metagui.engine.banks import bank_of
from metagui.engine.episode import Examples
from metagui.engine.gradient_step import Rate
from metagui.engine.inner_loop import mean_pull_back, pull_back, unroll
from metagui.engine.lean_bank import lean
from metagui.engine.models import MLP, Conv4, ParameterSpace

TASKS = 3
BANKS = ["autograd", "analytic", "lean", "lean-analytic", "convolutions", "lean-convolutions"]
RATES = ["numbers", "tensors", "one for each parameter", "mixed"]


def make_bank(kind: str) -> Bank:
    model = Conv4(1, 3, 2) if "convolutions" in kind else MLP(256, (5, 4), 2, "tanh")
    space = ParameterSpace(model.shapes)
    bank = bank_of(model, space) if "analytic" in kind else Bank(model, space)
    return lean(bank) if "lean" in kind else bank


def draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def rates_of(kind: str, size: int) -> Sequence[Rate]:
    numbers = [0.05, 0.08, 0.03]
    tensors = [torch.tensor(number, dtype=torch.float64) for number in numbers]
    each = [0.05 * draw(size, seed=seed).sigmoid() for seed in range(3)]
    return {
        "numbers": numbers,
        "tensors": tensors,
        "one for each parameter": each,
        "mixed": [numbers[0], tensors[1], each[2]],
    }[kind]


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("kind", BANKS)
def test_that_the_mean_way_back_is_the_mean_of_the_ways_back(kind: str, rates: str) -> None:
    bank = make_bank(kind)
    theta = bank.space.flatten(bank.model.initial_parameters(torch.Generator().manual_seed(1))).double()
    support = Examples(draw(TASKS, 4, 1, 16, 16, seed=2), torch.arange(4).remainder(2).repeat(TASKS, 1))
    towards, given = draw(TASKS, bank.space.size, seed=3), rates_of(rates, bank.space.size)
    told: list[list[tuple[int, Tensor]]] = [[], []]

    def descent():
        return unroll(bank, theta.expand(TASKS, -1), support, given)

    mean = mean_pull_back(descent(), towards, by_rate=lambda k, by: told[0].append((k, by.clone())))
    each = pull_back(descent(), towards, by_rate=lambda k, by: told[1].append((k, by.clone())))

    torch.testing.assert_close(mean, each.mean(dim=0), rtol=1e-10, atol=1e-12)
    assert [k for k, _ in told[0]] == [k for k, _ in told[1]] == [2, 1, 0]
    for (_, one), (_, other) in zip(*told, strict=True):
        assert one.shape == (TASKS, bank.space.size)
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("kind", ["autograd", "analytic", "convolutions"])
def test_that_a_lean_way_back_is_the_same_with_any_rates(kind: str, rates: str) -> None:
    plain = make_bank(kind)
    theta = plain.space.flatten(plain.model.initial_parameters(torch.Generator().manual_seed(1))).double()
    support = Examples(draw(TASKS, 4, 1, 16, 16, seed=2), torch.arange(4).remainder(2).repeat(TASKS, 1))
    towards, given = draw(TASKS, plain.space.size, seed=3), rates_of(rates, plain.space.size)
    results = []
    for bank in (plain, lean(plain)):
        by_rates: list[Tensor] = []
        descent = unroll(bank, theta.expand(TASKS, -1), support, given)
        back = pull_back(descent, towards, by_rate=lambda k, by, told=by_rates: told.append(by.clone()))
        results.append([descent.phi, *descent.losses, back, *by_rates])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)
