"""Principal component analysis: many dimensions drawn in two."""

from __future__ import annotations

import torch
from torch import Tensor


def principal_plane(points: Tensor) -> tuple[Tensor, Tensor]:
    """Points [n, d] on their two principal axes, [n, 2], and each axis' share of the variance, [2].

    From the singular value decomposition of the centred points, X = U S V': coordinates U S, variances S^2. Each axis
    points to where its largest coordinate is, so that the same points are always drawn alike. What is missing, with
    fewer than two dimensions, is 0.
    """
    centred = (points - points.mean(dim=0)).double()
    left, values, _ = torch.linalg.svd(centred, full_matrices=False)
    coordinates = centred.new_zeros(len(points), 2)
    shares = centred.new_zeros(2)
    kept = min(2, len(values))
    coordinates[:, :kept] = left[:, :kept] * values[:kept]
    if kept:
        farthest = coordinates.abs().argmax(dim=0)
        coordinates *= torch.where(coordinates.gather(0, farthest[None]) < 0, -1.0, 1.0)
    variance = values.square()
    if variance.sum() > 0:
        shares[:kept] = variance[:kept] / variance.sum()
    return coordinates, shares
