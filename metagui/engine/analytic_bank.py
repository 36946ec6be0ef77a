"""A bank of fully connected networks whose derivatives are written out: autograd's numbers in far fewer operations.

With layers l = 1 .. L, inputs a_0, activation f and the loss as a function of z_L:

    forward     z_l = a_{l-1} W_l^T + b_l                    a_l = f(z_l)
    backward    d_L = loss'                                  d_l = f'(z_l) * (d_{l+1} W_{l+1})
    gradient    by W_l: d_l^T a_{l-1}                        by b_l: d_l summed over the examples

A product of the Hessian with v is the change of that gradient as the weights move along v: each line above, once more
differentiated (Pearlmutter 1994, "Fast exact multiplication by the Hessian"). V_l and c_l are the parts of v that
belong to W_l and b_l; R marks the change of what follows it:

    forward     Rz_l = a_{l-1} V_l^T + c_l + Ra_{l-1} W_l^T  Ra_l = f'(z_l) * Rz_l
    backward    Rd_L = loss'' Rz_L
                Rd_l = f'(z_l) * (d_{l+1} V_{l+1} + Rd_{l+1} W_{l+1}) + f''(z_l) / f'(z_l) * Rz_l * d_l
    product     by W_l: Rd_l^T a_{l-1} + d_l^T Ra_{l-1}      by b_l: Rd_l summed over the examples

Every tensor leads with the task dimension T, except weights that all tasks share, as in the first inner step: then
the examples of all tasks are the rows of one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from metagui.engine.bank import (
    Bank,
    Boundary,
    FinalPass,
    Linearization,
    PlainSlope,
    QueryPass,
    Slope,
    accuracy_of,
    no_boundary,
)
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.loss_derivatives import loss_at
from metagui.engine.models.base import ParameterSpace
from metagui.engine.models.mlp import MLP, Activation
from metagui.engine.models.normalisation import TRANSDUCTIVE, Normalisation


class Layer(NamedTuple):
    """Each task's W^T [T, d, o] and bias [T, 1, o]; [d, o] and [o] where all tasks have the same."""

    turned: Tensor
    bias: Tensor

    @property
    def weight(self) -> Tensor:
        """W: [T, o, d] or [o, d]."""
        return self.turned.mT

    def __call__(self, inputs: Tensor) -> Tensor:
        """x W^T + b: [T, n, d] -> [T, n, o]."""
        if inputs.shape[2] == 1:  # a product of numbers, which matrix products are slow at
            return torch.addcmul(self.bias, inputs, self.turned)
        if self.turned.dim() == 2:
            return functional.linear(inputs, self.weight, self.bias)
        return torch.baddbmm(self.bias, inputs, self.turned)


@dataclass(frozen=True, slots=True)
class AnalyticBank(Bank):
    """A bank of :class:`MLP`: what Bank asks of autograd is written out here, with the same results.

    They are tensors of torch's inference mode, where a view costs a third: to be read, not to be changed in place.
    """

    model: MLP
    space: ParameterSpace
    normalisation: Normalisation = TRANSDUCTIVE
    n_classes: int = 0

    @torch.inference_mode()
    def slope(self, phi: Tensor, support: Examples, k: int = 0) -> Slope:
        at_phi = Backpropagation(Propagation.of(self, phi, support.inputs), support.targets)
        return PlainSlope(at_phi.losses, at_phi.gradient)

    @torch.inference_mode()
    def linearize(self, phi: Tensor, support: Examples, k: int = 0) -> Linearization:
        return AnalyticLinearization(self, Propagation.of(self, phi, support.inputs), support.targets)

    def query_pass(self, phi: Tensor, batch: EpisodeBatch, k: int = 0, boundary: Boundary = no_boundary) -> QueryPass:
        with torch.inference_mode():
            at_phi = Backpropagation(Propagation.of(self, phi, batch.query.inputs), batch.query.targets)
        for task in range(len(batch)):
            boundary("task", task)
        return QueryPass(at_phi.losses, accuracy_of(at_phi.way.outputs, batch.query), at_phi.gradient)

    def final_pass(self, phi: Tensor, batch: EpisodeBatch, k: int, boundary: Boundary = no_boundary) -> FinalPass:
        """Support and query go forward together."""
        with torch.inference_mode():
            n_support = batch.support.inputs.shape[1]
            both = Propagation.of(self, phi, torch.cat([batch.support.inputs, batch.query.inputs], dim=1))
            support_losses = loss_at(both.outputs[:, :n_support], batch.support.targets).value
            at_phi = Backpropagation(both.from_row(n_support), batch.query.targets)
        for task in range(len(batch)):
            boundary("task", task)
        accuracy = accuracy_of(at_phi.way.outputs, batch.query)
        return FinalPass(at_phi.losses, accuracy, at_phi.gradient, support_losses)

    @torch.inference_mode()
    def losses(self, phi: Tensor, support: Examples, k: int = 0) -> Tensor:
        return loss_at(Propagation.of(self, phi, support.inputs).outputs, support.targets).value

    def layers(self, phi: Tensor) -> list[Layer]:
        """Views of phi [T, P], first layer first; of one task's where all tasks have the same memory.

        Made from the strides at once: to split, reshape and turn each part takes as long as a matrix product.
        """
        phi = phi if phi.stride(1) == 1 else phi.contiguous()
        tasks, apart, start = phi.shape[0], phi.stride(0), phi.storage_offset()
        strides = _layer_strides(self.model.weight_shapes, tasks, apart, start)
        return [Layer(phi.as_strided(*turned), phi.as_strided(*bias)) for turned, bias in strides]


Strides = tuple[tuple[int, ...], tuple[int, ...], int]
"""Size, strides and offset of a view."""


@lru_cache(maxsize=64)
def _layer_strides(
    weight_shapes: tuple[tuple[int, int], ...], tasks: int, apart: int, start: int
) -> list[tuple[Strides, Strides]]:
    """Those of each layer's turned weight and bias in ``tasks`` vectors that lie ``apart``; in one where that is 0."""
    each, leap, row = ((tasks,), (apart,), (1,)) if apart else ((), (), ())
    strides, at = [], start
    for outputs, inputs in weight_shapes:
        turned = ((*each, inputs, outputs), (*leap, 1, inputs), at)
        at += outputs * inputs
        strides.append((turned, ((*each, *row, outputs), (*leap, *row, 1), at)))
        at += outputs
    return strides


@dataclass(frozen=True, slots=True)
class Propagation:
    """The way of examples through each task's network: ``inputs`` of its layers, a_0 .. a_{L-1}, and ``outputs``
    [T, n, o]."""

    activation: Activation
    layers: list[Layer]
    inputs: list[Tensor]
    outputs: Tensor

    @classmethod
    def of(cls, bank: AnalyticBank, phi: Tensor, examples: Tensor) -> Propagation:
        """Of examples [T, n, *] through networks phi [T, P]."""
        activation, layers, inputs = bank.model.activation, bank.layers(phi), [examples.flatten(start_dim=2)]
        for layer in layers[:-1]:
            inputs.append(activation.overwriting(layer(inputs[-1])))
        return cls(activation, layers, inputs, layers[-1](inputs[-1]))

    def from_row(self, first: int) -> Propagation:
        """Without the examples before ``first``."""
        inputs = [given[:, first:] for given in self.inputs]
        return Propagation(self.activation, self.layers, inputs, self.outputs[:, first:])


class Backpropagation:
    """The loss of each task and its gradient [T, P]."""

    def __init__(self, way: Propagation, targets: Tensor) -> None:
        self.way = way
        self.loss = loss_at(way.outputs, targets)
        self.losses = self.loss.value
        self.slopes = [way.activation.slope(hidden) for hidden in way.inputs[1:]]  # f'(z_1) .. f'(z_{L-1})

        self.deltas = [self.loss.gradient]  # in the end d_1 .. d_L
        for layer, slope in zip(way.layers[:0:-1], self.slopes[::-1], strict=True):
            self.deltas.insert(0, times(self.deltas[0], layer.weight).mul_(slope))
        self.gradient = flattened(
            (outer(delta, given), delta) for delta, given in zip(self.deltas, way.inputs, strict=True)
        )


class AnalyticLinearization(Backpropagation):
    """Backpropagation, to be differentiated once more in any direction."""

    def __init__(self, bank: AnalyticBank, way: Propagation, targets: Tensor) -> None:
        super().__init__(way, targets)
        self._bank = bank

    @torch.inference_mode()
    def product(self, vectors: Tensor, last: bool = False) -> Tensor:
        """H v of each task: [T, P] -> [T, P]."""
        moved, bent = self._changes(vectors)
        inputs = self.way.inputs
        first = (outer(bent[0], inputs[0]), bent[0])  # Ra_0 = 0: the examples stay where they are
        rest = (
            (outer_and(self.deltas[l], moved[l - 1], outer(bent[l], inputs[l])), bent[l])
            for l in range(1, len(bent))  # noqa: E741 - the equations' name
        )
        return flattened([first, *rest])

    @torch.inference_mode()
    def summed_product(self, vectors: Tensor) -> Tensor:
        """H v summed over the tasks, [T, P] -> [P]: the examples of all are the rows of one matrix product."""
        moved, bent = self._changes(vectors)
        parts = []
        for l, change in enumerate(map(rows, bent)):  # noqa: E741
            by_weight = change.T @ rows(self.way.inputs[l])
            if l:
                by_weight.addmm_(rows(self.deltas[l]).T, rows(moved[l - 1]))
            parts += [by_weight.view(-1), change.sum(dim=0)]
        return torch.cat(parts)

    def _changes(self, vectors: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Ra_1 .. Ra_{L-1} and Rd_1 .. Rd_L, as the weights move along ``vectors`` [T, P]."""
        layers, activation = self.way.layers, self.way.activation
        directions, depth = self._bank.layers(vectors), len(layers)
        changes = [directions[0](self.way.inputs[0])]  # in the end Rz_1 .. Rz_L
        moved: list[Tensor] = []
        for l in range(1, depth):  # noqa: E741
            moved.append(self.slopes[l - 1] * changes[-1])
            changes.append(times_and(moved[-1], layers[l].turned, directions[l](self.way.inputs[l])))

        bent = [self.loss.curvature(changes[-1])]
        for l in range(depth - 1, 0, -1):  # noqa: E741
            change = times_and(bent[0], layers[l].weight, times(self.deltas[l], directions[l].weight))
            change *= self.slopes[l - 1]
            if activation.bend is not None:
                bend = activation.bend(self.way.inputs[l], self.slopes[l - 1])
                change.addcmul_(bend * changes[l - 1], self.deltas[l - 1])
            bent.insert(0, change)
        return moved, bent


def rows(examples: Tensor) -> Tensor:
    """The examples of all tasks in one matrix: [T, n, d] -> [T n, d]."""
    return examples.flatten(0, 1)


def times(inputs: Tensor, matrix: Tensor) -> Tensor:
    """[T, n, d] by each task's own [T, d, o], or by one [d, o] for all of them."""
    if inputs.shape[2] == 1:
        return inputs * matrix
    return inputs @ matrix if matrix.dim() == 2 else torch.bmm(inputs, matrix)


def times_and(inputs: Tensor, matrix: Tensor, others: Tensor) -> Tensor:
    """As :func:`times`, added to ``others`` [T, n, o], which it may overwrite."""
    if inputs.shape[2] == 1:
        return others.addcmul_(inputs, matrix)
    if matrix.dim() == 2:
        return others.view(-1, others.shape[2]).addmm_(rows(inputs), matrix).view(others.shape)
    return others.baddbmm_(inputs, matrix)


def outer(deltas: Tensor, inputs: Tensor) -> Tensor:
    """d^T a, summed over the examples: [T, n, o], [T, n, d] -> [T, o, d]."""
    if inputs.shape[2] == 1:  # a row times a matrix is faster than a matrix times a column
        return torch.bmm(inputs.transpose(1, 2), deltas).transpose(1, 2)
    return torch.bmm(deltas.transpose(1, 2), inputs)


def outer_and(deltas: Tensor, inputs: Tensor, others: Tensor) -> Tensor:
    """As :func:`outer`, added to ``others`` [T, o, d], which it overwrites."""
    return others.baddbmm_(deltas.transpose(1, 2), inputs)


def flattened(layers: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """Side by side as in ParameterSpace, [T, P]: of each layer the part of W [T, o, d], and what sums up to that of b
    [T, n, o]."""
    return torch.cat([part for by_weight, deltas in layers for part in (by_weight.flatten(1), deltas.sum(dim=1))], 1)
