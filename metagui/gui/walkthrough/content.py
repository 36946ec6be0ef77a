"""A recording, checked and put into words: what the page shows at each moment. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from metagui.events import Adaptation, Array, Insight, Moment, Recorded, Value
from metagui.gui.adaptation.content import Floats
from metagui.gui.monitor.ticks import reading
from metagui.gui.walkthrough.timeline_ticks import Tick


class MalformedRecordingError(ValueError):
    """A recording whose parts do not fit together; the sentence says which."""


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """``figure`` is its number in short, ``form`` its shape in words, ``graph`` the operation that made it or empty.

    ``heat`` [rows, columns] is the tensor itself or its reduction; None where there is nothing to paint.
    """

    name: str
    figure: str
    form: str
    graph: str
    heat: Floats | None
    tip: str
    plain: bool = False
    """A number or a word that no gradient flows through."""

    @property
    def sentence(self) -> str:
        """For a screen reader."""
        graph = f", carries a graph: {self.graph}" if self.graph else ""
        return f"{self.name}: {', '.join(filter(None, (self.figure, self.form)))}{graph}"


class Content:
    """One recording; raises MalformedRecordingError where its parts do not fit together."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._known: dict[tuple[str, int], Variable] = {}
        self._heat: dict[int, Floats] = {}
        _check(recorded)

    @property
    def walkthrough(self) -> str:
        return self._recorded.walkthrough

    @property
    def moments(self) -> tuple[Moment, ...]:
        return self._recorded.moments

    @property
    def tasks(self) -> int:
        return self._recorded.n_tasks

    @property
    def inner_steps(self) -> int:
        return self._recorded.inner_steps

    @property
    def pictures(self) -> tuple[Adaptation, ...]:
        return self._recorded.pictures

    @property
    def insights(self) -> tuple[Insight, ...]:
        return self._recorded.insights

    @property
    def origin(self) -> str:
        return self._recorded.origin

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The source files whose lines ran, in the order in which they first did."""
        return tuple(dict.fromkeys(moment.file for moment in self.moments))

    @cached_property
    def largest_loss(self) -> float:
        return max((loss for moment in self.moments for loss in moment.losses), default=0.0)

    @cached_property
    def ticks(self) -> tuple[Tick, ...]:
        """The moments as the scrubber shows them."""
        return tuple(Tick(moment.depth, moment.task, moment.memory, self.where(moment)) for moment in self.moments)

    def runs(self, file: str) -> dict[int, int]:
        """How often each line of a file runs; a call and its return are one."""
        counts: dict[int, int] = {}
        for moment in self.moments:
            if moment.file == file:
                counts.setdefault(moment.line, 0)
                counts[moment.line] += not moment.calling
        return {line: max(count, 1) for line, count in counts.items()}

    def variables(self, moment: Moment) -> tuple[Variable, ...]:
        """Everything alive in the function, the newest names last."""
        return tuple(self._variable(name, index) for name, index in moment.scope if name != "_")

    def where(self, moment: Moment) -> str:
        """``maml.py:28, task 2 of 3, inner step 1``."""
        parts = [f"{moment.file}:{moment.line} in {moment.function}"]
        if moment.task >= 0:
            parts.append(f"task {moment.task + 1} of {self.tasks}")
        if moment.inner_step >= 0:
            parts.append(f"inner step {moment.inner_step + 1} of {self.inner_steps}")
        return ", ".join(parts)

    def _variable(self, name: str, index: int) -> Variable:
        if (name, index) not in self._known:
            value = self._recorded.values[index]
            heat = self._heat_of(value.heat)
            self._known[name, index] = Variable(
                name, figure(value), form(value), value.graph, heat, tip(name, value), value.kind in ("number", "text")
            )
        return self._known[name, index]

    def _heat_of(self, index: int) -> Floats | None:
        if index < 0:
            return None
        if index not in self._heat:
            self._heat[index] = np.asarray(self._recorded.arrays[index].numpy(), dtype=np.float64)
        return self._heat[index]


def figure(value: Value) -> str:
    """What stands right of the name: the number, or the norm of a tensor."""
    one_number = value.kind == "tensor" and not value.shape
    if value.norm is None or one_number:
        return value.text
    return f"‖·‖ {reading(value.norm)}"


def form(value: Value) -> str:
    """What stands below the name: ``40 × 1``, ``6 tensors, 1,761 numbers``; empty where there is nothing to add."""
    sides = " × ".join(f"{side:,}" for side in value.shape)
    match value.kind:
        case "tensor":
            return sides or "one number"
        case "parameters":
            return f"{value.dtype.partition(',')[0]}, {sides} numbers" if sides else value.dtype
        case "examples":
            return sides
    return ""


def tip(name: str, value: Value) -> str:
    """Everything that is known of a value, one line each."""
    lines = [name]
    if value.text:
        lines.append(value.text)
    if value.shape:
        lines.append(f"shape {list(value.shape)}{f', {value.dtype}' if value.dtype else ''}")
    if value.norm is not None:
        lines.append(f"norm {reading(value.norm)}")
    if value.low is not None and value.high is not None:
        lines.append(f"from {reading(value.low)} to {reading(value.high)}")
    if value.graph == "leaf":
        lines.append("asks for gradients: they end here (requires_grad)")
    elif value.graph:
        lines.append(f"remembers how it was computed: {value.graph} (grad_fn)")
    elif value.kind in ("tensor", "parameters"):
        lines.append("carries no graph: gradients stop here")
    if value.gradient_norm is not None:
        lines.append(f"its .grad has norm {reading(value.gradient_norm)}")
    return "\n".join(lines)


def _check(recorded: Recorded) -> None:
    if not recorded.moments:
        raise MalformedRecordingError("it holds no lines")
    highest = max((index for moment in recorded.moments for _, index in moment.scope), default=-1)
    if highest >= len(recorded.values):
        raise MalformedRecordingError(f"a line names value {highest} of {len(recorded.values)}")
    for index, value in enumerate(recorded.values):
        if value.heat >= len(recorded.arrays):
            raise MalformedRecordingError(f"value {index} names array {value.heat} of {len(recorded.arrays)}")
    for index, array in enumerate(recorded.arrays):
        _check_heat(index, array)


def _check_heat(index: int, array: Array) -> None:
    try:
        shape = array.numpy().shape
    except ValueError as error:
        raise MalformedRecordingError(f"array {index}: {error}") from error
    if len(shape) != 2 or 0 in shape:
        raise MalformedRecordingError(f"array {index} has shape {list(shape)}, it should be [rows, columns]")
