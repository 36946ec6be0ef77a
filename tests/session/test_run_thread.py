"""What the controller's tests do not reach: runs that cannot even begin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from metagui.config import ExperimentConfig
from metagui.events import RunEnded, Train
from metagui.hosts import ChildHost, Inbox
from metagui.runs.store import RunStore
from metagui.session.event_ring import EventRing
from metagui.session.run_thread import HostFactory, RunThread

Misbehaving = Callable[[str], Callable[[Inbox], ChildHost]]


def run(qtbot: QtBot, run_id: str, train: Train, make_host: HostFactory) -> tuple[list[tuple[str, str]], EventRing]:
    ring = EventRing()
    ends: list[tuple[str, str]] = []
    thread = RunThread(run_id, train, make_host, ring)
    thread.ended.connect(lambda status, reason: ends.append((status, reason)))
    with qtbot.waitSignal(thread.ended, timeout=60_000):
        thread.start()
    thread.wait()
    assert thread.verdict == ends[0]
    return ends, ring


def train_in(folder: Path) -> Train:
    return Train(config=ExperimentConfig().to_dict(), run_dir=str(folder / "run"), data_dir=str(folder))


@pytest.mark.usefixtures("qapp")
def test_that_a_store_that_cannot_be_opened_ends_the_run_before_it_begins(
    qtbot: QtBot, tmp_path: Path, misbehaving: Misbehaving
) -> None:
    no_folder = tmp_path / "file"
    no_folder.write_text("not a folder")
    ends, ring = run(qtbot, "r-0001", train_in(no_folder), misbehaving("finish"))
    assert [status for status, _ in ends] == ["failed"]
    assert str(no_folder) in ends[0][1]
    assert [type(event) for event in ring.drain()] == [RunEnded]


def test_that_a_mistake_of_ours_ends_the_run_and_not_the_program(
    qtbot: QtBot, qapp: QCoreApplication, store: RunStore, data_dir: Path
) -> None:
    def broken(inbox: Inbox) -> ChildHost:
        raise TypeError("a bug")

    run_id = store.create(ExperimentConfig()).id
    ends, ring = run(qtbot, run_id, train_in(data_dir), broken)
    assert [status for status, _ in ends] == ["failed"]
    assert "TypeError: a bug" in ends[0][1]
    end = ring.drain()[-1]
    assert isinstance(end, RunEnded)
    assert "Traceback" in end.detail
    assert store.get(run_id).status == "failed"
