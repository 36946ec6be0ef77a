"""Whether a layer still says the same: linear centred kernel alignment of its outputs before and after adaptation."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def linear_cka(before: Tensor, after: Tensor) -> float:
    """Similarity of two descriptions [n, d] and [n, e] of the same n examples, in 0..1.

    Kornblith, Norouzi, Lee, Hinton, "Similarity of Neural Network Representations Revisited", 2019, eq. 4 with linear
    kernels K = X X' of centred X: <K, L> / (|K| |L|); 1 where they differ by a rotation and a scale at most. NaN where
    fewer than two examples, or no differences between them, leave nothing to compare.
    """
    if len(before) < 2:
        return math.nan
    one, other = _kernel(before), _kernel(after)
    norm = float(one.norm() * other.norm())
    return float((one * other).sum()) / norm if norm > 0 else math.nan


def _kernel(outputs: Tensor) -> Tensor:
    """Inner products [n, n] of the centred outputs; outputs of large pictures are too wide for a product the other way
    round."""
    flat = outputs.flatten(1)
    centred = flat - flat.mean(dim=0)
    return (centred @ centred.T).to(torch.float64)
