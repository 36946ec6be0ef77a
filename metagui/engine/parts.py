"""A meta-batch in parts, and their meta-gradients joined: all that a meta-gradient holds is a mean over tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from metagui.engine.algorithms.base import MetaGradient
from metagui.engine.bank import Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch
from metagui.events import StepUnit


class GivesMetaGradients(Protocol):
    """What an algorithm is asked for a part of a meta-batch."""

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient: ...


class OneByOne:
    """An algorithm that is given one task after another, so that the memory of only one is held at a time."""

    def __init__(self, algorithm: GivesMetaGradients) -> None:
        self._algorithm = algorithm

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        """The algorithm's of the whole batch; every task takes all its inner steps, then it ends."""
        so_far: MetaGradient | None = None
        for task in range(len(batch)):

            def numbered(unit: StepUnit | None, index: int, task: int = task) -> None:
                boundary(unit, task if unit == "task" else index)

            one = self._algorithm.meta_gradient(theta, batch.part(slice(task, task + 1)), step=step, boundary=numbered)
            so_far = one if so_far is None else joined([so_far, one], [task, 1])
        assert so_far is not None, "a meta-batch has tasks"
        return so_far


def part_sizes(tasks: int, parts: int) -> list[int]:
    """How many tasks each part has: as equal as can be, the larger ones first, none empty."""
    parts = max(1, min(tasks, parts))
    return [tasks // parts + (part < tasks % parts) for part in range(parts)]


def joined(parts: Sequence[MetaGradient], sizes: Sequence[int]) -> MetaGradient:
    """The meta-gradient of all tasks, from those of parts with so many tasks each."""
    total = sum(sizes)

    def mean(values: Sequence[Tensor]) -> Tensor:
        return torch.stack([value * (size / total) for size, value in zip(sizes, values, strict=True)]).sum(dim=0)

    def means(named: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
        return {name: mean([values[name] for values in named]) for name in named[0]}

    return MetaGradient(
        mean([part.gradient for part in parts]),
        means([part.series for part in parts]),
        means([part.learned for part in parts]),
    )
