from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from metagui.config import ExperimentConfig
from metagui.control import Control
from metagui.errors import DataError
from metagui.events import LogLine, RunEnded, RunEvent, Stop, Train, WorkerReady
from metagui.hosts import Delivery, InThreadHost, new_inbox
from metagui.workspace import Workspace

Emit = Callable[[RunEvent], None]


@pytest.fixture
def train(tmp_path: Path) -> Train:
    return Train(config=ExperimentConfig().to_dict(), run_dir=str(tmp_path / "run"), data_dir=str(tmp_path))


def until_end(inbox: queue.Queue[Delivery]) -> list[Delivery]:
    records = [inbox.get(timeout=60)]
    while not isinstance(records[-1], RunEnded):
        records.append(inbox.get(timeout=60))
    return records


def test_that_the_trainer_gets_what_the_request_says(train: Train, tmp_path: Path) -> None:
    seen: list[tuple[ExperimentConfig, Workspace]] = []

    def trainer(config: ExperimentConfig, workspace: Workspace, control: Control, emit: Emit) -> RunEnded:
        seen.append((config, workspace))
        end = RunEnded(status="finished", step=1, reason="done")
        emit(end)
        return end

    inbox = new_inbox()
    host = InThreadHost(inbox, trainer=trainer)
    host.start(train)
    records = until_end(inbox)
    host.close()
    assert [type(record) for record in records] == [WorkerReady, RunEnded]
    assert inbox.empty()
    assert seen == [(ExperimentConfig(), Workspace(tmp_path / "run", tmp_path))]


@pytest.mark.parametrize(
    ("error", "words", "exit_code"),
    [
        (DataError("omniglot is not installed"), "omniglot is not installed", 2),
        (ValueError("oops"), "ValueError: oops", 1),
        (MemoryError("64 GB"), "memory ran out: 64 GB", 1),
    ],
)
def test_that_a_raising_trainer_still_ends_the_run_once(
    train: Train, error: Exception, words: str, exit_code: int
) -> None:
    def trainer(config: ExperimentConfig, workspace: Workspace, control: Control, emit: Emit) -> RunEnded:
        emit(LogLine(level="info", message="begun"))
        raise error

    inbox = new_inbox()
    host = InThreadHost(inbox, trainer=trainer)
    host.start(train)
    end = until_end(inbox)[-1]
    host.close()
    assert isinstance(end, RunEnded)
    assert (end.status, end.exit_code) == ("failed", exit_code)
    assert words in end.reason


def test_that_nothing_comes_after_the_end(train: Train) -> None:
    def trainer(config: ExperimentConfig, workspace: Workspace, control: Control, emit: Emit) -> RunEnded:
        end = RunEnded(status="finished", step=1, reason="done")
        emit(end)
        emit(LogLine(level="info", message="too late"))
        emit(end)
        return end

    inbox = new_inbox()
    host = InThreadHost(inbox, trainer=trainer)
    host.start(train)
    until_end(inbox)
    host.close()
    assert inbox.empty()


def test_that_closing_stops_a_trainer_that_nobody_listens_to(train: Train) -> None:
    finished = threading.Event()

    def trainer(config: ExperimentConfig, workspace: Workspace, control: Control, emit: Emit) -> RunEnded:
        while not control.stopping:
            emit(LogLine(level="info", message="chatter"))
        finished.set()
        return RunEnded(status="stopped", step=1, reason="stopped")

    inbox = new_inbox(size=3)
    host = InThreadHost(inbox, trainer=trainer)
    host.start(train)
    host.send(Stop())
    host.close(grace=10.0)
    assert finished.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "host-training"]
