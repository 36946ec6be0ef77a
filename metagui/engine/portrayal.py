"""A task at every inner step, prepared for the eye: what the network says of it, drawn as adaptation goes on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from metagui.config.tasks import TaskKind
from metagui.engine.bank import Bank
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.losses import bank_accuracy, bank_loss
from metagui.engine.tasks.base import Portrait
from metagui.events import Adaptation, Array

NOTHING = Array.of([0.0][:0])


class Portrayal:
    """One task, given phi_0, phi_1, ... one at a time; nothing of a path is kept but what is shown.

    Queries whose label is -1, or whose target is no number, belong to no loss; where no query is known, loss and
    accuracy are NaN.
    """

    def __init__(self, bank: Bank, kind: TaskKind, portrait: Portrait, batch: EpisodeBatch, number: int) -> None:
        """``batch`` of this one task, on the bank's device; ``number`` is what the person knows it by."""
        self._bank = bank
        self._kind = kind
        self._portrait = portrait
        self._batch = batch
        self._number = number
        inputs = batch.support.inputs
        self._grid = None if portrait.grid is None else portrait.grid.to(inputs).unsqueeze(0)
        self._support_loss: list[Tensor] = []
        self._query_loss: list[Tensor] = []
        self._accuracy: list[Tensor] = []
        self._shown: list[Tensor] = []

    @torch.no_grad()
    def add(self, phi: Tensor, k: int) -> None:
        """The next parameters [1, P], after ``k`` steps."""
        support = self._batch.support
        self._support_loss.append(bank_loss(self._bank.support_outputs(phi, support, k), support.targets))
        outputs = self._outputs(phi, self._batch.query.inputs, k)
        known, targets = known_queries(self._batch.query)
        self._query_loss.append(bank_loss(outputs[:, known], targets))
        if self._kind != "regression":
            self._accuracy.append(bank_accuracy(outputs[:, known], targets))
        self._shown.append(outputs if self._grid is None else self._outputs(phi, self._grid, k))

    def finished(self) -> Adaptation:
        """All that was added."""
        regression, portrait = self._kind == "regression", self._portrait
        shown = torch.cat(self._shown)
        support, query = self._batch.support, self._batch.query
        return Adaptation(
            task=self._number,
            kind=self._kind,
            title=portrait.title,
            class_names=portrait.class_names,
            grid=NOTHING if portrait.grid is None else array(portrait.grid[..., 0] if regression else portrait.grid),
            truth=NOTHING if portrait.truth is None else array(portrait.truth),
            predictions=array(shown.squeeze(-1) if regression else shown.softmax(dim=-1)),
            support_x=_inputs(support.inputs[0], self._kind),
            support_y=_targets(support.targets[0]),
            query_x=_inputs(query.inputs[0], self._kind),
            query_y=_targets(query.targets[0]),
            support_loss=array(torch.cat(self._support_loss)),
            query_loss=array(torch.cat(self._query_loss)),
            query_accuracy=NOTHING if regression else array(torch.cat(self._accuracy)),
        )

    def _outputs(self, phi: Tensor, inputs: Tensor, k: int) -> Tensor:
        """[1, n, *] -> [1, n, o]; a batch norm has nothing to say of no examples."""
        if inputs.shape[1]:
            return self._bank.query_outputs(phi, self._batch.support, inputs, k)
        return phi.new_zeros(1, 0, self._bank.space.shapes[self._bank.model.head[1]].numel())


def known_queries(query: Examples) -> tuple[Tensor, Tensor]:
    """Of a batch of one task, which queries [Q] have a label or target, and those targets, [1, n] or [1, n, 1]."""
    known = query.targets[0] >= 0 if query.is_labelled else query.targets[0, :, 0].isfinite()
    return known, query.targets[:, known]


def portray(
    bank: Bank, kind: TaskKind, portrait: Portrait, batch: EpisodeBatch, path: Sequence[Tensor], number: int
) -> Adaptation:
    """One task at every step of its path, [1, P] each."""
    drawn = Portrayal(bank, kind, portrait, batch, number)
    for k, phi in enumerate(path):
        drawn.add(phi, k)
    return drawn.finished()


def array(values: Tensor) -> Array:
    """For the process border: float32, or int64."""
    values = values.detach().cpu()
    return Array.of((values if values.dtype == torch.int64 else values.float()).numpy())


def _inputs(inputs: Tensor, kind: TaskKind) -> Array:
    if kind == "regression":
        return array(inputs[..., 0])  # curves over several columns are drawn along the first
    if kind == "images":
        # Channels last for whoever draws; a single channel needs no axis of its own.
        pictures = inputs.movedim(1, -1)
        return array(pictures.squeeze(-1) if pictures.shape[-1] == 1 else pictures)
    return array(inputs)


def _targets(targets: Tensor) -> Array:
    return array(targets) if targets.dtype == torch.int64 else array(targets.squeeze(-1))
