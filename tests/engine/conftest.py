"""Runs of the real trainer, small enough for a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.control import Control
from metagui.engine.trainer import run
from metagui.events import Metrics, RunEnded, RunEvent, WeightsSnapshot
from metagui.workspace import Workspace


@pytest.fixture(autouse=True)
def _one_thread():
    """Networks as small as the tests' are many times faster on one thread, above all where the machine is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small() -> Callable[..., ExperimentConfig]:
    """Cuts a shipped preset down to few steps and few tasks: ``small(preset, *changes, steps=6)``."""
    return _small


def _small(preset: str, *changes: str, steps: int = 6) -> ExperimentConfig:
    quick = [
        f"outer.steps={steps}",
        "outer.meta_batch_size=4",
        "outer.validation_every=3",
        "outer.validation_tasks=4",
        "algorithm.evaluation_steps=2",
        "compute.device=cpu",
        "compute.threads=1",
    ]
    return apply_overrides(load_preset(preset).config, [*quick, *changes])


@dataclass
class Recorded:
    """All a run said."""

    events: list[RunEvent] = field(default_factory=list)

    @property
    def ended(self) -> RunEnded:
        assert isinstance(self.events[-1], RunEnded)
        assert sum(isinstance(event, RunEnded) for event in self.events) == 1
        return self.events[-1]

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    def series(self) -> dict[str, dict[int, float]]:
        """Every recorded value: by series, by step."""
        found: dict[str, dict[int, float]] = {}
        for message in self.of(Metrics):
            for step, row in zip(message.steps.numpy(), message.values.numpy(), strict=True):
                for name, value in zip(message.names, row, strict=True):
                    found.setdefault(name, {})[int(step)] = float(value)
        return found

    def last_weights(self) -> dict[str, np.ndarray]:
        return {name: array.numpy() for name, array in self.of(WeightsSnapshot)[-1].weights.items()}


Runner = Callable[..., Recorded]


@pytest.fixture
def train(data_dir: Path, tmp_path: Path) -> Runner:
    """Runs the real trainer; ``on_event`` may steer it through ``control`` from the trainer's own thread."""

    def runner(config, *, run_dir=None, resume_from=None, control=None, on_event=None) -> Recorded:
        recorded = Recorded()
        control = control or Control()

        def emit(event: RunEvent) -> None:
            recorded.events.append(event)
            if on_event is not None:
                on_event(event, control)

        returned = run(config, Workspace(run_dir or tmp_path / "run", data_dir, resume_from), control, emit)
        assert recorded.ended is returned
        return recorded

    return runner
