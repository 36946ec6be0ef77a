"""The task loss: cross-entropy for labels, mean squared error for real targets."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def task_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean loss of one task: outputs [n, o], targets int64 [n] or real [n, o] -> scalar."""
    if not targets.is_floating_point():
        return functional.cross_entropy(outputs, targets)
    return functional.mse_loss(outputs, targets)


def bank_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean loss of each of T tasks: outputs [T, n, o], targets int64 [T, n] or real [T, n, o] -> [T]."""
    if not targets.is_floating_point():
        loss = functional.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction="none")
        return loss.view(targets.shape).mean(dim=1)
    return (outputs - targets).square().mean(dim=(1, 2))


def bank_accuracy(outputs: Tensor, targets: Tensor) -> Tensor:
    """Share of right answers of each task: outputs [T, n, o], int64 targets [T, n] -> [T]."""
    return (outputs.argmax(dim=-1) == targets).to(outputs.dtype).mean(dim=1)
