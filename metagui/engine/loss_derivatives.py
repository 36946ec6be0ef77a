"""The task losses with their derivatives by the network's outputs written out, for a bank of T tasks."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class LossAt(Protocol):
    """Each task's mean loss at given outputs [T, n, o]: ``value`` [T]; its ``gradient`` by the outputs, [T, n, o]."""

    @property
    def value(self) -> Tensor: ...

    @property
    def gradient(self) -> Tensor: ...

    def curvature(self, changes: Tensor) -> Tensor:
        """Second derivative times a change of the outputs: how the gradient changes, [T, n, o] -> [T, n, o]."""
        ...


def loss_at(outputs: Tensor, targets: Tensor) -> LossAt:
    """The loss of :func:`metagui.engine.losses.bank_loss`: targets int64 [T, n] or real [T, n, o]."""
    return SquaredError(outputs, targets) if targets.is_floating_point() else CrossEntropy(outputs, targets)


class SquaredError:
    """mean (z - y)^2, over examples and outputs."""

    def __init__(self, outputs: Tensor, targets: Tensor) -> None:
        self._error = outputs - targets
        self._scale = 2 / (outputs.shape[1] * outputs.shape[2])

    @property
    def value(self) -> Tensor:
        return self._error.square().mean(dim=(1, 2))

    @property
    def gradient(self) -> Tensor:
        return self._error * self._scale

    def curvature(self, changes: Tensor) -> Tensor:
        return changes * self._scale


class CrossEntropy:
    """mean -log p_y, over examples, with p = softmax z: its gradient is (p - onehot y) / n."""

    def __init__(self, outputs: Tensor, labels: Tensor) -> None:
        self._examples = outputs.shape[1]
        self._log_p, self._hot = outputs.log_softmax(dim=2), labels.unsqueeze(2)
        self._p = self._log_p.exp()

    @property
    def value(self) -> Tensor:
        return -self._log_p.gather(2, self._hot).mean(dim=(1, 2))

    @property
    def gradient(self) -> Tensor:
        minus_one = self._p.new_full((), -1.0).expand_as(self._hot)
        return self._p.scatter_add(2, self._hot, minus_one) / self._examples

    def curvature(self, changes: Tensor) -> Tensor:
        weighted = self._p * changes
        return (weighted - self._p * weighted.sum(dim=2, keepdim=True)) / self._examples
