"""One training run: what it says, how it is steered, and that steering never changes the numbers."""

from __future__ import annotations

import math
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from metagui.config import apply_overrides
from metagui.control import Control
from metagui.engine.checkpoint import read_checkpoint
from metagui.events import (
    CheckpointWritten,
    LogLine,
    Pause,
    Paused,
    Resume,
    Resumed,
    RunEnded,
    RunStarted,
    Step,
    StepUnit,
    Stop,
)

ALGORITHMS = ["maml", "fomaml", "reptile", "imaml"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_that_a_run_finishes_and_records_its_series(small, train, algorithm: str) -> None:
    config = small(f"sinusoid-{algorithm}", "algorithm.inner_steps=3")
    recorded = train(config)
    assert recorded.ended.status == "finished"
    assert isinstance(recorded.events[0], RunStarted)
    series = recorded.series()
    assert sorted(series["outer_loss"]) == [1, 2, 3, 4, 5, 6]
    assert {f"inner_loss/{k}" for k in range(4)} <= set(series)
    assert sorted(series["validation_loss"]) == [0, 3, 6]
    assert {"query_loss/0", "query_loss/1", "query_loss/2"} <= set(series)
    assert ("proximal/3" in series) == (algorithm == "imaml")
    assert all(math.isfinite(value) for values in series.values() for value in values.values())


def test_that_iteration_zero_of_the_proximal_term_is_zero_and_then_grows(small, train) -> None:
    series = train(small("sinusoid-imaml", "algorithm.inner_steps=4")).series()
    assert set(series["proximal/0"].values()) == {0.0}
    assert all(value > 0 for value in series["proximal/4"].values())


def test_that_training_learns(small, train) -> None:
    config = small(
        "sinusoid-maml",
        "outer.meta_batch_size=16",
        "outer.validation_every=400",
        "outer.validation_tasks=50",
        steps=400,
    )
    losses = train(config).series()["validation_loss"]
    assert losses[400] < 0.75 * losses[0]


def test_that_images_record_accuracy(small, train) -> None:
    config = small("glyphs-maml-5w1s", "model.filters=4", "outer.meta_batch_size=2", steps=2)
    series = train(config).series()
    assert all(0 <= value <= 1 for value in series["outer_accuracy"].values())
    assert {"validation_accuracy", "query_accuracy/2"} <= set(series)


def test_that_the_same_seed_gives_the_same_run_and_another_seed_another(small, train, tmp_path: Path) -> None:
    config = small("sinusoid-maml")
    first = train(config, run_dir=tmp_path / "a")
    again = train(config, run_dir=tmp_path / "b")
    other = train(small("sinusoid-maml", "compute.seed=1"), run_dir=tmp_path / "c")
    assert first.series() == again.series()
    assert first.series()["outer_loss"] != other.series()["outer_loss"]


@pytest.mark.parametrize("unit", ["inner_step", "task", "meta_update"])
@pytest.mark.parametrize("preset", ["sinusoid-maml", "sinusoid-imaml", "sinusoid-reptile", "glyphs-maml-5w1s"])
def test_that_stepping_never_changes_the_numbers(small, train, tmp_path: Path, preset: str, unit: StepUnit) -> None:
    changes = ["algorithm.inner_steps=2", "outer.meta_batch_size=3"]
    if preset.startswith("glyphs"):
        changes.append("model.filters=4")
    config = small(preset, *changes, steps=3)
    pauses: list[Paused] = []

    def step_on(event, control: Control) -> None:
        if isinstance(event, RunStarted):
            control.send(Pause())
        elif isinstance(event, Paused):
            pauses.append(event)
            control.send(Step(unit=unit))

    unstepped = train(config, run_dir=tmp_path / "a")
    stepped = train(config, run_dir=tmp_path / "b", on_event=step_on)
    assert stepped.ended.status == "finished"
    assert stepped.series() == unstepped.series()
    for name, value in unstepped.last_weights().items():
        np.testing.assert_array_equal(stepped.last_weights()[name], value)
    # Every boundary of the unit is a place to hold: 2 inner steps and 3 tasks and 1 update, three times. The very
    # first hold is at the first inner step, whatever the unit.
    expected = {"inner_step": 3 * (2 + 3 + 1), "task": 1 + 3 * (3 + 1), "meta_update": 1 + 3}[unit]
    assert len(pauses) == expected


def test_that_the_position_of_a_pause_is_told(small, train) -> None:
    pauses: list[Paused] = []

    def step_on(event, control: Control) -> None:
        if isinstance(event, RunStarted):
            control.send(Pause())
        elif isinstance(event, Paused):
            pauses.append(event)
            control.send(Step(unit="inner_step"))

    train(small("sinusoid-maml", "algorithm.inner_steps=2", "outer.meta_batch_size=2", steps=1), on_event=step_on)
    assert [(p.unit, p.step, p.inner_step, p.task) for p in pauses] == [
        ("inner_step", 0, 1, 0),
        ("inner_step", 0, 2, 0),
        ("task", 0, 2, 1),
        ("task", 0, 2, 2),
        ("meta_update", 1, 0, 0),
    ]


def test_that_resume_goes_on_to_the_end(small, train) -> None:
    def pause_once(event, control: Control) -> None:
        if isinstance(event, RunStarted):
            control.send(Pause())
        elif isinstance(event, Paused):
            control.send(Resume())

    recorded = train(small("sinusoid-maml"), on_event=pause_once)
    assert len(recorded.of(Paused)) == len(recorded.of(Resumed)) == 1
    assert recorded.ended.status == "finished"


def test_that_a_pause_saves_what_was_learned(small, train, tmp_path: Path) -> None:
    held: list[int] = []

    def stop_when_held(event, control: Control) -> None:
        if isinstance(event, CheckpointWritten) and event.step == 3:
            control.send(Pause())
        elif isinstance(event, Paused):
            held.append(event.step)
            assert read_checkpoint(tmp_path / "run" / "checkpoints" / f"step-{event.step:08d}.safetensors")
            control.send(Stop())

    recorded = train(small("sinusoid-maml", "compute.checkpoint_every=3"), on_event=stop_when_held)
    assert held == [3]
    assert recorded.ended.status == "stopped"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("kill_at", [1, 4])
def test_that_a_stopped_run_resumes_to_the_same_end(small, train, tmp_path: Path, algorithm: str, kill_at: int) -> None:
    config = small(f"sinusoid-{algorithm}", "algorithm.inner_steps=3", "compute.checkpoint_every=1")

    def stop_there(event, control: Control) -> None:
        if isinstance(event, CheckpointWritten) and event.step == kill_at:
            control.send(Stop())

    whole = train(config, run_dir=tmp_path / "whole")
    first = train(config, run_dir=tmp_path / "parts", on_event=stop_there)
    assert first.ended.status == "stopped"
    checkpoint = tmp_path / "parts" / first.of(CheckpointWritten)[-1].path
    second = train(config, run_dir=tmp_path / "parts", resume_from=checkpoint)
    assert second.events[0].step == kill_at
    together = {name: values | second.series().get(name, {}) for name, values in first.series().items()}
    assert together == whole.series()
    for name, value in whole.last_weights().items():
        np.testing.assert_array_equal(second.last_weights()[name], value)


def test_that_a_stop_need_not_wait_for_the_conjugate_gradient(small, train) -> None:
    config = small("sinusoid-imaml", "algorithm.inner_steps=1", "algorithm.cg_steps=1000", "algorithm.cg_tolerance=0")
    asked: list[float] = []

    def stop_inside(event, control: Control) -> None:
        if isinstance(event, CheckpointWritten):
            control.send(Pause())  # holds at the only inner step ...
        elif isinstance(event, Paused):
            control.send(Step(unit="meta_update"))
            timer = threading.Timer(0.05, lambda: (asked.append(time.monotonic()), control.send(Stop())))
            timer.start()
            timers.append(timer)

    timers: list[threading.Timer] = []
    ended = train(config, on_event=stop_inside).ended
    for timer in timers:
        timer.join()
    assert ended.status == "stopped"
    assert ended.step == 0  # ... and the solution of its linear system was given up


def test_that_a_stop_comes_within_one_inner_step(small, train) -> None:
    recorded = train(
        small("sinusoid-maml", "algorithm.inner_steps=50", steps=10_000),
        on_event=lambda event, control: control.send(Stop()) if isinstance(event, CheckpointWritten) else None,
    )
    assert recorded.ended.status == "stopped"
    assert recorded.ended.step == 0


def test_that_a_diverging_run_says_where_and_keeps_the_last_good_checkpoint(small, train, tmp_path: Path) -> None:
    config = small("sinusoid-maml", "algorithm.inner_lr=10", "algorithm.inner_steps=30", steps=100)
    ended = train(config).ended
    assert ended.status == "diverged"
    assert ended.exit_code == 1
    assert "meta-step" in ended.reason
    assert "last good checkpoint" in ended.reason
    for path in (tmp_path / "run" / "checkpoints").glob("*.safetensors"):
        assert all(value.isfinite().all() for value in read_checkpoint(path).weights.values())


def test_that_a_device_that_is_not_there_fails_before_anything_is_written(small, train, tmp_path: Path) -> None:
    ended: RunEnded = train(small("sinusoid-maml", "compute.device=cuda:99")).ended
    assert ended.status == "failed"
    assert ended.exit_code == 2
    assert ended.reason.startswith("compute.device: cuda:99 is not on this machine; it has cpu")
    assert not (tmp_path / "run").exists()


def test_that_a_corrupt_checkpoint_fails_with_its_name(small, train, tmp_path: Path) -> None:
    broken = tmp_path / "step-00000003.safetensors"
    broken.write_bytes(b"no checkpoint")
    ended = train(small("sinusoid-maml"), resume_from=broken).ended
    assert ended.status == "failed"
    assert str(broken) in ended.reason


def test_that_a_folder_that_cannot_be_written_is_said_and_training_goes_on(small, train, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the run's folder should be")
    recorded = train(small("sinusoid-maml"))
    assert [("could not be written" in line.message) for line in recorded.of(LogLine)] == [True]  # and said once
    assert sorted(recorded.series()["outer_loss"])[-1] == 6
    assert recorded.ended.status == "failed"
    assert "nothing was saved" in recorded.ended.reason


def test_that_reptile_may_record_its_query_loss_now_and_then(small, train, tmp_path) -> None:
    """The weights do not mind, and a step without one is still watched."""
    config = small("sinusoid-reptile", steps=7)
    often = train(config, run_dir=tmp_path / "often")
    seldom = train(
        apply_overrides(config, ["algorithm.query_every=3", "algorithm.pool_query=true"]), run_dir=tmp_path / "seldom"
    )
    assert sorted(often.series()["outer_loss"]) == [1, 2, 3, 4, 5, 6, 7]
    assert sorted(seldom.series()["outer_loss"]) == [1, 4, 7]
    assert sorted(seldom.series()["inner_loss/0"]) == [1, 2, 3, 4, 5, 6, 7]
    for name, value in often.last_weights().items():
        assert (value == seldom.last_weights()[name]).all()
    lost = train(apply_overrides(config, ["algorithm.query_every=100", "algorithm.inner_lr=9"]), run_dir=tmp_path / "l")
    assert lost.ended.status == "diverged"
