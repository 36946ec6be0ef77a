"""A script that interrupts a training it started in the background gets its checkpoint, too."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_that_an_interrupt_counts_in_a_shells_background_job(
    started: Callable[..., subprocess.Popen[str]], data_dir: Path
) -> None:
    # What a shell without job control does before it runs a command with &.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = started(
            "train", "--steps", "10000000", "--set", "outer.validation_tasks=4", "--json", "--data-dir", data_dir
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "metrics":
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert list(data_dir.glob("runs/r-0001/checkpoints/*.safetensors"))
