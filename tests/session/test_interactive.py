"""The warm worker: the real engine, and workers that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from metagui.config import ExperimentConfig
from metagui.events import Adapted, Array, Devices, Evaluated, Recorded, RequestFailed
from metagui.hosts import ChildHost, Inbox
from metagui.session.interactive import InteractiveWorker, interactive_host

PATIENCE_MS = 60_000

Make = Callable[..., InteractiveWorker]
Misbehaving = Callable[[str], Callable[[Inbox], ChildHost]]


@pytest.fixture
def make_worker(qapp: QCoreApplication) -> Iterator[Make]:
    made: list[InteractiveWorker] = []

    def make(make_host: Callable[[Inbox], ChildHost] = interactive_host) -> InteractiveWorker:
        made.append(InteractiveWorker(make_host=make_host))
        return made[-1]

    yield make
    for worker in made:
        worker.shutdown()


@pytest.mark.slow
def test_that_the_real_worker_adapts_evaluates_and_lists_devices(
    qtbot: QtBot, make_worker: Make, config: ExperimentConfig, data_dir: Path
) -> None:
    worker = make_worker()
    failures: list[RequestFailed] = []
    worker.failed.connect(failures.append)
    with qtbot.waitSignal(worker.ready, timeout=PATIENCE_MS):
        worker.warm_up()
    with qtbot.waitSignal(worker.devices, timeout=PATIENCE_MS) as listed:
        number = worker.list_devices()
    devices = listed.args[0]
    assert isinstance(devices, Devices)
    assert devices.request == number
    assert "cpu" in [device.name for device in devices.devices]

    with qtbot.waitSignal(worker.adapted, timeout=PATIENCE_MS) as answered:
        number = worker.adapt(config, data_dir, step=0, tasks=(0, 3))
    adapted = answered.args[0]
    assert isinstance(adapted, Adapted)
    assert (adapted.request, [task.task for task in adapted.tasks]) == (number, [0, 3])
    assert adapted.tasks[0].predictions.shape[0] == config.algorithm.evaluation_steps + 1

    with qtbot.waitSignal(worker.evaluated, timeout=PATIENCE_MS) as answered:
        worker.evaluate(config, data_dir, n_tasks=20, inner_steps=1)
    evaluated = answered.args[0]
    assert isinstance(evaluated, Evaluated)
    assert (evaluated.n_tasks, evaluated.mean_by_step.shape) == (20, (2,))

    with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as answered:
        number = worker.adapt(config, data_dir, 0, (0,), weights={"nonsense": Array.of(np.zeros(3, np.float32))})
    assert answered.args[0].request == number
    assert failures == [answered.args[0]]


@pytest.mark.slow
def test_that_the_real_worker_records_the_newest_walkthrough_and_refuses_in_a_sentence(
    qtbot: QtBot, make_worker: Make, config: ExperimentConfig, data_dir: Path
) -> None:
    worker = make_worker()
    answers: list[Recorded] = []
    worker.recorded.connect(answers.append)
    with qtbot.waitSignal(worker.recorded, timeout=PATIENCE_MS):
        worker.record(config, data_dir, "maml", n_tasks=3)
        worker.record(config, data_dir, "fomaml", n_tasks=3)
        newest = worker.record(config, data_dir, "maml", n_tasks=2)
    assert [(answer.request, answer.n_tasks) for answer in answers] == [(newest, 2)]
    assert {moment.file for moment in answers[0].moments} >= {"maml.py", "inner_loop.py"}

    with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as answered:
        number = worker.record(config, data_dir, "gauss", n_tasks=1)
    assert answered.args[0].request == number
    assert "is not one of maml" in answered.args[0].message


def test_that_a_dead_worker_is_started_again_and_answers_what_was_open(
    qtbot: QtBot,
    make_worker: Make,
    misbehaving: Misbehaving,
    config: ExperimentConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEST_CRASH_MARKER", str(tmp_path / "crashed once"))
    worker = make_worker(misbehaving("adapt"))
    with (
        qtbot.waitSignals([worker.restarted, worker.adapted], timeout=PATIENCE_MS, order="strict"),
        qtbot.assertNotEmitted(worker.failed),
    ):
        worker.adapt(config, tmp_path, step=7, tasks=(0,))
    assert (tmp_path / "crashed once").exists()


def test_that_an_idle_worker_that_is_killed_is_replaced(
    qtbot: QtBot, make_worker: Make, misbehaving: Misbehaving
) -> None:
    worker = make_worker(misbehaving("adapt"))
    with qtbot.waitSignal(worker.ready, timeout=PATIENCE_MS):
        worker.warm_up()
    with qtbot.waitSignals([worker.restarted, worker.ready], timeout=PATIENCE_MS):
        os.kill(psutil.Process().children()[0].pid, signal.SIGTERM)
    with qtbot.waitSignal(worker.devices, timeout=PATIENCE_MS):
        worker.list_devices()


def test_that_a_worker_that_keeps_dying_is_given_up_with_a_sentence(
    qtbot: QtBot, make_worker: Make, misbehaving: Misbehaving, config: ExperimentConfig, data_dir: Path
) -> None:
    worker = make_worker(misbehaving("adapt-segfault"))
    restarts: list[float] = []
    worker.restarted.connect(lambda: restarts.append(time.monotonic()))
    with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as failed:
        number = worker.adapt(config, data_dir, 0, (0,))
    assert failed.args[0].request == number
    assert "crashed (segmentation fault)" in failed.args[0].message
    assert "3 more times" in failed.args[0].message
    assert len(restarts) == 3
    with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as failed:
        number = worker.adapt(config, data_dir, 0, (0,))
    assert failed.args[0].request == number
    assert psutil.Process().children() == []


def test_that_a_program_that_is_not_there_fails_the_request(
    qtbot: QtBot, make_worker: Make, config: ExperimentConfig, data_dir: Path
) -> None:
    worker = make_worker(lambda inbox: ChildHost(inbox, command=["/nowhere/python"]))
    with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as failed:
        number = worker.adapt(config, data_dir, 0, (0,))
    assert failed.args[0].request == number
    assert "/nowhere/python" in failed.args[0].message


def test_that_only_the_newest_adapt_is_answered(
    qtbot: QtBot, make_worker: Make, misbehaving: Misbehaving, config: ExperimentConfig, data_dir: Path
) -> None:
    worker = make_worker(misbehaving("adapt"))
    answers: list[Adapted] = []
    worker.adapted.connect(answers.append)
    for step in range(20):
        newest = worker.adapt(config, data_dir, step, (0,))
    with qtbot.waitSignal(worker.devices, timeout=PATIENCE_MS):
        worker.list_devices()
    assert [(answer.request, answer.step) for answer in answers] == [(newest, 19)]


@pytest.mark.parametrize("habit", ["slow-start", "adapt-slow"])
def test_that_shutting_down_a_busy_worker_leaves_nothing(
    qtbot: QtBot, make_worker: Make, misbehaving: Misbehaving, config: ExperimentConfig, data_dir: Path, habit: str
) -> None:
    worker = make_worker(misbehaving(habit))
    worker.adapt(config, data_dir, 0, (0,))
    if habit == "adapt-slow":
        qtbot.waitSignal(worker.ready, timeout=PATIENCE_MS).wait()
    worker.shutdown()
    assert psutil.Process().children() == []
    with qtbot.assertNotEmitted(worker.failed, wait=50):
        worker.adapt(config, data_dir, 0, (0,))
        worker.warm_up()
    assert psutil.Process().children() == []


def test_that_the_parent_of_both_workers_never_imports_torch(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from metagui.config import ExperimentConfig, apply_overrides
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController
from metagui.session.interactive import InteractiveWorker
application = QCoreApplication([])
data_dir = Path({str(tmp_path)!r})
config = apply_overrides(ExperimentConfig(), ["outer.steps=5", "outer.validation_tasks=2"])
controller = ExperimentController(RunStore(data_dir))
worker = InteractiveWorker()
ends = []
def ended(*end):
    ends.append(end)
    worker.adapt(config, data_dir, 0, (0,))
def adapted(answer):
    ends.append(len(answer.tasks))
    application.quit()
controller.ended.connect(ended)
worker.adapted.connect(adapted)
controller.start(config)
application.exec()
print(ends[0][1], ends[1], [name for name in sys.modules if name == "torch" or name.startswith("metagui.engine")])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "finished 1 []"), done.stderr
