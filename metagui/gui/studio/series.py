"""What a network did in each inner step, read from an answer and checked. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metagui.events import Column
from metagui.gui.adaptation.content import Floats, MalformedAdaptationError


@dataclass(frozen=True, slots=True)
class Series:
    """Means over the tasks; all [K + 1] with row 0 before adaptation, ``movement`` [K + 1, L].

    ``accuracy`` is None for regression, the pulls where the inner problem is not proximal.
    """

    support_loss: Floats
    query_loss: Floats
    accuracy: Floats | None
    layers: tuple[str, ...]
    movement: Floats
    data_pull: Floats | None
    prior_pull: Floats | None

    @property
    def steps(self) -> int:
        return len(self.query_loss) - 1


def series_of(column: Column) -> Series:
    """Raises MalformedAdaptationError where the arrays do not fit together, or no task could be adapted to."""
    if column.problem or not column.tasks:
        raise MalformedAdaptationError(column.problem or "it could adapt to no task")
    query = mean_by_step([task.query_loss.numpy() for task in column.tasks], "query_loss")
    rows = len(query)
    movement = np.asarray(column.movement.numpy(), dtype=np.float64)
    if movement.shape != (rows, len(column.layers)):
        raise MalformedAdaptationError(
            f"movement: has shape {movement.shape}, it should have {(rows, len(column.layers))}"
        )
    accuracies = [task.query_accuracy.numpy() for task in column.tasks if task.query_accuracy.numpy().size]
    return Series(
        support_loss=mean_by_step([task.support_loss.numpy() for task in column.tasks], "support_loss", rows),
        query_loss=query,
        accuracy=mean_by_step(accuracies, "query_accuracy", rows) if accuracies else None,
        layers=column.layers,
        movement=movement,
        data_pull=_pull(column.data_pull.numpy(), "data_pull", rows),
        prior_pull=_pull(column.prior_pull.numpy(), "prior_pull", rows),
    )


def mean_by_step(arrays: list[Floats], name: str, rows: int | None = None) -> Floats:
    """The mean of arrays of one length, leaving out what is not known (not a number)."""
    rows = len(arrays[0]) if rows is None else rows
    if not rows or any(array.shape != (rows,) for array in arrays):
        raise MalformedAdaptationError(f"{name}: should have {rows} entries, one before and one after each inner step")
    stacked = np.stack([np.asarray(array, dtype=np.float64) for array in arrays])
    known = np.isfinite(stacked)
    counted = known.sum(axis=0)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return np.where(counted > 0, total / np.maximum(counted, 1), np.nan)


def _pull(values: Floats, name: str, rows: int) -> Floats | None:
    if not values.size:
        return None
    if values.shape != (rows,):
        raise MalformedAdaptationError(f"{name}: has shape {values.shape}, it should have {(rows,)}")
    return np.asarray(values, dtype=np.float64)
