"""The controller with real workers: the real trainer, and engines that misbehave in a process of their own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from pytestqt.qtbot import QtBot

from metagui.config import ExperimentConfig
from metagui.errors import MetaguiError, StoreError
from metagui.events import (
    CheckpointWritten,
    LogLine,
    Metrics,
    Paused,
    RunEnded,
    RunEvent,
    RunStarted,
    WeightsSnapshot,
)
from metagui.hosts import ChildHost, Inbox
from metagui.runs.database import FILE_NAME
from metagui.runs.store import RunStore
from metagui.session import ledger, run_thread
from metagui.session.controller import ExperimentController

PATIENCE_MS = 60_000

Make = Callable[..., ExperimentController]
Misbehaving = Callable[[str], Callable[[Inbox], ChildHost]]


class Diary:
    """All that a controller says, in order."""

    def __init__(self, controller: ExperimentController) -> None:
        self.states: list[str] = []
        self.events: list[RunEvent] = []
        self.ends: list[tuple[str, str, str]] = []
        controller.state_changed.connect(self.states.append)
        controller.event.connect(self._note)
        controller.ended.connect(self._end)

    def _note(self, run_id: str, event: RunEvent) -> None:
        assert not self.ends, "an event after the end"
        self.events.append(event)

    def _end(self, run_id: str, status: str, reason: str) -> None:
        self.ends.append((run_id, status, reason))

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def points(self) -> dict[str, dict[int, float]]:
        """Every point of every series, as the trainer sent it."""
        series: dict[str, dict[int, float]] = {}
        for metrics in self.of(Metrics):
            values = metrics.values.numpy()
            for column, name in enumerate(metrics.names):
                series.setdefault(name, {}).update(
                    zip(metrics.steps.numpy().tolist(), values[:, column].tolist(), strict=True)
                )
        return series


def run_to_end(qtbot: QtBot, controller: ExperimentController, config: ExperimentConfig) -> tuple[str, Diary]:
    diary = Diary(controller)
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        run_id = controller.start(config)
    return run_id, diary


def wait_for(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)


# --- a healthy run -------------------------------------------------------------------------------------------------


def test_that_a_run_is_trained_shown_and_recorded(
    qtbot: QtBot, make_controller: Make, store: RunStore, config: ExperimentConfig
) -> None:
    controller = make_controller()
    run_id, diary = run_to_end(qtbot, controller, config)
    assert diary.states == ["starting", "running", "idle"]
    assert diary.ends == [(run_id, "finished", diary.of(RunEnded)[0].reason)]
    assert isinstance(diary.events[-1], RunEnded)
    assert controller.current_run is None
    record = store.get(run_id)
    assert (record.status, record.step) == ("finished", 30)
    steps, values, _ = store.read_series(run_id, "outer_loss")
    shown = diary.points()["outer_loss"]
    assert steps.tolist() == sorted(shown)
    assert values.tolist() == [shown[step] for step in sorted(shown)]
    latest = store.latest_checkpoint(run_id)
    assert latest is not None
    assert latest.step == 30


@pytest.mark.slow
def test_that_both_hosts_give_the_same_numbers_bit_for_bit(
    qtbot: QtBot, make_controller: Make, config: ExperimentConfig
) -> None:
    _, child = run_to_end(qtbot, make_controller("child"), config)
    _, thread = run_to_end(qtbot, make_controller("thread"), config)
    assert child.points() == thread.points()
    assert {"outer_loss", "inner_loss/0", "inner_loss/2", "validation_loss"} <= set(child.points())
    last = [diary.of(WeightsSnapshot)[-1] for diary in (child, thread)]
    assert last[0] == last[1]
    kinds = [
        [type(event) for event in diary.events if isinstance(event, RunStarted | RunEnded)] for diary in (child, thread)
    ]
    assert kinds[0] == kinds[1] == [RunStarted, RunEnded]


@pytest.mark.slow
@pytest.mark.parametrize("host", ["child", "thread"])
def test_that_a_run_is_paused_stepped_and_resumed_without_changing_its_numbers(
    qtbot: QtBot, make_controller: Make, store: RunStore, config: ExperimentConfig, host: str
) -> None:
    _, plain = run_to_end(qtbot, make_controller(host), config)
    controller = make_controller(host)
    diary = Diary(controller)
    run_id = controller.start(config)
    controller.pause()
    wait_for(qtbot, lambda: controller.state == "paused")
    wait_for(qtbot, lambda: store.get(run_id).status == "paused")
    reached = []
    for unit in ("inner_step", "inner_step", "task", "meta_update", "meta_update", "task"):
        seen = len(diary.of(Paused))
        controller.step(unit)
        wait_for(qtbot, lambda seen=seen: len(diary.of(Paused)) > seen)
        assert controller.state == "paused"
        pause = diary.of(Paused)[-1]
        reached.append((pause.step, pause.unit))
    assert (2, "meta_update") in reached
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        controller.resume()
    assert diary.ends[0][1] == "finished"
    assert {k: v for k, v in diary.points().items() if v} == plain.points()


@pytest.mark.slow
def test_that_stop_keeps_a_checkpoint_and_resuming_gives_the_same_numbers(
    qtbot: QtBot, make_controller: Make, store: RunStore, make_toy: Callable[..., ExperimentConfig]
) -> None:
    config = make_toy(steps=400)
    plain_id, _ = run_to_end(qtbot, make_controller("thread"), config)
    controller = make_controller()
    diary = Diary(controller)
    run_id = controller.start(config)
    controller.pause()
    wait_for(qtbot, lambda: controller.state == "paused")
    for _ in range(7):
        seen = len(diary.of(Paused))
        controller.step("meta_update")
        wait_for(qtbot, lambda seen=seen: len(diary.of(Paused)) > seen)
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        controller.stop()
        assert controller.state == "stopping"
    record = store.get(run_id)
    assert record.status == "stopped"
    latest = store.latest_checkpoint(run_id)
    assert latest is not None
    assert latest.step == record.step == diary.of(Paused)[-1].step
    diary.ends.clear()
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        controller.resume_run(run_id)
    assert diary.of(RunStarted)[-1].step == latest.step
    assert store.get(run_id).status == "finished"
    for name in store.series(plain_id):
        for resumed, plain in zip(
            store.read_series(run_id, name)[:2], store.read_series(plain_id, name)[:2], strict=True
        ):
            np.testing.assert_array_equal(resumed, plain, err_msg=name)


def test_that_a_diverging_run_says_so(
    qtbot: QtBot, make_controller: Make, store: RunStore, make_toy: Callable[..., ExperimentConfig]
) -> None:
    run_id, diary = run_to_end(qtbot, make_controller(), make_toy(steps=500, inner_lr=10.0, inner_steps=20))
    assert diary.ends[0][1] == "diverged", diary.ends
    assert store.get(run_id).status == "diverged"


def test_that_a_second_run_is_refused_while_one_is_in_progress(
    qtbot: QtBot, make_controller: Make, store: RunStore, misbehaving: Misbehaving, config: ExperimentConfig
) -> None:
    controller = make_controller(misbehaving("wait"))
    run_id = controller.start(config)
    with pytest.raises(MetaguiError, match=f"{run_id} is in progress"):
        controller.start(config)
    assert len(store.list()) == 1


# --- runs that end badly -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("habit", "status", "words"),
    [
        ("raise", "failed", "ValueError: the inner loop fell over"),
        ("segfault", "crashed", "The training process crashed (segmentation fault). About 0 meta-steps were done"),
        ("kill", "crashed", "was killed (SIGKILL), perhaps because memory ran out"),
        ("save-and-die", "crashed", "the checkpoint of meta-step 7 is kept"),
        ("exit", "crashed", "ended with exit code 7"),
        ("close-pipe", "crashed", "closed its connection"),
        ("garbage", "crashed", "no message"),
        ("no-torch", "crashed", "No module named 'torch'. Training had not begun."),
    ],
)
def test_that_the_end_of_a_broken_worker_is_told_recorded_and_survived(
    qtbot: QtBot,
    make_controller: Make,
    store: RunStore,
    misbehaving: Misbehaving,
    config: ExperimentConfig,
    habit: str,
    status: str,
    words: str,
) -> None:
    controller = make_controller(misbehaving(habit))
    run_id, diary = run_to_end(qtbot, controller, config)
    assert diary.ends[0][1] == status
    assert words in diary.ends[0][2]
    assert len(diary.of(RunEnded)) == 1
    record = store.get(run_id)
    assert (record.status, record.reason) == (status, diary.ends[0][2])
    assert controller.state == "idle"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_that_a_killed_training_keeps_its_checkpoint_and_can_go_on(
    qtbot: QtBot, make_controller: Make, store: RunStore, make_toy: Callable[..., ExperimentConfig]
) -> None:
    controller = make_controller()
    diary = Diary(controller)
    run_id = controller.start(make_toy(steps=1_000_000))
    wait_for(qtbot, lambda: any(event.step >= 10 for event in diary.of(CheckpointWritten)))
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        os.kill(psutil.Process().children()[0].pid, signal.SIGKILL)
    assert diary.ends[0][1] == "crashed"
    latest = store.latest_checkpoint(run_id)
    assert latest is not None
    assert f"the checkpoint of meta-step {latest.step:,} is kept" in diary.ends[0][2]
    diary.ends.clear()
    controller.resume_run(run_id)
    wait_for(qtbot, lambda: len(diary.of(RunStarted)) == 2)
    assert diary.of(RunStarted)[1].step == latest.step


def test_that_a_program_that_cannot_be_started_fails_the_run(
    qtbot: QtBot, make_controller: Make, store: RunStore, config: ExperimentConfig
) -> None:
    controller = make_controller(lambda inbox: ChildHost(inbox, command=["/nowhere/python"]))
    run_id, diary = run_to_end(qtbot, controller, config)
    assert "/nowhere/python" in diary.ends[0][2]
    assert store.get(run_id).status == "failed"


@pytest.mark.parametrize("habit", ["hang", "ignore-everything", "flood-deaf"])
def test_that_a_deaf_training_is_ended_by_force(
    qtbot: QtBot,
    make_controller: Make,
    store: RunStore,
    misbehaving: Misbehaving,
    config: ExperimentConfig,
    monkeypatch: pytest.MonkeyPatch,
    habit: str,
) -> None:
    monkeypatch.setattr(run_thread.RunThread.stop, "__defaults__", (0.3,))
    controller = make_controller(misbehaving(habit))
    diary = Diary(controller)
    run_id = controller.start(config)
    wait_for(qtbot, lambda: controller.state == "running")
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        controller.stop()
    assert diary.ends[0][1] == "stopped"
    assert "did not answer to Stop" in diary.ends[0][2]
    assert store.get(run_id).status == "stopped"


def test_that_a_flooding_training_can_be_stopped(
    qtbot: QtBot, make_controller: Make, misbehaving: Misbehaving, config: ExperimentConfig
) -> None:
    controller = make_controller(misbehaving("flood"))
    diary = Diary(controller)
    controller.start(config)
    wait_for(qtbot, lambda: len(diary.events) > 50)
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        controller.stop()
    assert diary.ends[0][1:] == ("stopped", "stopped")


def test_that_stopping_while_the_engine_starts_waits_for_nothing(
    qtbot: QtBot, make_controller: Make, misbehaving: Misbehaving, config: ExperimentConfig
) -> None:
    controller = make_controller(misbehaving("slow-start"))
    diary = Diary(controller)
    controller.start(config)
    assert controller.state == "starting"
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        controller.stop()
    assert diary.ends[0][1:] == ("stopped", "Stopped before training began.")


# --- closing -------------------------------------------------------------------------------------------------------


def test_that_shutting_down_saves_the_run_and_leaves_nothing(
    qtbot: QtBot, make_controller: Make, store: RunStore, make_toy: Callable[..., ExperimentConfig]
) -> None:
    controller = make_controller()
    diary = Diary(controller)
    run_id = controller.start(make_toy(steps=1_000_000))
    wait_for(qtbot, lambda: diary.of(Metrics))
    controller.shutdown()
    assert psutil.Process().children() == []
    assert [end[1] for end in diary.ends] == ["stopped"]
    record = store.get(run_id)
    latest = store.latest_checkpoint(run_id)
    assert latest is not None
    assert (record.status, record.step) == ("stopped", latest.step)
    controller.shutdown()
    qtbot.wait(50)
    assert len(diary.ends) == 1
    with pytest.raises(MetaguiError, match="closing"):
        controller.start(make_toy())


def test_that_the_end_of_the_application_ends_the_run(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
import psutil
from PySide6.QtCore import QCoreApplication, QTimer
from metagui.config import ExperimentConfig
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController
application = QCoreApplication([])
store = RunStore(Path({str(tmp_path)!r}))
controller = ExperimentController(store)
controller.state_changed.connect(lambda state: state == "running" and QTimer.singleShot(0, application.quit))
controller.start(ExperimentConfig())
application.exec()
import sys
print(store.list()[0].status, len(psutil.Process().children()), "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.split()) == (0, ["stopped", "0", "False"]), done.stderr


# --- a store that refuses ------------------------------------------------------------------------------------------


def test_that_a_lasting_refusal_of_the_store_stops_the_run_with_a_checkpoint(
    qtbot: QtBot,
    make_controller: Make,
    store: RunStore,
    data_dir: Path,
    make_toy: Callable[..., ExperimentConfig],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"BUSY_SECONDS": 0.001, "RETRY_SECONDS": 0.05, "PATIENCE_SECONDS": 0.5}.items():
        monkeypatch.setattr(ledger, name, value)
    monkeypatch.setattr(run_thread, "_SETTLE_SECONDS", 0.2)
    controller = make_controller()
    diary = Diary(controller)
    run_id = controller.start(make_toy(steps=1_000_000))
    wait_for(qtbot, lambda: diary.of(Metrics))
    other_program = sqlite3.connect(data_dir / FILE_NAME, isolation_level=None)
    other_program.execute("BEGIN IMMEDIATE")
    try:
        wait_for(qtbot, lambda: diary.ends)
    finally:
        other_program.close()
    said = [line.message for line in diary.of(LogLine) if line.level == "error"]
    assert any("cannot be recorded" in message for message in said)
    assert any("stopped with a checkpoint" in message for message in said)
    assert diary.ends[0][1] == "stopped"
    files = sorted((store.run_dir(run_id) / "checkpoints").iterdir())
    assert files[-1].name.endswith(f"{diary.of(RunEnded)[0].step:08d}.safetensors")


def test_that_a_run_whose_end_could_not_be_recorded_can_be_resumed(
    qtbot: QtBot, make_controller: Make, store: RunStore, misbehaving: Misbehaving, config: ExperimentConfig
) -> None:
    run_id = store.create(config).id
    store.set_status(run_id, "running")
    controller = make_controller(misbehaving("finish"))
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        controller.resume_run(run_id)
    assert store.get(run_id).status == "finished"


def test_that_a_read_only_data_folder_starts_nothing(
    make_controller: Make, store: RunStore, config: ExperimentConfig
) -> None:
    store.database.execute("PRAGMA query_only = ON")
    controller = make_controller()
    with pytest.raises(StoreError):
        controller.start(config)
    assert controller.state == "idle"
