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


def pick(count: Tensor, wanted: int, random: torch.Generator) -> Tensor:
    """Different numbers below each ``count`` [...], all sets alike likely and in random order: int64 [..., wanted].

    ``count`` is at least ``wanted``. What it costs does not grow with counts beyond some thousand.
    """
    flat = count.flatten()
    picked = torch.empty(len(flat), wanted, dtype=torch.int64)
    few = flat <= max(_SORTED_WHOLE, _SPARE * wanted)
    if few.any():
        keys = torch.rand(int(few.sum()), int(flat[few].max()), generator=random)
        keys[torch.arange(keys.shape[1]) >= flat[few].unsqueeze(1)] = -1
        picked[few] = keys.topk(wanted).indices
    if not few.all():
        picked[~few] = _drawn_anew(flat[~few], wanted, random)
    return picked.view(*count.shape, wanted)


_SORTED_WHOLE = 2048
"""Up to so many, a random key for each is the fastest way."""

_SPARE = 8
"""Counts so many times what is wanted seldom see a number drawn twice."""


def _drawn_anew(count: Tensor, wanted: int, random: torch.Generator) -> Tensor:
    """[n, wanted]: the first different ones of numbers that are drawn with replacement."""
    while True:
        n_drawn = wanted + wanted // 2 + 8
        drawn = (torch.rand(len(count), n_drawn, generator=random, dtype=torch.float64) * count.unsqueeze(1)).long()
        order = drawn.argsort(dim=1, stable=True)
        sorted_ = drawn.gather(1, order)
        repeated = torch.zeros_like(drawn, dtype=torch.bool)
        repeated.scatter_(1, order[:, 1:], sorted_[:, 1:] == sorted_[:, :-1])
        if int((~repeated).sum(dim=1).min()) >= wanted:
            first = repeated.to(torch.int8).argsort(dim=1, stable=True)[:, :wanted]
            return drawn.gather(1, first)


def _labelled(images: Tensor) -> Examples:
    n_tasks, n_way, shots = images.shape[:3]
    labels = torch.arange(n_way).repeat_interleave(shots).expand(n_tasks, -1).contiguous()
    return Examples(images.flatten(1, 2), labels)
