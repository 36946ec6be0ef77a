"""The tasks that networks are compared on: of the fixed test stream, or a person's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from metagui.config.tasks import TaskKind
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.studio.own_task import MisfitError, examples_of, portrait_of, ways_of
from metagui.engine.tasks.base import Portrait, TaskFamily, fixed_tasks
from metagui.studio import OwnTask

KIND_NAMES: dict[TaskKind, str] = {"regression": "curves", "points": "points in the plane", "images": "pictures"}


@dataclass(frozen=True, slots=True)
class Trial:
    """T tasks for one network, on the CPU: ``ways`` is the number of classes, 0 for regression; ``numbers`` and
    ``portraits`` are what a person is shown of each."""

    kind: TaskKind
    batch: EpisodeBatch
    ways: int
    numbers: tuple[int, ...]
    portraits: tuple[Portrait, ...]


class GivesTrials(Protocol):
    """Tasks that several networks are asked to adapt to."""

    @property
    def held_out(self) -> TaskFamily | None:
        """The family that they are held out by; None for tasks that nobody trains on."""
        ...

    def for_family(self, family: TaskFamily) -> Trial:
        """As a network of this family takes them; raises MisfitError where it cannot."""
        ...


class HeldOut:
    """Tasks of one family's fixed test stream."""

    def __init__(self, family: TaskFamily, indices: Sequence[int], seed: int) -> None:
        self.held_out: TaskFamily | None = family
        batch = fixed_tasks(family, indices, seed, "test")
        portraits = tuple(family.portrait(batch, position) for position in range(len(batch)))
        ways = 0 if family.kind == "regression" else family.output_size
        self._trial = Trial(family.kind, batch, ways, tuple(indices), portraits)

    def for_family(self, family: TaskFamily) -> Trial:
        refuse_other_kind(family, self._trial.kind)
        theirs, ours = family.input_shape, tuple(self._trial.batch.support.inputs.shape[2:])
        if theirs != ours:
            raise MisfitError(f"This network takes {shape_in_words(theirs)}; these tasks have {shape_in_words(ours)}.")
        return self._trial


class Own:
    """A task that a person made."""

    held_out: TaskFamily | None = None

    def __init__(self, task: OwnTask) -> None:
        self._task = task

    def for_family(self, family: TaskFamily) -> Trial:
        refuse_other_kind(family, self._task.kind)
        ways = ways_of(self._task)
        support, query = examples_of(self._task, family.input_shape, ways)
        batch = EpisodeBatch(_alone(support), _alone(query))
        return Trial(self._task.kind, batch, ways, (0,), (portrait_of(self._task, family, batch, ways),))


def refuse_other_kind(family: TaskFamily, kind: TaskKind) -> None:
    """Raises MisfitError where a network of the family learns something else."""
    if family.kind != kind:
        raise MisfitError(
            f"This network was made for {KIND_NAMES[family.kind]}; the task is one of {KIND_NAMES[kind]}."
        )


def shape_in_words(shape: Sequence[int]) -> str:
    """Of one example."""
    if len(shape) == 3:
        colour = {1: "grey", 3: "coloured"}.get(shape[0], f"{shape[0]}-channel")
        return f"{colour} pictures of {shape[2]} x {shape[1]} pixels"
    return "one number" if shape[0] == 1 else f"{shape[0]} numbers"


def _alone(examples: Examples) -> Examples:
    """A batch of one task."""
    return Examples(torch.unsqueeze(examples.inputs, 0), torch.unsqueeze(examples.targets, 0))
