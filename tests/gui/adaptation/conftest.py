"""Adaptations of each kind as the engine answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from metagui.events import Adaptation, AdaptationKind, Adapted, Array

MakeTask = Callable[..., Adaptation]


def _adaptation(kind: AdaptationKind, task: int, **arrays: Any) -> Adaptation:
    fields = {name: Array.of(np.zeros(0)) for name in ("grid", "truth", "query_accuracy")}
    fields |= {name: Array.of(value) for name, value in arrays.items() if name != "class_names"}
    return Adaptation(task=task, kind=kind, title=f"task {task}", class_names=arrays.get("class_names", ()), **fields)


@pytest.fixture
def regression() -> MakeTask:
    """A sine that the network's flat line grows into, K = ``steps``."""

    def make(task: int = 0, steps: int = 4, **changed: Any) -> Adaptation:
        grid = np.linspace(-5, 5, 50, dtype=np.float32)
        truth = (1 + task) * np.sin(grid)
        share = np.linspace(0, 1, steps + 1, dtype=np.float32)[:, None]
        x = np.linspace(-4, 4, 5)
        arrays: dict[str, Any] = {
            "grid": grid,
            "truth": truth,
            "predictions": share * truth,
            "support_x": x,
            "support_y": (1 + task) * np.sin(x),
            "query_x": x + 0.5,
            "query_y": (1 + task) * np.sin(x + 0.5),
            "support_loss": np.linspace(2, 0.1, steps + 1),
            "query_loss": np.linspace(3, 0.5, steps + 1),
        }
        return _adaptation("regression", task, **(arrays | changed))

    return make


@pytest.fixture
def points() -> MakeTask:
    """Two classes left and right of a boundary at x = 0, sure of nothing at step 0."""

    def make(task: int = 0, steps: int = 2, side: int = 11, **changed: Any) -> Adaptation:
        line = np.linspace(-1, 1, side)
        xs, ys = np.meshgrid(line, line)
        grid = np.stack([xs.ravel(), ys.ravel()], axis=1)
        right = 1 / (1 + np.exp(-8 * grid[:, 0]))
        share = np.linspace(0, 1, steps + 1)[:, None]
        right = 0.5 + share * (right - 0.5)
        arrays: dict[str, Any] = {
            "class_names": ("left", "right"),
            "grid": grid,
            "predictions": np.stack([1 - right, right], axis=-1).astype(np.float32),
            "support_x": np.array([[-0.5, 0.0], [0.5, 0.2]]),
            "support_y": np.array([0, 1]),
            "query_x": np.array([[-0.4, 0.5], [0.6, -0.2], [0.3, 0.3]]),
            "query_y": np.array([0, 1, 1]),
            "support_loss": np.linspace(0.7, 0.1, steps + 1),
            "query_loss": np.linspace(0.7, 0.2, steps + 1),
            "query_accuracy": np.linspace(0.5, 1.0, steps + 1),
        }
        return _adaptation("points", task, **(arrays | changed))

    return make


@pytest.fixture
def images() -> MakeTask:
    """Three classes of 8 x 8 pictures; at step 0 every query is taken for class 0, at the last for its own."""

    def make(task: int = 0, steps: int = 2, shots: int = 1, queries: int = 2, **changed: Any) -> Adaptation:
        n_way = 3
        random = np.random.default_rng(task)
        labels = np.repeat(np.arange(n_way), queries)
        before = np.tile([0.6, 0.2, 0.2], (len(labels), 1))
        after = np.full((len(labels), n_way), 0.1)
        after[np.arange(len(labels)), labels] = 0.8
        share = np.linspace(0, 1, steps + 1)[:, None, None]
        arrays: dict[str, Any] = {
            "class_names": ("alpha", "beta", "gamma"),
            "predictions": (before + share * (after - before)).astype(np.float32),
            "support_x": random.uniform(size=(n_way * shots, 8, 8)).astype(np.float32),
            "support_y": np.repeat(np.arange(n_way), shots),
            "query_x": random.uniform(size=(len(labels), 8, 8)).astype(np.float32),
            "query_y": labels,
            "support_loss": np.linspace(1.1, 0.1, steps + 1),
            "query_loss": np.linspace(1.1, 0.2, steps + 1),
            "query_accuracy": np.linspace(1 / 3, 1.0, steps + 1),
        }
        return _adaptation("images", task, **(arrays | changed))

    return make


@pytest.fixture
def answer() -> Callable[..., Adapted]:
    """An answer of the engine with these tasks."""

    def make(*tasks: Adaptation, step: int = 100) -> Adapted:
        return Adapted(request=1, step=step, tasks=tasks)

    return make
