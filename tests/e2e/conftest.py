"""Plays scenarios in a window of its own process, and checks what holds of each: all ends, and torch is not there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

LONGEST = 280

Drive = Callable[..., dict[str, Any]]


@pytest.fixture
def drive() -> Drive:
    """``drive(driver, *words, environment={})``: what the driver reports at its end. Offscreen by default."""
    return _drive


@pytest.fixture
def display() -> Iterator[str]:
    """The name of an X server's display that nobody sees.

    The server finds a free number itself and keeps its state when a window goes: xvfb-run guesses the number, which
    fails where another one starts at the same moment.
    """
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("needs xvfb-run (its Xvfb)")
    reading, writing = os.pipe()
    words = [server, "-displayfd", str(writing), "-screen", "0", "1400x900x24", "-nolisten", "tcp", "-noreset"]
    process = subprocess.Popen(words, pass_fds=(writing,), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with open(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


def _drive(driver: Path, *words: str | Path, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    done = _run([sys.executable, "-W", "error", str(driver), *map(str, words)], dict(environment or {}))
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert report["torch"] is False, "the window imported torch"
    assert report["workers"], "no worker was seen: the scenario cannot have worked"
    deadline = time.monotonic() + 5
    while left := [pid for pid in report["workers"] if psutil.pid_exists(pid)]:
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.05)
    return report


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """In a session of its own, so that what takes too long ends with all that it has started."""
    process = subprocess.Popen(
        command,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=LONGEST)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)
