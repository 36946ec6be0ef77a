"""A small recording over the textbook's own lines, made by hand: two tasks, one inner step each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from metagui.events import Adaptation, Array, Insight, Moment, Recorded, Value
from metagui.walkthroughs.sources import load_source

Make = Callable[..., Recorded]

VALUES = (
    Value(kind="parameters", text="‖·‖ = 2", shape=(10,), dtype="2 tensors, float32", norm=2.0, graph="leaf", heat=0),
    Value(kind="parameters", text="‖·‖ = 3", shape=(10,), dtype="2 tensors, float32", norm=3.0, graph="Sub", heat=1),
    Value(kind="tensor", text="0.25", shape=(), dtype="float32", norm=0.25, low=0.25, high=0.25, graph="MseLoss"),
    Value(kind="number", text="0.01"),
    Value(kind="tensor", text="‖·‖ = 1.5", shape=(4, 2), dtype="float32", norm=1.5, low=-1.0, high=1.0, heat=1),
)
THETA, PHI, LOSS, RATE, OUTPUTS = range(5)


def line_of(file: str, beginning: str) -> int:
    """Where a statement of the textbook stands now."""
    lines = load_source(file).text.splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.strip().startswith(beginning))


def curve(task: int) -> Adaptation:
    grid = Array.of([0.0, 1.0, 2.0])
    return Adaptation(
        task=task,
        kind="regression",
        title=f"wave {task}",
        class_names=(),
        grid=grid,
        truth=grid,
        predictions=Array.of([[0.0, 0.0, 0.0], [0.0, 0.5, 1.0]]),
        support_x=Array.of([0.5]),
        support_y=Array.of([0.5]),
        query_x=Array.of([1.5]),
        query_y=Array.of([1.5]),
        support_loss=Array.of([1.0, 0.5]),
        query_loss=Array.of([2.0, 1.0]),
        query_accuracy=Array.of([0.0][:0]),
    )


def moments(tasks: int, inner_steps: int) -> list[Moment]:
    loop, call = line_of("maml.py", "for task in tasks"), line_of("maml.py", "phi, losses")
    total = line_of("maml.py", "total = total")
    start, outputs = line_of("inner_loop.py", "phi, inner_losses"), line_of("inner_loop.py", "outputs = ")
    update = line_of("inner_loop.py", "phi = {")
    outer: dict[str, Any] = {"file": "maml.py", "function": "outer_loss", "depth": 0}
    inner: dict[str, Any] = {"file": "inner_loop.py", "function": "adapted_parameters", "depth": 1}
    made: list[Moment] = []
    losses: tuple[float, ...] = ()
    base = (("theta", THETA), ("inner_lr", RATE))
    for task in range(tasks):
        outer["losses"] = inner["losses"] = losses
        outer["task"] = inner["task"] = task
        made.append(Moment(line=loop, scope=base, changed=("task",), **outer))
        made.append(Moment(line=call, scope=base, calling=True, **outer))
        made.append(Moment(line=start, scope=(*base, ("phi", THETA)), changed=("phi",), **inner))
        for step in range(inner_steps):
            scope = (*base, ("phi", PHI if step else THETA), ("outputs", OUTPUTS), ("_", RATE))
            made.append(Moment(line=outputs, scope=scope, changed=("outputs",), inner_step=step, memory=900, **inner))
            scope = (*base, ("phi", PHI), ("outputs", OUTPUTS))
            made.append(
                Moment(line=update, scope=scope, changed=("phi",), inner_step=step, picture_step=step + 1, **inner)
            )
        made.append(Moment(line=call, scope=(*base, ("phi", PHI)), changed=("phi",), picture_step=1, **outer))
        losses = (*losses, 1.0 + task)
        outer["losses"] = losses
        made.append(Moment(line=total, scope=(*base, ("total", LOSS)), changed=("total",), picture_step=1, **outer))
    return made


@pytest.fixture
def recording() -> Make:
    """Makes a recording; ``request`` answers that number."""

    def make(request: int = 1, tasks: int = 2, inner_steps: int = 1, **changes: Any) -> Recorded:
        parts: dict[str, Any] = {
            "request": request,
            "walkthrough": "maml",
            "moments": tuple(moments(tasks, inner_steps)),
            "values": VALUES,
            "arrays": (Array.of(np.eye(2, dtype=np.float32)), Array.of(np.array([[-1.0, 1.0]], np.float32))),
            "pictures": tuple(curve(task) for task in range(tasks)),
            "insights": (
                Insight(
                    title="One", text="What it means.", figures=(("a", 2.0), ("b", -1.0)), arrows=(("a", 1.0, 0.5),)
                ),
            ),
            "origin": "fresh random parameters",
            "n_tasks": tasks,
            "inner_steps": inner_steps,
        }
        return Recorded(**{**parts, **changes})

    return make
