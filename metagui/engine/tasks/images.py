"""What the families of pictures share."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch, Examples


def split_drawings(images: Tensor, k_shot: int, identity: Mapping[str, Tensor]) -> EpisodeBatch:
    """The first ``k_shot`` drawings of each class support, the rest query: images [T, n_way, drawings, C, H, W].

    Examples lie class by class, labelled 0..n_way-1 in the order of the classes.
    """
    return EpisodeBatch(_labelled(images[:, :, :k_shot]), _labelled(images[:, :, k_shot:]), identity)


def _labelled(images: Tensor) -> Examples:
    n_tasks, n_way, shots = images.shape[:3]
    labels = torch.arange(n_way).repeat_interleave(shots).expand(n_tasks, -1).contiguous()
    return Examples(images.flatten(1, 2), labels)
