"""Columns of an answer as the engine makes them, and a worker that answers when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from metagui.events import (
    Adaptation,
    Array,
    CheckpointWritten,
    Column,
    Evaluated,
    Inside,
    Network,
    RequestFailed,
    Studied,
)
from metagui.runs.store import RunStore

MakeColumn = Callable[..., Column]


def sine(task: int = 0, steps: int = 4, amplitude: float = 1.0) -> Adaptation:
    """A sine that a flat line grows into."""
    grid = np.linspace(-5, 5, 40)
    truth = amplitude * np.sin(grid)
    x = np.linspace(-4, 4, 5)
    share = np.linspace(0, 1, steps + 1)
    return Adaptation(
        task=task,
        kind="regression",
        title=f"task {task}",
        class_names=(),
        grid=Array.of(grid),
        truth=Array.of(truth),
        predictions=Array.of(share[:, None] * truth),
        support_x=Array.of(x),
        support_y=Array.of(amplitude * np.sin(x)),
        query_x=Array.of(x + 0.5),
        query_y=Array.of(amplitude * np.sin(x + 0.5)),
        support_loss=Array.of(2.0 - 1.5 * share),
        query_loss=Array.of(3.0 - share),
        query_accuracy=Array.of(np.zeros(0)),
    )


@pytest.fixture
def column() -> MakeColumn:
    """One network's column; ``proximal`` gives it the two pulls."""

    def make(
        title: str = "MAML",
        steps: int = 4,
        tasks: tuple[int, ...] = (0,),
        amplitude: float = 1.0,
        proximal: bool = False,
        problem: str = "",
        step: int = 100,
    ) -> Column:
        shown = () if problem else tuple(sine(task, steps, amplitude) for task in tasks)
        rows = np.linspace(0, 1, steps + 1)
        pull = Array.of(rows if proximal else np.zeros(0))
        return Column(
            title=title,
            step=step,
            inner_lr=0.01,
            proximal_lambda=1.0 if proximal else None,
            tasks=shown,
            layers=("linear0", "linear1", "head"),
            movement=Array.of(np.outer(rows, [0.1, 0.2, 0.4]).astype(np.float32)),
            data_pull=pull,
            prior_pull=pull,
            problem=problem,
        )

    return make


@pytest.fixture
def inside() -> Callable[..., Inside]:
    """A look inside two tasks of three classes, K = ``steps``."""

    def make(steps: int = 4, **changed: Any) -> Inside:
        random = np.random.default_rng(0)
        axis = np.linspace(-1, 1, 9)
        paths = np.stack([np.linspace([0.0, 0.0], end, steps + 1) for end in ([0.8, 0.0], [0.0, 0.6])])
        fields: dict[str, Any] = {
            "support_features": Array.of(random.normal(size=(2, 3, 2))),
            "query_features": Array.of(random.normal(size=(2, 6, 2))),
            "explained": Array.of([0.7, 0.2]),
            "support_labels": Array.of(np.arange(3)),
            "query_labels": Array.of(np.repeat(np.arange(3), 2)),
            "slice_loss": Array.of(1 + axis[:, None] ** 2 + axis[None, :] ** 2),
            "slice_axes": Array.of(np.stack([axis, axis])),
            "trajectories": Array.of(paths),
            "slice_captured": 0.9,
            "path_loss": Array.of(np.linspace(1, 0.2, steps + 1)),
            "layers": ("conv0", "head"),
            "change": Array.of([0.1, 0.5]),
            "similarity": Array.of([0.99, 0.4]),
        }
        return Inside(request=1, step=100, **(fields | changed))

    return make


class ScriptedWorker(QObject):
    """Notes what it is asked, and answers what a test wants, when it wants."""

    studied = Signal(object)
    evaluated = Signal(object)
    looked_inside = Signal(object)
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.studies: dict[int, tuple[tuple[Network, ...], tuple[int, ...], int | None]] = {}
        self.evaluations: dict[int, dict[str, Any]] = {}
        self.looks: dict[int, tuple[Network, tuple[int, ...], int | None]] = {}
        self.owns: dict[int, object] = {}
        self.cancelled: list[int] = []
        self._number = 0

    def study(
        self,
        _data_dir: Path,
        networks: tuple[Network, ...],
        tasks: tuple[int, ...] = (0,),
        own: object = None,
        inner_steps: int | None = None,
        channel: str = "",
    ) -> int:
        self._number += 1
        self.owns[self._number] = own
        self.studies[self._number] = (networks, tasks, inner_steps)
        return self._number

    def evaluate(self, config: Any, _data_dir: Path, n_tasks: int, **settings: Any) -> int:
        self._number += 1
        self.evaluations[self._number] = {"config": config, "n_tasks": n_tasks} | settings
        return self._number

    def look_inside(
        self,
        _data_dir: Path,
        network: Network,
        tasks: tuple[int, ...] = (0,),
        own: object = None,
        inner_steps: int | None = None,
    ) -> int:
        self._number += 1
        self.owns[self._number] = own
        self.looks[self._number] = (network, tasks, inner_steps)
        return self._number

    def cancel(self, request: int) -> None:
        self.cancelled.append(request)

    @property
    def last(self) -> int:
        return self._number

    def answer(self, *columns: Column, request: int | None = None) -> None:
        self.studied.emit(Studied(request=request or self._number, channel="", columns=columns))

    def judge(self, mean: float = 0.5) -> None:
        nothing = Array.of(np.zeros(0))
        request = max(self.evaluations)
        self.evaluated.emit(
            Evaluated(
                request=request,
                metric="mse",
                mean=mean,
                ci95=0.05,
                median=mean,
                n_tasks=self.evaluations[request]["n_tasks"],
                n_worse=0,
                inner_steps=4,
                norm_mode="",
                n_query=10,
                mean_by_step=nothing,
                ci95_by_step=nothing,
            )
        )

    def fail(self, message: str) -> None:
        self.failed.emit(RequestFailed(request=self._number, message=message))


@pytest.fixture
def worker(qapp: Any) -> ScriptedWorker:
    return ScriptedWorker()


@pytest.fixture
def add_checkpoint() -> Callable[..., Path]:
    """Writes a file into a run as if it were its checkpoint."""

    def add(store: RunStore, run_id: str, step: int, best: bool = False) -> Path:
        event = CheckpointWritten(
            path=f"checkpoints/step-{step:08d}.safetensors", sha256="0" * 64, step=step, best=best
        )
        file = store.run_dir(run_id) / event.path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"weights")
        store.add_checkpoint(run_id, event)
        return file

    return add
