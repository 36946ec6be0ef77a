"""A bank of tasks: one network, a parameter vector for each task, and what is asked of them.

Three kinds of pass: the *gradient* of each task's support loss, its *linearization* (the gradient, and products with
its Hessian), and the *query pass* that judges adapted parameters. Every algorithm is written in these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.gradient_step import Rate
from metagui.engine.losses import bank_accuracy, bank_loss, task_loss
from metagui.engine.models.base import Model, ParameterSpace
from metagui.engine.models.derivatives import differentiated_once
from metagui.engine.models.normalisation import TRANSDUCTIVE, Normalisation, Normalise
from metagui.events import StepUnit

Boundary = Callable[[StepUnit | None, int], None]
"""Called after every inner step and every task with its number; may block (pause) or raise (stop).

With None instead of a unit it may raise but not block: long work between two boundaries calls it so that a stop need
not wait.
"""


def no_boundary(unit: StepUnit | None, index: int) -> None:
    """Train without stopping anywhere."""


class Slope(Protocol):
    """Support loss [T] of each task at its parameters, and its gradient there [T, P]; neither has a graph."""

    @property
    def losses(self) -> Tensor: ...

    @property
    def gradient(self) -> Tensor: ...


class Linearization(Slope, Protocol):
    """A slope that also knows how it changes: the Hessian of the support loss, as products with vectors."""

    def product(self, vectors: Tensor, last: bool = False) -> Tensor:
        """H v of each task: [T, P] -> [T, P]. After the ``last`` product its memory is given back."""
        ...

    def summed_product(self, vectors: Tensor) -> Tensor:
        """H v summed over the tasks, as the last product: [T, P] -> [P]."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Each task's query loss [T], and accuracy [T] or None where targets are no labels."""

    losses: Tensor
    accuracy: Tensor | None


@dataclass(frozen=True, slots=True)
class QueryPass(Verdict):
    """A verdict with the gradient of each task's query loss at its adapted parameters, [T, P]."""

    gradient: Tensor


@dataclass(frozen=True, slots=True)
class FinalPass(QueryPass):
    """A query pass after the last inner step, with each task's support loss there, [T]."""

    support_losses: Tensor


@dataclass(frozen=True, slots=True)
class PlainSlope:
    """A slope and no more."""

    losses: Tensor
    gradient: Tensor


class GraphLinearization:
    """A slope whose graph is kept, to be differentiated once more by autograd."""

    def __init__(self, phi: Tensor, losses: Tensor) -> None:
        """``losses`` [T] as a function of the leaf ``phi`` [T, P]."""
        self.losses = losses.detach()
        self._phi = phi
        # The tasks are independent: the gradient of the sum is each task's own gradient.
        (self._slope,) = torch.autograd.grad(losses.sum(), phi, create_graph=True)

    @property
    def gradient(self) -> Tensor:
        return self._slope.detach()

    def product(self, vectors: Tensor, last: bool = False) -> Tensor:
        (product,) = torch.autograd.grad(self._slope, self._phi, vectors, retain_graph=not last)
        return product

    def summed_product(self, vectors: Tensor) -> Tensor:
        return self.product(vectors, last=True).sum(dim=0)


@dataclass(frozen=True, slots=True)
class Bank:
    """A model and the flat layout of its parameters, differentiated by autograd.

    ``k`` is the inner step at which a pass is made, for normalisation that differs from step to step.
    """

    model: Model
    space: ParameterSpace
    normalisation: Normalisation = TRANSDUCTIVE
    n_classes: int = 0
    """Classes that the family's training tasks share; 0 where each task has its own."""

    def support_outputs(self, phi: Tensor, support: Examples, k: int = 0) -> Tensor:
        """phi [T, P], inputs [T, n, *] -> [T, n, o]."""
        return self.model.forward_bank(self.space.unflatten(phi), support.inputs, self.normalisation.of_support(k))

    def support_features(self, phi: Tensor, support: Examples, k: int = 0) -> Tensor:
        """What the body makes of them: [T, n, d]."""
        return self.model.features_bank(self.space.unflatten(phi), support.inputs, self.normalisation.of_support(k))

    def query_outputs(self, phi: Tensor, support: Examples, inputs: Tensor, k: int = 0) -> Tensor:
        """phi [T, P], adapted to ``support``; inputs [T, n, *] -> [T, n, o]."""
        parameters = self.space.unflatten(phi)

        def pass_support(normalise: Normalise) -> object:
            return self.model.features_bank(parameters, support.inputs, normalise)

        return self.model.forward_bank(parameters, inputs, self.normalisation.of_query(k, pass_support))

    def losses(self, phi: Tensor, support: Examples, k: int = 0) -> Tensor:
        """Mean support loss of each task, [T]."""
        return bank_loss(self.support_outputs(phi, support, k), support.targets)

    def slope(self, phi: Tensor, support: Examples, k: int = 0) -> Slope:
        """Support losses and their gradients at ``phi`` [T, P]."""
        phi = phi.detach().requires_grad_()
        with differentiated_once():
            losses = self.losses(phi, support, k)
        (gradient,) = torch.autograd.grad(losses.sum(), phi)
        return PlainSlope(losses.detach(), gradient)

    def linearize(self, phi: Tensor, support: Examples, k: int = 0) -> Linearization:
        """Support losses, gradients and Hessian products at ``phi`` [T, P]."""
        phi = phi.detach().requires_grad_()
        return GraphLinearization(phi, self.losses(phi, support, k))

    def linearize_after(
        self, before: Linearization, rate: Rate, phi: Tensor, support: Examples, k: int
    ) -> Linearization:
        """As :meth:`linearize`, at the ``phi`` that a step of ``rate`` led to from where ``before`` is."""
        return self.linearize(phi, support, k)

    @torch.no_grad()
    def judge(self, phi: Tensor, batch: EpisodeBatch, k: int = 0) -> Verdict:
        """Query loss and accuracy of each task, without gradients."""
        query = batch.query
        if self.model.query_task_by_task:
            outputs = torch.stack([self._one_query_outputs(phi[task], batch, task, k) for task in range(len(batch))])
        else:
            outputs = self.query_outputs(phi, batch.support, query.inputs, k)
        return Verdict(bank_loss(outputs, query.targets), accuracy_of(outputs, query))

    def query_pass(self, phi: Tensor, batch: EpisodeBatch, k: int = 0, boundary: Boundary = no_boundary) -> QueryPass:
        """Query losses and their gradients at ``phi`` [T, P], whose graph is not followed; each task ends at a
        boundary."""
        query, tasks = batch.query, range(len(batch))
        if self.model.query_task_by_task:
            parts = []
            for task in tasks:
                parts.append(self._one_query_pass(phi[task], batch, task, k))
                boundary("task", task)
            losses, gradient, outputs = (torch.stack(column) for column in zip(*parts, strict=True))
        else:
            phi = phi.detach().requires_grad_()
            with differentiated_once():
                outputs = self.query_outputs(phi, batch.support, query.inputs, k)
            losses = bank_loss(outputs, query.targets)
            (gradient,) = torch.autograd.grad(losses.sum(), phi)
            for task in tasks:  # computed together: fully connected networks are far faster that way
                boundary("task", task)
        return QueryPass(losses.detach(), accuracy_of(outputs.detach(), query), gradient)

    def final_pass(self, phi: Tensor, batch: EpisodeBatch, k: int, boundary: Boundary = no_boundary) -> FinalPass:
        """The query pass at the ``phi`` [T, P] where the inner loop ended, with the support losses there."""
        query = self.query_pass(phi, batch, k, boundary)
        with torch.no_grad():
            support_losses = self.losses(phi, batch.support, k)
        return FinalPass(query.losses, query.accuracy, query.gradient, support_losses)

    def _one_query_pass(self, phi: Tensor, batch: EpisodeBatch, task: int, k: int) -> tuple[Tensor, Tensor, Tensor]:
        phi = phi.detach().requires_grad_()
        with differentiated_once():
            outputs = self._one_query_outputs(phi, batch, task, k)
        loss = task_loss(outputs, batch.query.targets[task])
        (gradient,) = torch.autograd.grad(loss, phi)
        return loss.detach(), gradient, outputs.detach()

    def _one_query_outputs(self, phi: Tensor, batch: EpisodeBatch, task: int, k: int) -> Tensor:
        parameters = self.space.unflatten(phi)

        def pass_support(normalise: Normalise) -> object:
            return self.model.forward(parameters, batch.support.inputs[task], normalise)

        normalise = self.normalisation.of_query(k, pass_support)
        return self.model.forward(parameters, batch.query.inputs[task], normalise)


def accuracy_of(outputs: Tensor, examples: Examples) -> Tensor | None:
    """Accuracy of each task [T]; None where targets are no labels."""
    return bank_accuracy(outputs, examples.targets) if examples.is_labelled else None
