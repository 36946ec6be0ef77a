"""How far each layer of a network has moved in adaptation."""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.engine.models.base import ParameterSpace


class Layers:
    """The layers of a network from input to head: a parameter's name up to its last dot names its layer."""

    def __init__(self, space: ParameterSpace) -> None:
        self._sizes = space.sizes
        owners = [name.rpartition(".")[0] or name for name in space.shapes]
        self.names = tuple(dict.fromkeys(owners))
        self._owner = torch.tensor([self.names.index(owner) for owner in owners])

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
