"""The studio's requests through the warm worker: superseded by channel, and kept when the worker dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from metagui.config import ExperimentConfig
from metagui.events import Array, Inside, Network, OwnTask, RequestFailed, Studied
from metagui.session.interactive import InteractiveWorker

PATIENCE_MS = 60_000


@pytest.fixture
def worker(qtbot: QtBot, qapp: QCoreApplication) -> Iterator[InteractiveWorker]:
    """Warm: torch is imported."""
    made = InteractiveWorker()
    with qtbot.waitSignal(made.ready, timeout=PATIENCE_MS):
        made.warm_up()
    yield made
    made.shutdown()


@pytest.fixture
def network(config: ExperimentConfig) -> Network:
    return Network(title="random", config=config.to_dict(), step=3)


@pytest.mark.slow
def test_that_a_study_of_ones_own_task_and_a_look_inside_are_answered(
    qtbot: QtBot, worker: InteractiveWorker, network: Network, data_dir: Path
) -> None:
    values = Array.of(np.linspace(-1, 1, 5, dtype=np.float32))
    nothing = Array.of(np.zeros(0, np.float32))
    mine = OwnTask(
        kind="regression",
        title="mine",
        support_x=values,
        support_y=values,
        query_x=nothing,
        query_y=nothing,
        grid=nothing,
        truth=nothing,
    )
    with qtbot.waitSignal(worker.studied, timeout=PATIENCE_MS) as answered:
        number = worker.study(data_dir, [network, network], own=mine, inner_steps=2, channel="own")
    studied = answered.args[0]
    assert isinstance(studied, Studied)
    assert (studied.request, studied.channel, len(studied.columns)) == (number, "own", 2)
    assert studied.columns[0].tasks[0].support_x == values

    with qtbot.waitSignal(worker.looked_inside, timeout=PATIENCE_MS) as answered:
        number = worker.look_inside(data_dir, network, resolution=5)
    inside = answered.args[0]
    assert isinstance(inside, Inside)
    assert (inside.request, inside.step, inside.slice_loss.shape) == (number, 3, (5, 5))

    with qtbot.waitSignal(worker.failed, timeout=PATIENCE_MS) as answered:
        number = worker.look_inside(data_dir, network, tasks=())
    assert isinstance(answered.args[0], RequestFailed)
    assert answered.args[0].request == number


@pytest.mark.slow
def test_that_only_the_newest_study_of_each_channel_is_answered(
    qtbot: QtBot, worker: InteractiveWorker, network: Network, data_dir: Path
) -> None:
    answers: list[Studied] = []
    worker.studied.connect(answers.append)
    for _ in range(8):
        left = worker.study(data_dir, [network], inner_steps=400, channel="left")
        right = worker.study(data_dir, [network], inner_steps=400, channel="right")
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=PATIENCE_MS)
    with qtbot.waitSignal(worker.devices, timeout=PATIENCE_MS):
        worker.list_devices()
    assert [(answer.request, answer.channel) for answer in answers] == [(left, "left"), (right, "right")]


@pytest.mark.slow
def test_that_a_worker_killed_in_the_middle_is_replaced_and_the_task_is_kept(
    qtbot: QtBot, worker: InteractiveWorker, network: Network, data_dir: Path
) -> None:
    answers: list[Studied] = []
    worker.studied.connect(answers.append)
    with (
        qtbot.waitSignals([worker.restarted, worker.studied], timeout=PATIENCE_MS, order="strict"),
        qtbot.assertNotEmitted(worker.failed),
    ):
        number = worker.study(data_dir, [network], tasks=(4,), inner_steps=3000)
        (process,) = psutil.Process().children()
        os.kill(process.pid, signal.SIGKILL)
    (answer,) = answers
    assert answer.request == number
    assert [task.task for task in answer.columns[0].tasks] == [4]


@pytest.mark.slow
def test_that_a_cancelled_study_is_not_answered(
    qtbot: QtBot, worker: InteractiveWorker, network: Network, data_dir: Path
) -> None:
    with qtbot.assertNotEmitted(worker.studied), qtbot.waitSignal(worker.devices, timeout=PATIENCE_MS):
        worker.cancel(worker.study(data_dir, [network], inner_steps=10_000))
        worker.list_devices()
