"""Settings changed while a run goes on: applied between meta-steps, refused with a sentence, kept by checkpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.control import Control
from metagui.engine import trainer
from metagui.engine.checkpoint import read_checkpoint
from metagui.events import (
    Change,
    LogLine,
    Metrics,
    Pause,
    Paused,
    Progress,
    Resume,
    RunEnded,
    RunEvent,
    SettingChanged,
    Step,
    Stop,
)
from metagui.workspace import Workspace

SMALL = (
    "model.hidden=[8]",
    "algorithm.inner_lr=0.01",
    "algorithm.inner_steps=3",
    "algorithm.evaluation_steps=3",
    "outer.steps=12",
    "outer.meta_batch_size=3",
    "outer.validation_every=5",
    "outer.validation_tasks=4",
    "compute.checkpoint_every=1000",
    "compute.threads=1",
)


def experiment(*changes: str) -> ExperimentConfig:
    return apply_overrides(load_preset("sinusoid-imaml").config, [*SMALL, "algorithm.proximal_lambda=2", *changes])


class Run:
    """A training that is steered by what it says."""

    def __init__(self, folder: Path, config: ExperimentConfig, resume_from: Path | None = None) -> None:
        (folder / "run").mkdir(parents=True, exist_ok=True)
        self.workspace = Workspace(folder / "run", folder, resume_from)
        self.config = config
        self.control = Control()
        self.events: list[RunEvent] = []
        self.at: dict[int, list[Change]] = {}

    def go(self) -> RunEnded:
        """One meta-step after another, with the changes of each given while training holds before it."""
        self.control.send(Step(unit="meta_update") if self.at else Resume())
        if 0 in self.at:
            self._give(0)
        return trainer.run(self.config, self.workspace, self.control, self._hear)

    def _hear(self, event: RunEvent) -> None:
        self.events.append(event)
        if isinstance(event, Paused):
            self._give(event.step)
            self.control.send(Step(unit="meta_update"))

    def _give(self, step: int) -> None:
        for change in self.at.get(step, ()):
            self.control.send(change)

    def series(self, name: str) -> dict[int, float]:
        points: dict[int, float] = {}
        for event in self.events:
            if isinstance(event, Metrics) and name in event.names:
                column = event.values.numpy()[:, event.names.index(name)]
                points |= dict(zip(event.steps.numpy().tolist(), column.tolist(), strict=True))
        return points

    def of(self, kind: type[RunEvent]) -> list[RunEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def checkpoint(self, step: int) -> Path:
        return self.workspace.checkpoint_dir / f"step-{step:08d}.safetensors"


def test_that_a_change_holds_from_the_next_meta_step_on_and_is_recorded(tmp_path: Path) -> None:
    run = Run(tmp_path, experiment())
    run.at = {
        4: [Change(path="algorithm.proximal_lambda", value=0.5)],
        8: [Change(path="algorithm.inner_lr", value=0.02)],
    }
    assert run.go().status == "finished"
    strengths, rates = run.series("proximal_lambda"), run.series("inner_lr")
    assert [strengths[step] for step in range(1, 13)] == [2.0] * 4 + [0.5] * 8
    np.testing.assert_allclose([rates[step] for step in range(1, 13)], [0.01] * 8 + [0.02] * 4)
    assert run.of(SettingChanged) == [
        SettingChanged(step=4, path="algorithm.proximal_lambda", value=0.5, before=2.0),
        SettingChanged(step=8, path="algorithm.inner_lr", value=0.02, before=0.01),
    ]
    assert read_checkpoint(run.checkpoint(12)).config["algorithm"]["proximal_lambda"] == 0.5


def test_that_a_change_makes_the_steps_of_a_run_that_always_had_that_value(tmp_path: Path) -> None:
    changed, plain = Run(tmp_path / "a", experiment()), Run(tmp_path / "b", experiment("algorithm.proximal_lambda=0.5"))
    changed.at = {0: [Change(path="algorithm.proximal_lambda", value=0.5)]}
    changed.go(), plain.go()
    assert changed.series("outer_loss") == plain.series("outer_loss")


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("algorithm.cg_steps", 3, "cannot be changed while the run goes on; only algorithm.inner_lr and"),
        ("outer.outer_lr", 0.1, "cannot be changed while the run goes on"),
        ("algorithm.proximal_lambda", -1.0, "algorithm.proximal_lambda: must be greater than 0"),
        ("algorithm.proximal_lambda", 1000.0, "inner rate times λ is 10"),
    ],
)
def test_that_a_forbidden_change_is_refused_with_a_sentence_and_the_run_goes_on(
    tmp_path: Path, path: str, value: float, sentence: str
) -> None:
    run, plain = Run(tmp_path / "a", experiment()), Run(tmp_path / "b", experiment())
    run.at = {2: [Change(path=path, value=value)]}
    assert run.go().status == "finished"
    plain.go()
    assert any(isinstance(event, LogLine) and sentence in event.message for event in run.events)
    assert run.of(SettingChanged) == []
    assert run.series("outer_loss") == plain.series("outer_loss")


def test_that_a_learned_lambda_cannot_be_changed_by_hand(tmp_path: Path) -> None:
    run = Run(tmp_path, experiment("algorithm.learn_lambda=true"))
    run.at = {2: [Change(path="algorithm.proximal_lambda", value=1.0)]}
    run.go()
    assert run.of(SettingChanged) == []
    strengths = run.series("proximal_lambda")
    assert strengths[12] != strengths[1] == pytest.approx(2.0)


def test_that_a_killed_run_goes_on_with_what_was_chosen_to_the_same_numbers(tmp_path: Path) -> None:
    whole = Run(tmp_path / "whole", experiment())
    whole.at = {5: [Change(path="algorithm.proximal_lambda", value=0.5)]}
    whole.go()
    # Step 5 is the last checkpoint that a kill during step 6 leaves: written for the change alone.
    assert read_checkpoint(whole.checkpoint(5)).config["algorithm"]["proximal_lambda"] == 0.5
    rest = Run(tmp_path / "rest", experiment(), resume_from=whole.checkpoint(5))
    rest.go()
    assert rest.of(SettingChanged) == [SettingChanged(step=5, path="algorithm.proximal_lambda", value=0.5, before=2.0)]
    losses = whole.series("outer_loss")
    assert rest.series("outer_loss") == {step: losses[step] for step in range(6, 13)}
    for name, weights in read_checkpoint(whole.checkpoint(12)).weights.items():
        np.testing.assert_array_equal(weights.numpy(), read_checkpoint(rest.checkpoint(12)).weights[name].numpy())


def test_that_a_change_ends_no_pause(tmp_path: Path) -> None:
    run = Run(tmp_path, experiment())
    run.control.send(Pause())
    heard: list[RunEvent] = []

    def hear(event: RunEvent) -> None:
        heard.append(event)
        if isinstance(event, Paused):
            run.control.send(Change(path="algorithm.inner_lr", value=0.02))
            run.control.send(Stop())

    ended = trainer.run(run.config, run.workspace, run.control, hear)
    assert ended.status == "stopped"
    assert not [event for event in heard if isinstance(event, SettingChanged | Progress) and event.step > 0]


def test_that_a_diverging_neumann_series_is_told_once_and_the_run_goes_on(tmp_path: Path) -> None:
    run = Run(tmp_path, experiment("algorithm.solver=neumann", "algorithm.proximal_lambda=0.05"))
    assert run.go().status == "finished"
    told = [event.message for event in run.events if isinstance(event, LogLine) and event.level == "warning"]
    assert len(told) == 1
    assert "Neumann series diverges" in told[0]
    assert "λ is 0.05" in told[0]
    assert "conjugate gradient" in told[0]


def test_that_a_neumann_series_that_converges_is_not_spoken_of(tmp_path: Path) -> None:
    run = Run(tmp_path, experiment("algorithm.solver=neumann", "algorithm.proximal_lambda=100", "outer.steps=4"))
    assert run.go().status == "finished"
    assert not [event for event in run.events if isinstance(event, LogLine)]
    assert set(run.series("neumann_diverged").values()) == {0.0}
