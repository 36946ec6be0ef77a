"""Small experiments, misbehaving workers, and a controller that is shut down whatever happens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from metagui.config import ExperimentConfig, parse
from metagui.hosts import ChildHost, Inbox
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController
from metagui.session.run_thread import HostFactory

SCRIPT = Path(__file__).parents[1] / "hosts" / "misbehaving_worker.py"


@pytest.fixture
def misbehaving() -> Callable[[str], Callable[[Inbox], ChildHost]]:
    """Makes hosts whose worker has this habit (see tests/hosts/misbehaving_worker.py)."""

    def factory(habit: str) -> Callable[[Inbox], ChildHost]:
        return lambda inbox: ChildHost(inbox, command=[sys.executable, str(SCRIPT), habit])

    return factory


@pytest.fixture
def config() -> ExperimentConfig:
    """A toy: milliseconds a step."""
    return toy()


def toy(steps: int = 30, **algorithm: object) -> ExperimentConfig:
    return parse(
        {
            "task": {"name": "sinusoid"},
            "model": {"name": "mlp", "hidden": [8]},
            "algorithm": {"name": "maml", "inner_steps": 2, "evaluation_steps": 2, **algorithm},
            "outer": {"name": "adam", "steps": steps, "meta_batch_size": 3, "validation_tasks": 4},
            "compute": {"threads": 1, "checkpoint_every": 10, "device": "cpu"},
        }
    )


@pytest.fixture
def make_toy() -> Callable[..., ExperimentConfig]:
    return toy


@pytest.fixture
def store(data_dir: Path) -> Iterator[RunStore]:
    with RunStore(data_dir) as opened:
        yield opened


@pytest.fixture
def make_controller(qapp: QCoreApplication, store: RunStore) -> Iterator[Callable[..., ExperimentController]]:
    made: list[ExperimentController] = []

    def make(host: str | HostFactory = "child") -> ExperimentController:
        made.append(ExperimentController(store, host=host))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for controller in made:
        controller.shutdown()
