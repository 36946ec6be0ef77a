"""A store of one's own, events as the engine makes them, and programs that share the store from other processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from metagui.events import Array, Metrics
from metagui.runs.store import RunStore

MetricsOf = Callable[..., Metrics]
Program = Callable[..., AbstractContextManager[subprocess.Popen[str]]]


@pytest.fixture
def store(data_dir: Path) -> Iterator[RunStore]:
    with RunStore(data_dir) as opened:
        yield opened


@pytest.fixture
def metrics() -> MetricsOf:
    """``metrics([1, 2], outer_loss=[0.5, 0.4])``: one event, with the steps as times."""

    def build(steps: list[int], **values: list[float]) -> Metrics:
        table = np.array(list(values.values()), dtype=np.float64).T.reshape(len(steps), len(values))
        return Metrics(
            names=tuple(values),
            steps=Array.of(np.array(steps, dtype=np.int64)),
            times=Array.of(np.array(steps, dtype=np.float64)),
            values=Array.of(table),
        )

    return build


@pytest.fixture
def program() -> Program:
    """Runs Python source in a process of its own, with arguments and its output readable line by line."""

    def start(source: str, *arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", source, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    return start
