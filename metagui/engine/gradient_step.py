"""One step of gradient descent."""

from __future__ import annotations

import torch
from torch import Tensor

Rate = float | Tensor
"""Step size of one inner step: a number, or a tensor [] or [P]."""


def moved(phi: Tensor, rate: Rate, gradient: Tensor) -> Tensor:
    """phi - rate * gradient of each task, [T, P], in one operation."""
    if isinstance(rate, Tensor):
        return torch.addcmul(phi, rate, gradient, value=-1)
    return torch.sub(phi, gradient, alpha=rate)
