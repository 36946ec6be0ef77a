"""Jobs with data beside the window: one at a time, cancelled when asked, joined before anybody is told."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from metagui.datasets.reporting import Report, Step
from metagui.errors import DataError
from metagui.session.dataset_jobs import DatasetJobs


@pytest.fixture
def jobs(qapp: Any) -> Any:
    made = DatasetJobs()
    yield made
    made.shutdown()


def test_that_a_job_runs_beside_the_window_and_answers(jobs: DatasetJobs, qtbot: QtBot) -> None:
    where: list[QThread] = []
    steps: list[Step] = []
    jobs.stepped.connect(steps.append)

    def work(report: Report) -> int:
        where.append(QThread.currentThread())
        for done in range(1, 1001):
            report(Step("counting", done, 1000))
        return 42

    with qtbot.waitSignal(jobs.ended) as ended:
        assert jobs.start("count", work)
        assert jobs.running == "count"
    (outcome,) = ended.args
    assert (outcome.key, outcome.status, outcome.result) == ("count", "done", 42)
    assert where[0] is not QThread.currentThread()
    assert jobs.running == ""
    assert steps[-1] == Step("counting", 1000, 1000)
    assert len(steps) < 1000, "the window is not flooded"


def test_that_a_second_job_waits_for_nobody(jobs: DatasetJobs, qtbot: QtBot) -> None:
    go = threading.Event()
    with qtbot.waitSignal(jobs.ended):
        assert jobs.start("first", lambda _report: go.wait(10))
        assert not jobs.start("second", lambda _report: None)
        go.set()
    with qtbot.waitSignal(jobs.ended):
        assert jobs.start("second", lambda _report: None)


def test_that_a_cancelled_job_ends_at_its_next_step(jobs: DatasetJobs, qtbot: QtBot) -> None:
    def work(report: Report) -> None:
        while True:
            report(Step("for ever", 0, 0))

    with qtbot.waitSignal(jobs.ended) as ended:
        jobs.start("endless", work)
        jobs.cancel()
    assert ended.args[0].status == "cancelled"


@pytest.mark.parametrize(
    ("error", "message", "detail"),
    [(DataError("it is damaged"), "it is damaged", ""), (KeyError("oh"), "KeyError: 'oh'", "Traceback")],
)
def test_that_failures_are_told_and_mistakes_of_ours_with_their_trace(
    jobs: DatasetJobs, qtbot: QtBot, error: Exception, message: str, detail: str
) -> None:
    def work(_report: Report) -> None:
        raise error

    with qtbot.waitSignal(jobs.ended) as ended:
        jobs.start("bad", work)
    (outcome,) = ended.args
    assert (outcome.status, outcome.message) == ("failed", message)
    assert outcome.detail.startswith(detail)
    assert bool(outcome.detail) == bool(detail)


def test_that_shutting_down_cancels_joins_and_lets_nothing_begin(jobs: DatasetJobs, qtbot: QtBot) -> None:
    threads: list[QThread] = []
    told: list[Any] = []
    jobs.ended.connect(told.append)

    def work(report: Report) -> None:
        threads.append(QThread.currentThread())
        while True:
            report(Step("for ever", 0, 0))

    jobs.start("endless", work)
    qtbot.waitUntil(lambda: bool(threads))
    jobs.shutdown()
    assert jobs.running == ""
    assert not jobs.start("another", work)
    jobs.shutdown()
    assert told == []
