"""A bank of fully connected networks whose derivatives are written out: autograd's numbers in far fewer operations.

With layers l = 1 .. L, inputs a_0, activation f and the loss as a function of z_L:

    forward     z_l = a_{l-1} W_l^T + b_l                    a_l = f(z_l)
    backward    d_L = loss'                                  e_l = d_{l+1} W_{l+1}         d_l = f'(z_l) * e_l
    gradient    by W_l: d_l^T a_{l-1}                        by b_l: d_l summed over the examples

A product of the Hessian with v is the change of that gradient as the weights move along v: each line above, once more
differentiated (Pearlmutter 1994, "Fast exact multiplication by the Hessian"). V_l and c_l are the parts of v that
belong to W_l and b_l; R marks the change of what follows it:

    forward     Rz_l = a_{l-1} V_l^T + c_l + Ra_{l-1} W_l^T  Ra_l = f'(z_l) * Rz_l
    backward    Rd_L = loss'' Rz_L                           Re_l = d_{l+1} V_{l+1} + Rd_{l+1} W_{l+1}
                                                             Rd_l = f'(z_l) * Re_l + f''(z_l) * Rz_l * e_l
    product     by W_l: Rd_l^T a_{l-1} + d_l^T Ra_{l-1}      by b_l: Rd_l summed over the examples

Every tensor leads with the task dimension T, except weights that all tasks share, as in the first inner step: then
the examples of all tasks are the rows of one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from metagui.engine.bank import Bank, Boundary, Linearization, PlainSlope, QueryPass, Slope, accuracy_of, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.loss_derivatives import loss_at
from metagui.engine.models.base import ParameterSpace
from metagui.engine.models.mlp import MLP
from metagui.engine.models.normalisation import TRANSDUCTIVE, Normalisation


@dataclass(frozen=True, slots=True)
class Layer:
    """Weight [T, o, d], the same turned [T, d, o], and bias [T, 1, o] of each task; or of all, without the T."""

    weight: Tensor
    turned: Tensor
    bias: Tensor

    def __call__(self, inputs: Tensor) -> Tensor:
        """x W^T + b: [T, n, d] -> [T, n, o]."""
        if self.weight.dim() == 2:
            return functional.linear(inputs, self.weight, self.bias)
        if inputs.shape[2] == 1:  # a product of numbers, which matrix products are slow at
            return torch.addcmul(self.bias, inputs, self.turned)
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
        at_phi = Backpropagation(self, phi, support)
        return PlainSlope(at_phi.losses, at_phi.gradient)

    @torch.inference_mode()
    def linearize(self, phi: Tensor, support: Examples, k: int = 0) -> Linearization:
        return AnalyticLinearization(self, phi, support)

    def query_pass(self, phi: Tensor, batch: EpisodeBatch, k: int = 0, boundary: Boundary = no_boundary) -> QueryPass:
        with torch.inference_mode():
            at_phi = Backpropagation(self, phi, batch.query)
        for task in range(len(batch)):
            boundary("task", task)
        return QueryPass(at_phi.losses, accuracy_of(at_phi.outputs, batch.query), at_phi.gradient)

    @torch.inference_mode()
    def losses(self, phi: Tensor, support: Examples, k: int = 0) -> Tensor:
        return loss_at(Propagation(self, phi, support).outputs, support.targets).value

    def layers(self, phi: Tensor) -> list[Layer]:
        """Views of phi [T, P], first layer first; of one task's where all tasks have the same memory.

        Made from the strides at once: to split, reshape and turn each part takes as long as a matrix product.
        """
        phi = phi if phi.stride(1) == 1 else phi.contiguous()
        shared, at = phi.stride(0) == 0, phi.storage_offset()
        tasks, apart = ((), ()) if shared else ((phi.shape[0],), (phi.stride(0),))
        row = () if shared else (1,)
        layers = []
        for outputs, inputs in self.model.weight_shapes:
            weight = phi.as_strided((*tasks, outputs, inputs), (*apart, inputs, 1), at)
            turned = phi.as_strided((*tasks, inputs, outputs), (*apart, 1, inputs), at)
            at += outputs * inputs
            layers.append(Layer(weight, turned, phi.as_strided((*tasks, *row, outputs), (*apart, *row, 1), at)))
            at += outputs
        return layers


class Propagation:
    """The outputs [T, n, o] of each task's network, with all that is met on the way."""

    def __init__(self, bank: AnalyticBank, phi: Tensor, examples: Examples) -> None:
        self.layers = bank.layers(phi)
        self.inputs = [examples.inputs.flatten(start_dim=2)]  # a_0 .. a_{L-1}
        for layer in self.layers[:-1]:
            self.inputs.append(bank.model.activation(layer(self.inputs[-1])))
        self.outputs = self.layers[-1](self.inputs[-1])


class Backpropagation(Propagation):
    """The loss of each task and its gradient [T, P]."""

    def __init__(self, bank: AnalyticBank, phi: Tensor, examples: Examples) -> None:
        super().__init__(bank, phi, examples)
        activation = bank.model.activation
        self.loss = loss_at(self.outputs, examples.targets)
        self.slopes = [activation.slope(hidden) for hidden in self.inputs[1:]]  # f'(z_1) .. f'(z_{L-1})

        self.deltas = [self.loss.gradient]  # in the end d_1 .. d_L
        self.pulled: list[Tensor] = []  # in the end e_1 .. e_{L-1}
        for layer, slope in zip(self.layers[:0:-1], self.slopes[::-1], strict=True):
            self.pulled.insert(0, times(self.deltas[0], layer.weight))
            self.deltas.insert(0, slope * self.pulled[0])
        self.gradient = flattened(
            (outer(delta, given), delta) for delta, given in zip(self.deltas, self.inputs, strict=True)
        )

    @property
    def losses(self) -> Tensor:
        return self.loss.value


class AnalyticLinearization(Backpropagation):
    """Backpropagation, to be differentiated once more in any direction."""

    def __init__(self, bank: AnalyticBank, phi: Tensor, examples: Examples) -> None:
        super().__init__(bank, phi, examples)
        self._bank = bank

    @torch.inference_mode()
    def product(self, vectors: Tensor, last: bool = False) -> Tensor:
        """H v of each task: [T, P] -> [T, P]."""
        bend, directions, depth = self._bank.model.activation.bend, self._bank.layers(vectors), len(self.layers)
        changes = [directions[0](self.inputs[0])]  # in the end Rz_1 .. Rz_L
        moved: list[Tensor] = []  # in the end Ra_1 .. Ra_{L-1}
        for l in range(1, depth):  # noqa: E741 - the equations' name
            moved.append(self.slopes[l - 1] * changes[-1])
            changes.append(times_and(moved[-1], self.layers[l].turned, directions[l](self.inputs[l])))

        bent = [self.loss.curvature(changes[-1])]  # in the end Rd_1 .. Rd_L
        for l in range(depth - 1, 0, -1):  # noqa: E741
            change = times_and(bent[0], self.layers[l].weight, times(self.deltas[l], directions[l].weight))
            change *= self.slopes[l - 1]
            if bend is not None:
                change.addcmul_(bend(self.inputs[l], self.slopes[l - 1]) * changes[l - 1], self.pulled[l - 1])
            bent.insert(0, change)

        first = (outer(bent[0], self.inputs[0]), bent[0])  # Ra_0 = 0: the examples stay where they are
        rest = (
            (outer_and(self.deltas[l], moved[l - 1], outer(bent[l], self.inputs[l])), bent[l])
            for l in range(1, depth)  # noqa: E741
        )
        return flattened([first, *rest])


def times(inputs: Tensor, matrix: Tensor) -> Tensor:
    """[T, n, d] by each task's own [T, d, o], or by one [d, o] for all of them."""
    return inputs @ matrix if matrix.dim() == 2 else torch.bmm(inputs, matrix)


def times_and(inputs: Tensor, matrix: Tensor, others: Tensor) -> Tensor:
    """As :func:`times`, added to ``others`` [T, n, o], which it may overwrite."""
    if matrix.dim() == 2:
        return others.view(-1, others.shape[2]).addmm_(inputs.flatten(0, 1), matrix).view(others.shape)
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
