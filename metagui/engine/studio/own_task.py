"""A person's own task as a network takes it, and a sentence where it cannot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.tasks.base import Portrait, TaskFamily
from metagui.engine.tasks.points import square
from metagui.engine.tasks.sinusoid import X_LIMIT, Sinusoid
from metagui.errors import MetaguiError
from metagui.events import Array
from metagui.studio import OwnTask

GRID_POINTS = 200
MOST_EXAMPLES = 2000
MOST_GRID = 10_000


class MisfitError(MetaguiError):
    """Why a network cannot be shown on a task; a whole sentence."""


def ways_of(task: OwnTask) -> int:
    """Number of classes, 0 for regression; raises MisfitError for fewer than two."""
    if task.kind == "regression":
        return 0
    labels = _values(task.support_y, "labels")
    ways = max(len(task.class_names), int(labels.max(initial=-1)) + 1)
    if ways < 2:
        raise MisfitError("A task has at least two classes to tell apart: add another class.")
    return ways


def examples_of(task: OwnTask, input_shape: Sequence[int], ways: int) -> tuple[Examples, Examples]:
    """Support and query without a task dimension, float32, for a network whose examples have ``input_shape``.

    Further columns of a curve are 0, their mean. Raises MisfitError where something is missing or does not fit.
    """
    support = _examples(task, task.support_x, task.support_y, input_shape, "support")
    query = _examples(task, task.query_x, task.query_y, input_shape, "query")
    if not len(support.inputs):
        what = {"regression": "point", "points": "point of each class", "images": "picture of each class"}[task.kind]
        raise MisfitError(f"There is nothing to adapt to yet: add at least one support {what}.")
    if not support.targets.isfinite().all():
        raise MisfitError("Every support point needs a target that is a number.")
    if task.kind != "regression":
        _refuse_labels(task, support.targets, query.targets, ways)
    return support, query


def portrait_of(task: OwnTask, family: TaskFamily, batch: EpisodeBatch, ways: int) -> Portrait:
    """How it is shown: over its own grid, else over a span in which all of its points lie."""
    names = tuple(
        task.class_names[label] if label < len(task.class_names) else f"class {label + 1}" for label in range(ways)
    )
    if task.kind == "images":
        return Portrait(task.title, names)
    if task.kind == "points":
        return Portrait(task.title, names, square())
    along = torch.from_numpy(_values(task.grid, "grid").astype(np.float32)).flatten()
    truth = torch.from_numpy(_values(task.truth, "truth").astype(np.float32)).flatten()
    if len(along) > MOST_GRID:
        raise MisfitError(f"The curve is drawn at {len(along):,} points; at most {MOST_GRID:,} are.")
    known = len(truth) == len(along) > 0
    if not len(along):
        along = _span(family, batch)
    grid = torch.zeros(len(along), family.input_shape[0])
    grid[:, 0] = along
    return Portrait(task.title, grid=grid, truth=truth if known else None)


def _span(family: TaskFamily, batch: EpisodeBatch) -> Tensor:
    """[GRID_POINTS]: where the family lives, widened to what the person has."""
    x = torch.cat([batch.support.inputs[..., 0], batch.query.inputs[..., 0]], dim=1)
    low, high = float(x.min()), float(x.max())
    if isinstance(family, Sinusoid):
        return torch.linspace(min(low, -X_LIMIT), max(high, X_LIMIT), GRID_POINTS)
    margin = 0.1 * (high - low) or 1.0
    return torch.linspace(low - margin, high + margin, GRID_POINTS)


def _examples(task: OwnTask, x: Array, y: Array, input_shape: Sequence[int], which: str) -> Examples:
    inputs, targets = _values(x, f"{which} examples"), _values(y, f"{which} targets")
    count = len(inputs) if inputs.ndim else -1
    if targets.shape != (count,):
        raise MisfitError(f"The {which} set has {count} examples and targets of shape {list(targets.shape)}.")
    if count > MOST_EXAMPLES:
        raise MisfitError(f"The {which} set has {count:,} examples; at most {MOST_EXAMPLES:,} are taken.")
    if count and not np.isfinite(inputs).all():
        raise MisfitError(f"The {which} set holds values that are no numbers.")
    shaped = _shaped(task, torch.from_numpy(inputs.astype(np.float32)), tuple(input_shape), which)
    if task.kind == "regression":
        return Examples(shaped, torch.from_numpy(targets.astype(np.float32)).unsqueeze(-1))
    return Examples(shaped, torch.from_numpy(targets.astype(np.int64)))


def _shaped(task: OwnTask, inputs: Tensor, input_shape: tuple[int, ...], which: str) -> Tensor:
    """[n, *input_shape]."""
    if not len(inputs):
        return inputs.new_zeros(0, *input_shape)
    if task.kind == "regression":
        if inputs.dim() != 1:
            raise MisfitError(f"The {which} points of a curve have one x each, not {list(inputs.shape[1:])}.")
        wide = inputs.new_zeros(len(inputs), *input_shape)
        wide[:, 0] = inputs
        return wide
    if task.kind == "images":
        if inputs.dim() not in (3, 4):
            raise MisfitError(
                f"The {which} pictures have {inputs.dim() - 1} dimensions instead of two, or three in colour."
            )
        inputs = inputs.unsqueeze(1) if inputs.dim() == 3 else inputs.movedim(-1, 1)
    if tuple(inputs.shape[1:]) != input_shape:
        raise MisfitError(_misfit(tuple(inputs.shape[1:]), input_shape))
    return inputs.contiguous()


def _misfit(given: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    if len(given) == len(wanted) == 3:
        colours = {1: "grey", 3: "in colour"}
        return (
            f"This network takes pictures of {wanted[2]} x {wanted[1]} pixels, {colours.get(wanted[0], wanted[0])}; "
            f"these have {given[2]} x {given[1]}, {colours.get(given[0], given[0])}."
        )
    return f"This network takes examples of shape {list(wanted)}; these have {list(given)}."


def _refuse_labels(task: OwnTask, support: Tensor, query: Tensor, ways: int) -> None:
    if int(support.min()) < 0 or (len(query) and (int(query.min()) < -1 or int(query.max()) >= ways)):
        raise MisfitError(f"Labels are numbers from 0 to {ways - 1}; a query that nobody knows has -1.")
    empty = sorted(set(range(ways)) - set(support.tolist()))
    if empty:
        label = empty[0]
        name = task.class_names[label] if label < len(task.class_names) else f"class {label + 1}"
        what = "point" if task.kind == "points" else "picture"
        others = len(empty) - 1
        more = f", nor {'has one more class' if others == 1 else f'have {others} more classes'}" if others else ""
        raise MisfitError(f"{name!r} has no support {what}{more}: add one, or take the class away.")


def _values(values: Array, what: str) -> npt.NDArray[np.generic]:
    try:
        return values.numpy()
    except ValueError as error:
        raise MisfitError(f"The {what} of this task cannot be read: {error}.") from error
