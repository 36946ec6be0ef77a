"""A task as the engine sees it: a support set to adapt on and a query set to be judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from metagui.engine.host_copy import sent


@dataclass(frozen=True, slots=True)
class Examples:
    """Inputs and their targets: ``inputs`` [(T,) n, *input_shape]; ``targets`` [(T,) n, 1] or int64 labels [(T,) n]."""

    inputs: Tensor
    targets: Tensor

    def to(self, device: torch.device, dtype: torch.dtype) -> Examples:
        """Moved; labels stay int64."""
        return Examples(
            sent(self.inputs, device, dtype), sent(self.targets, device, None if self.is_labelled else dtype)
        )

    def __getitem__(self, tasks: slice) -> Examples:
        """Some of the tasks."""
        return Examples(self.inputs[tasks], self.targets[tasks])

    @property
    def is_labelled(self) -> bool:
        return not self.targets.is_floating_point()


@dataclass(frozen=True, slots=True)
class Episode:
    """One task: ``support`` and ``query`` without a task dimension."""

    support: Examples
    query: Examples


@dataclass(frozen=True, slots=True)
class EpisodeBatch:
    """T tasks at once: every tensor has a leading task dimension T.

    ``identity`` holds what was drawn for each task, [T, ...] (amplitude and phase, class numbers), for whoever
    wants to show the truth.
    """

    support: Examples
    query: Examples
    identity: Mapping[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.support.inputs.shape[0]

    def __getitem__(self, task: int) -> Episode:
        return Episode(
            Examples(self.support.inputs[task], self.support.targets[task]),
            Examples(self.query.inputs[task], self.query.targets[task]),
        )

    def __iter__(self) -> Iterator[Episode]:
        return (self[task] for task in range(len(self)))

    def part(self, tasks: slice) -> EpisodeBatch:
        """Some of the tasks."""
        identity = {name: value[tasks] for name, value in self.identity.items()}
        return EpisodeBatch(self.support[tasks], self.query[tasks], identity)

    def to(self, device: torch.device, dtype: torch.dtype) -> EpisodeBatch:
        return EpisodeBatch(self.support.to(device, dtype), self.query.to(device, dtype), self.identity)


def concatenate(batches: list[EpisodeBatch]) -> EpisodeBatch:
    """Several batches of the same family as one, in order."""

    def join(parts: list[Examples]) -> Examples:
        return Examples(torch.cat([p.inputs for p in parts]), torch.cat([p.targets for p in parts]))

    keys = batches[0].identity.keys()
    identity = {key: torch.cat([batch.identity[key] for batch in batches]) for key in keys}
    return EpisodeBatch(join([b.support for b in batches]), join([b.query for b in batches]), identity)
