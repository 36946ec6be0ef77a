"""The outermost loop, the same for every algorithm: draw a batch of tasks, take a meta-step (slide 2)."""

from __future__ import annotations

from collections.abc import Callable

import torch

from metagui.engine.episode import EpisodeBatch
from metagui.engine.tasks.base import TaskFamily


def meta_train(
    meta_step: Callable[[EpisodeBatch], float],
    family: TaskFamily,
    meta_batch_size: int,
    meta_steps: int,
    random: torch.Generator,
) -> list[float]:
    """Lines 2 and 3 of MAML's algorithm 2 and of iMAML's algorithm 1; returns the outer loss of each meta-step.

    ``meta_step`` is that of an algorithm with all but the tasks filled in; it moves the parameters in place.
    """
    outer_losses = []
    for _ in range(meta_steps):  # maml:2 fomaml:2 reptile:2 imaml:2 while not done do
        tasks = family.sample(meta_batch_size, random)  # maml:3 fomaml:3 reptile:3 imaml:3 T_i ~ p(T)
        outer_losses.append(meta_step(tasks))  # the rest
    return outer_losses
