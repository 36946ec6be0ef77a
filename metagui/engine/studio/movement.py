"""How far each layer of a network has moved in adaptation."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from metagui.engine.models.base import ParameterSpace


class Layers:
    """The layers of a network from input to head: a parameter's name up to its last dot names its layer."""

    def __init__(self, space: ParameterSpace) -> None:
        owners = [name.rpartition(".")[0] or name for name in space.shapes]
        self.names = tuple(dict.fromkeys(owners))
        stretches = itertools.groupby(zip(owners, space.sizes, strict=True), key=lambda pair: pair[0])
        parts = [(self.names.index(owner), sum(size for _, size in pairs)) for owner, pairs in stretches]
        self._owner = torch.tensor([owner for owner, _ in parts])
        self._sizes = [size for _, size in parts]

    def norms(self, vectors: Tensor) -> Tensor:
        """Of each layer's part: [T, P] -> [T, L]."""
        squares = torch.stack([part.square().sum(dim=-1) for part in vectors.split(self._sizes, dim=-1)], dim=-1)
        return squares.new_zeros(*squares.shape[:-1], len(self.names)).index_add_(-1, self._owner, squares).sqrt()

    def relative(self, phi: Tensor, start: Tensor) -> Tensor:
        """‖phi - start‖ / ‖start‖ of each layer, [T, L]; NaN where a layer that was zero has moved, 0 where it has
        not."""
        moved, whole = self.norms(phi - start), self.norms(start)
        share = moved / whole
        return torch.where(moved == 0, 0.0, torch.where(whole == 0, torch.nan, share))
