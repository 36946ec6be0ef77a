"""Sums over the parameters of each task, in as few passes over memory as can be: rows of [T, P]."""

from __future__ import annotations

import torch
from torch import Tensor


def dot(left: Tensor, right: Tensor) -> Tensor:
    """Inner product of each row, [T]."""
    product: Tensor = torch.linalg.vecdot(left, right, dim=1)
    return product


def squared_norm(rows: Tensor) -> Tensor:
    """Inner product of each row with itself, [T]."""
    norm: Tensor = torch.linalg.vector_norm(rows, dim=1)
    return norm.square_()


def weighted_square(rows: Tensor, weights: float | Tensor) -> Tensor:
    """x' W x of each row with a diagonal W, one number or [P]: [T]."""
    if isinstance(weights, Tensor) and weights.dim():
        return dot(rows, weights * rows)
    return squared_norm(rows) * weights


def added(rows: Tensor, weights: float | Tensor, others: Tensor) -> Tensor:
    """x + W y with a diagonal W, one number or [P], in one pass: [T, P]."""
    if isinstance(weights, Tensor):
        return torch.addcmul(rows, weights, others)
    return torch.add(rows, others, alpha=weights)
