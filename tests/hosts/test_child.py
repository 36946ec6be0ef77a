"""The child host against real processes that raise, crash, hang, flood and die."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from metagui.config import ExperimentConfig
from metagui.errors import WorkerLostError
from metagui.events import (
    Adapt,
    Adapted,
    Cancel,
    Devices,
    Event,
    ListDevices,
    LogLine,
    RequestFailed,
    RunEnded,
    RunStarted,
    Stop,
    Train,
    WorkerReady,
)
from metagui.hosts import ChildHost, Delivery, WorkerLost, new_inbox

SCRIPT = Path(__file__).with_name("misbehaving_worker.py")
PATIENCE = 60.0  # bounds a hang; nothing is measured with it

MakeHost = Callable[[str], tuple[ChildHost, "queue.Queue[Delivery]"]]


def command(habit: str) -> list[str]:
    return [sys.executable, str(SCRIPT), habit]


@pytest.fixture
def make_host() -> Iterator[MakeHost]:
    hosts: list[ChildHost] = []

    def make(habit: str) -> tuple[ChildHost, queue.Queue[Delivery]]:
        inbox = new_inbox()
        hosts.append(ChildHost(inbox, command=command(habit)))
        return hosts[-1], inbox

    yield make
    for host in hosts:
        host.close(grace=0.0)


@pytest.fixture
def train(tmp_path: Path) -> Train:
    return Train(config=ExperimentConfig().to_dict(), run_dir=str(tmp_path), data_dir=str(tmp_path))


def adapt(request: int, step: int = 0) -> Adapt:
    return Adapt(request=request, config={}, data_dir="", step=step, tasks=(0,))


def until(inbox: queue.Queue[Delivery], kind: type[Event] | type[WorkerLost]) -> list[Delivery]:
    """All that arrives up to the first record of this kind."""
    seen: list[Delivery] = []
    while not seen or not isinstance(seen[-1], kind):
        seen.append(inbox.get(timeout=PATIENCE))
    return seen


def lost(inbox: queue.Queue[Delivery]) -> WorkerLost:
    last = until(inbox, WorkerLost)[-1]
    assert isinstance(last, WorkerLost)
    return last


def ended(inbox: queue.Queue[Delivery]) -> RunEnded:
    last = until(inbox, RunEnded)[-1]
    assert isinstance(last, RunEnded)
    return last


def test_that_a_training_is_started_followed_and_ended(make_host: MakeHost, train: Train) -> None:
    host, inbox = make_host("finish")
    host.start(train)
    kinds = [type(record) for record in until(inbox, RunEnded)]
    assert kinds == [WorkerReady, RunStarted, RunEnded]
    host.close()
    last = lost(inbox)
    assert (last.expected, last.exit_code) == (True, 0)


def test_that_stop_reaches_a_running_training(make_host: MakeHost, train: Train, tmp_path: Path) -> None:
    host, inbox = make_host("wait")
    host.start(train)
    until(inbox, RunStarted)
    host.send(Stop())
    assert ended(inbox).status == "stopped"
    assert (tmp_path / "saved").exists()


def test_that_a_raising_training_ends_with_a_sentence_and_a_traceback(make_host: MakeHost, train: Train) -> None:
    host, inbox = make_host("raise")
    host.start(train)
    end = ended(inbox)
    assert end.status == "failed"
    assert "ValueError: the inner loop fell over" in end.reason
    assert "Traceback" in end.detail


def test_that_a_configuration_that_is_none_ends_with_its_field(make_host: MakeHost, tmp_path: Path) -> None:
    host, inbox = make_host("finish")
    host.start(Train(config={"algorithm": {"name": "mamml"}}, run_dir=str(tmp_path), data_dir=str(tmp_path)))
    end = ended(inbox)
    assert (end.status, end.exit_code) == ("failed", 2)
    assert "algorithm.name" in end.reason


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("habit", "words", "exit_code"),
    [
        ("segfault", "the training process crashed (segmentation fault)", -signal.SIGSEGV),
        ("kill", "was killed (SIGKILL), perhaps because memory ran out", -9),
        ("exit", "exit code 7", 7),
    ],
)
def test_that_a_crash_is_told_in_words(
    make_host: MakeHost, train: Train, habit: str, words: str, exit_code: int
) -> None:
    host, inbox = make_host(habit)
    host.start(train)
    last = lost(inbox)
    assert words in last.reason
    assert (last.exit_code, last.expected) == (exit_code, False)
    if habit == "segfault":
        assert "in train" in last.detail  # faulthandler's traceback


def test_that_a_worker_without_torch_says_what_is_missing(make_host: MakeHost, train: Train) -> None:
    host, inbox = make_host("no-torch")
    host.start(train)
    assert "No module named 'torch'" in lost(inbox).reason


def test_that_a_program_that_is_not_there_is_an_error_with_its_name() -> None:
    host = ChildHost(new_inbox(), command=["/nowhere/python"])
    with pytest.raises(WorkerLostError, match="/nowhere/python"):
        host.open()
    host.close()


@pytest.mark.parametrize("habit", ["hang", "ignore-everything", "flood-deaf", "slow-start"])
def test_that_a_deaf_worker_is_made_to_end(make_host: MakeHost, train: Train, habit: str) -> None:
    host, inbox = make_host(habit)
    host.start(train)
    if habit != "slow-start":
        until(inbox, LogLine if habit in ("ignore-everything", "flood-deaf") else RunStarted)
    host.send(Stop())
    pid = host.pid
    assert pid is not None
    host.close(grace=0.1)
    assert not psutil.pid_exists(pid)


def test_that_stop_is_heard_during_a_flood(make_host: MakeHost, train: Train) -> None:
    host, inbox = make_host("flood")
    host.start(train)
    for _ in range(10_000):
        inbox.get(timeout=PATIENCE)
    host.send(Stop())
    assert ended(inbox).status == "stopped"


def test_that_a_flood_nobody_reads_fills_no_memory(make_host: MakeHost, train: Train) -> None:
    host, inbox = make_host("flood")
    host.start(train)
    deadline = time.monotonic() + PATIENCE
    while not inbox.full() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert inbox.full()
    host.close(grace=0.1)


def test_that_a_worker_that_closes_its_pipe_and_lives_on_is_ended(make_host: MakeHost, train: Train) -> None:
    host, inbox = make_host("close-pipe")
    host.start(train)
    last = lost(inbox)
    assert "closed its connection" in last.reason
    assert host.pid is not None
    assert not psutil.pid_exists(host.pid)


def test_that_garbage_on_the_pipe_ends_the_worker_and_is_named(make_host: MakeHost, train: Train) -> None:
    host, inbox = make_host("garbage")
    host.start(train)
    last = lost(inbox)
    assert "no message" in last.reason
    assert "last words" in last.detail


def test_that_what_a_worker_prints_does_not_disturb_the_protocol(make_host: MakeHost, train: Train) -> None:
    host, inbox = make_host("print")
    host.start(train)
    assert ended(inbox).status == "finished"
    host.close()
    detail = lost(inbox).detail
    assert len(detail.splitlines()) <= 200


def test_that_closing_twice_and_before_opening_is_harmless(make_host: MakeHost, train: Train) -> None:
    host, _ = make_host("finish")
    host.close()
    host.close()
    with pytest.raises(RuntimeError):
        host.start(train)


def test_that_devices_and_refusals_are_answered_in_order(make_host: MakeHost) -> None:
    host, inbox = make_host("adapt-refuse")
    host.open()
    host.send(ListDevices(request=1))
    host.send(adapt(2))
    answers = until(inbox, RequestFailed)
    assert isinstance(answers[1], Devices)
    assert answers[1].request == 1
    assert answers[2] == RequestFailed(request=2, message="too many shots", field="task.k_shot")


def test_that_an_error_in_an_answer_leaves_the_worker_serving(make_host: MakeHost) -> None:
    host, inbox = make_host("adapt-raise")
    host.open()
    host.send(adapt(1))
    failure = until(inbox, RequestFailed)[-1]
    assert isinstance(failure, RequestFailed)
    assert "by zero" in failure.message
    host.send(ListDevices(request=2))
    until(inbox, Devices)


def test_that_only_the_newest_adapt_is_answered(make_host: MakeHost) -> None:
    host, inbox = make_host("adapt-slow")
    host.open()
    for request in range(1, 8):  # the first ones wait to be superseded
        host.send(adapt(request))
    host.send(adapt(8, step=1))
    answers = [record for record in until(inbox, Adapted) if isinstance(record, Adapted)]
    assert [answer.request for answer in answers] == [8]


def test_that_what_was_cancelled_is_left_and_the_next_request_served(make_host: MakeHost) -> None:
    host, inbox = make_host("adapt-slow")
    host.open()
    host.send(adapt(1))  # would go on until it is superseded
    host.send(Cancel(request=1))
    host.send(ListDevices(request=2))
    assert not any(isinstance(record, Adapted) for record in until(inbox, Devices))


def test_that_a_message_that_is_none_is_named_and_survived(make_host: MakeHost) -> None:
    host, inbox = make_host("finish")
    host.open()
    host._outgoing.put(b"\x93not a message")
    host.send(ListDevices(request=1))
    records = until(inbox, Devices)
    assert any(isinstance(record, LogLine) and "ignored" in record.message for record in records)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("habit", ["wait", "hang"])
def test_that_a_killed_parent_leaves_no_orphan(habit: str, train: Train, tmp_path: Path) -> None:
    parent_program = f"""
import sys
from metagui.events import Train, RunStarted
from metagui.hosts import ChildHost, new_inbox
inbox = new_inbox()
host = ChildHost(inbox, command={command(habit)!r})
host.start(Train(config={train.config!r}, run_dir={str(tmp_path)!r}, data_dir=""))
while not isinstance(inbox.get(), RunStarted):
    pass
print(host.pid, flush=True)
inbox.get()
"""
    parent = subprocess.Popen([sys.executable, "-c", parent_program], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout as words:
        child = psutil.Process(int(words.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    psutil.wait_procs([child], timeout=PATIENCE)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert (tmp_path / "saved").exists() == (habit == "wait")


def test_that_the_worker_cannot_be_shadowed_by_a_file_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_host: MakeHost
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    inbox = new_inbox()
    host = ChildHost(inbox, command=[sys.executable, "-P", "-m", "metagui.worker"])
    host.open()
    host.close(grace=5.0)
    last = lost(inbox)
    assert (last.exit_code, last.expected) == (0, True), last
