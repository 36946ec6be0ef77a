"""Fixtures for every test: own data folder, the real data where it lies, and nothing left running behind a test."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_GRACE_SECONDS = 2.0


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data folder of this test's own."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets (``omniglot/`` and so on); skips where this machine has none."""
    given = os.environ.get("METAGUI_TEST_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real data sets: set METAGUI_TEST_DATA to their folder")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skip has to say what it needs (``needs a CUDA device``); any other is unexpected and fails."""
    report = yield
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if report.skipped and not hasattr(report, "wasxfail") and not reason.startswith("Skipped: needs "):
        report.outcome = "failed"
        report.longrepr = f"unexpected skip of {item.nodeid}: {reason}"
    return report


@pytest.fixture(autouse=True)
def _nothing_is_left_running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that leaves a thread, a QThread or a child process behind.

    Daemon threads are let pass: libraries own some. What a wider fixture started before the test is let pass too.
    """
    threads_before = set(threading.enumerate())
    children_before = set(psutil.Process().children(recursive=True))
    started_qthreads = _watch_qthreads(monkeypatch)
    yield
    deadline = time.monotonic() + _GRACE_SECONDS
    while left := _left_behind(threads_before, children_before, started_qthreads):
        if time.monotonic() > deadline:
            pytest.fail("left running: " + "; ".join(left))
        time.sleep(0.02)


def _watch_qthreads(monkeypatch: pytest.MonkeyPatch) -> weakref.WeakSet[Any]:
    started: weakref.WeakSet[Any] = weakref.WeakSet()
    try:
        from PySide6.QtCore import QThread
    except ImportError:
        return started
    start = QThread.start

    def remember_and_start(thread: QThread, *args: Any) -> None:
        started.add(thread)
        start(thread, *args)

    monkeypatch.setattr(QThread, "start", remember_and_start)
    return started


def _left_behind(
    threads_before: set[threading.Thread],
    children_before: set[psutil.Process],
    started_qthreads: weakref.WeakSet[Any],
) -> list[str]:
    left = [f"thread {t.name}" for t in threading.enumerate() if not t.daemon and t not in threads_before]
    left += [f"QThread {type(t).__name__}" for t in list(started_qthreads) if _is_running(t)]
    for child in set(psutil.Process().children(recursive=True)) - children_before:
        try:
            command = " ".join(child.cmdline())
            # The standard library's own helper lives until the interpreter ends.
            if "multiprocessing.resource_tracker" not in command:
                left.append(f"process {child.pid} ({child.status()}): {command or child.name()}")
        except psutil.NoSuchProcess:
            continue
    return left


def _is_running(thread: Any) -> bool:
    try:
        return bool(thread.isRunning())
    except RuntimeError:  # its C++ half is gone, so it ended
        return False
