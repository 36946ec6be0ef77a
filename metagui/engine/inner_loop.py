"""The inner loop for all tasks of a bank at once, and the way back through it.

Forward, from phi_0 = theta:   phi_{k+1} = phi_k - a_k * grad L(phi_k)
Backward, from v_K, the query gradient at phi_K:   v_k = v_{k+1} - H(phi_k) (a_k * v_{k+1})

with L the support loss, H its Hessian and a_k the rate of step k: one number, or one for each parameter. v_0 is the
meta-gradient of MAML; leaving out H gives the first-order one; and -v_{k+1} * grad L(phi_k) is the gradient by a_k.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from metagui.engine.bank import Bank, Boundary, Linearization, no_boundary
from metagui.engine.episode import Examples
from metagui.engine.gradient_step import Rate, moved


@dataclass(frozen=True, slots=True)
class Descent:
    """Where the inner loop ended, ``phi`` [T, P], and each task's loss before each step, [T] each."""

    phi: Tensor
    losses: list[Tensor]


@dataclass(frozen=True, slots=True)
class UnrolledDescent(Descent):
    """A descent that can be gone back: the linearization at phi_0 .. phi_{K-1} and the rates used there."""

    linearizations: list[Linearization]
    rates: Sequence[Rate]


def descend(
    bank: Bank,
    theta: Tensor,
    support: Examples,
    rates: Sequence[Rate],
    boundary: Boundary = no_boundary,
) -> Descent:
    """One gradient step for each rate from phi = theta [T, P], nothing kept of the way."""
    phi, losses = theta, []
    for k, rate in enumerate(rates):
        slope = bank.slope(phi, support, k)
        phi = moved(phi, rate, slope.gradient)
        losses.append(slope.losses)
        boundary("inner_step", k)
    return Descent(phi, losses)


def unroll(
    bank: Bank,
    theta: Tensor,
    support: Examples,
    rates: Sequence[Rate],
    boundary: Boundary = no_boundary,
    visit: Callable[[Tensor], None] = lambda phi: None,
) -> UnrolledDescent:
    """The same steps, keeping what the way back needs; ``visit`` sees phi after each."""
    phi, linearizations = theta, []
    for k, rate in enumerate(rates):
        if k == 0:
            linearization = bank.linearize(phi, support)
        else:
            linearization = bank.linearize_after(linearization, rates[k - 1], phi, support, k)
        phi = moved(phi, rate, linearization.gradient)
        linearizations.append(linearization)
        visit(phi)
        boundary("inner_step", k)
    return UnrolledDescent(phi, [step.losses for step in linearizations], linearizations, rates)


def pull_back(
    descent: UnrolledDescent,
    query_gradient: Tensor,
    boundary: Boundary = no_boundary,
    *,
    earlier: Callable[[int], Tensor | None] = lambda k: None,
    by_rate: Callable[[int, Tensor], None] | None = None,
    second_order: bool = True,
    down_to: int = 0,
) -> Tensor:
    """From the query gradient at phi_K [T, P] to the meta-gradient of each task at theta, [T, P].

    ``earlier(k)`` may add a query gradient at phi_k, for losses that count earlier steps too (k = 1 .. K - 1).
    ``by_rate`` is told, from the last step to the first, the gradient by a_k for each task and parameter, [T, P].
    With ``down_to`` it goes no further back than to the phi of that step.
    """
    vector = query_gradient
    for k in reversed(range(down_to, len(descent.linearizations))):
        linearization, rate = descent.linearizations[k], descent.rates[k]
        if by_rate is not None:
            by_rate(k, -vector * linearization.gradient)
        if second_order:
            number, directions = directed(rate, vector)
            vector = torch.sub(vector, linearization.product(directions, last=True), alpha=number)
        added = earlier(k)
        if added is not None:
            vector = vector + added
        boundary(None, k)
    return vector


def mean_pull_back(
    descent: UnrolledDescent,
    query_gradient: Tensor,
    boundary: Boundary = no_boundary,
    by_rate: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """The mean over the tasks of :func:`pull_back`, [P]: the last product need not be told task from task."""
    vector = pull_back(descent, query_gradient, boundary, by_rate=by_rate, down_to=1)
    start, rate = descent.linearizations[0], descent.rates[0]
    if by_rate is not None:
        by_rate(0, -vector * start.gradient)
    number, directions = directed(rate, vector)
    summed = torch.sub(vector.sum(dim=0), start.summed_product(directions), alpha=number)
    boundary(None, 0)
    return summed / len(vector)


def directed(rate: Rate, vector: Tensor) -> tuple[float, Tensor]:
    """H (rate * v) as a number times the product of H with the second: one number can wait until after the product."""
    return (1.0, rate * vector) if isinstance(rate, Tensor) else (rate, vector)


def path(bank: Bank, theta: Tensor, support: Examples, rates: Iterator[Rate]) -> Iterator[Tensor]:
    """phi_0, phi_1, ..., each [T, P] and without a graph, from one theta [P] for all tasks, as they come."""
    phi = theta.detach().expand(support.inputs.shape[0], -1)
    yield phi
    for k, rate in enumerate(rates):
        phi = moved(phi, rate, bank.slope(phi, support, k).gradient)
        yield phi


@torch.no_grad()
def final_support_loss(bank: Bank, phi: Tensor, support: Examples, k: int) -> Tensor:
    """Support loss of each task after the last step, [T]."""
    return bank.losses(phi, support, k)
