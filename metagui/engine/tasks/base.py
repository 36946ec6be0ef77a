"""What a task family is, and how held-out tasks are kept fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from metagui.config.tasks import TaskKind
from metagui.engine.episode import EpisodeBatch, concatenate
from metagui.engine.seeding import generator

Split = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a person is shown of one task besides its examples.

    ``grid`` [G, *input_shape] inputs to draw predictions over, ``truth`` [G] the target there; None where there is
    no such thing (images have neither).
    """

    title: str
    class_names: tuple[str, ...] = ()
    grid: Tensor | None = None
    truth: Tensor | None = None


class TaskFamily(Protocol):
    """A distribution p(T) over tasks, in three disjoint splits where it has classes.

    ``input_shape`` of one example, ``output_size`` of the network: 1 for regression, ``n_way`` for classification.
    A family whose training tasks draw from shared classes may say how many these are (``n_classes``), and give the
    number of each in ``identity["class_number"]``, int64 [T, n_way]; joint pretraining uses it.
    """

    kind: TaskKind
    input_shape: tuple[int, ...]
    output_size: int

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        """Draw tasks: float32 (labels int64) on the CPU, a function of the generator's state alone."""
        ...

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        """How task number ``task`` of a batch is shown."""
        ...


def fixed_tasks(family: TaskFamily, indices: Sequence[int], seed: int, split: Split) -> EpisodeBatch:
    """The held-out tasks with these numbers: the same for every run, step and process."""
    return concatenate([family.sample(1, generator(seed, split, index), split) for index in indices])
