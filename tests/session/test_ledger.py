"""The ledger against a real database that a real other program keeps locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from metagui.config import ExperimentConfig
from metagui.events import Array, Metrics, RunEnded, RunStarted
from metagui.runs.database import FILE_NAME
from metagui.runs.store import RunStore
from metagui.session import ledger
from metagui.session.ledger import Ledger

STARTED = RunStarted(step=0, total_steps=9, device="cpu", threads=1, parameters=1, norm_mode="none")
ENDED = RunEnded(status="finished", step=9, reason="done")


def metrics(step: int) -> Metrics:
    row = np.array([float(step)])
    return Metrics(names=("outer_loss",), steps=Array.of(np.array([step])), times=Array.of(row), values=Array.of([row]))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BUSY_SECONDS": 0.001, "RETRY_SECONDS": 0.01, "PATIENCE_SECONDS": 0.2}.items():
        monkeypatch.setattr(ledger, name, value)


@pytest.fixture
def run_id(store: RunStore) -> str:
    return store.create(ExperimentConfig()).id


@pytest.fixture
def other_program(data_dir: Path, run_id: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(data_dir / FILE_NAME, isolation_level=None)
    yield connection
    connection.close()


def test_that_a_run_is_recorded(data_dir: Path, store: RunStore, run_id: str) -> None:
    told: list[str] = []
    with Ledger(data_dir, run_id, told.append) as book:
        for event in (STARTED, metrics(1), metrics(2), ENDED):
            book.record(event)
        assert book.settle(1.0)
    assert store.get(run_id).status == "finished"
    assert store.read_series(run_id, "outer_loss")[0].tolist() == [1, 2]
    assert told == []


@pytest.mark.usefixtures("impatient")
def test_that_a_locked_database_is_told_waited_for_and_then_caught_up(
    data_dir: Path, store: RunStore, run_id: str, other_program: sqlite3.Connection
) -> None:
    told: list[str] = []
    with Ledger(data_dir, run_id, told.append) as book:
        book.record(STARTED)
        other_program.execute("BEGIN IMMEDIATE")
        for step in range(1, 300):
            book.record(metrics(step))
        assert not book.settle(0.05)
        assert [message.startswith("The run cannot be recorded") for message in told] == [True]
        assert "locked" in book.trouble
        other_program.execute("ROLLBACK")
        assert book.settle(10.0)
        assert told[1:] == ["The run is recorded again; nothing was lost."]
        assert book.trouble == ""
        assert not book.given_up
    assert store.read_series(run_id, "outer_loss")[0].tolist() == list(range(1, 300))


@pytest.mark.usefixtures("impatient")
def test_that_a_store_that_never_recovers_is_given_up(
    data_dir: Path, run_id: str, other_program: sqlite3.Connection
) -> None:
    with Ledger(data_dir, run_id, lambda message: None) as book:
        other_program.execute("BEGIN IMMEDIATE")
        book.record(STARTED)
        assert not book.given_up
        assert not book.settle(0.3)
        assert book.given_up


def test_that_ticks_are_signs_of_life(data_dir: Path, store: RunStore, run_id: str) -> None:
    before = store.get(run_id).heartbeat
    with Ledger(data_dir, run_id, lambda message: None) as book:
        book.tick()
    after = store.get(run_id).heartbeat
    assert before is not None
    assert after is not None
    assert after > before
