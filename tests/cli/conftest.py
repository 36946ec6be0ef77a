"""Runs the real command line in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TIMEOUT = 120


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects on stdout, one a line."""
        return [json.loads(line, parse_constant=_refuse) for line in self.out.splitlines()]

    @property
    def value(self) -> Any:
        return json.loads(self.out, parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def environment(**changes: str | None) -> dict[str, str]:
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONWARNINGS": "default"}
    for name, value in changes.items():
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value
    return variables


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "metagui", *map(str, arguments)]


def metagui(*arguments: str | Path, **changes: str | None) -> Result:
    """One command, run to its end."""
    done = subprocess.run(
        command(*arguments),
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """One command, running. Ctrl-C reaches it even where the tests themselves run in the background."""
    return subprocess.Popen(
        command(*arguments),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )


@pytest.fixture(name="metagui", scope="session")
def _metagui() -> Callable[..., Result]:
    return metagui


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts commands that are ended, however the test does, and whose pipes are closed."""
    processes: list[subprocess.Popen[str]] = []

    def begin(*arguments: str | Path) -> subprocess.Popen[str]:
        processes.append(start(*arguments))
        return processes[-1]

    yield begin
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()
