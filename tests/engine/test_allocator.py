"""Memory that is kept for the next step."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from metagui.engine.allocator import keep_freed_memory

PROGRAM = """
import psutil, torch
from metagui.engine.allocator import keep_freed_memory

def resident():
    return psutil.Process().memory_info().rss

assert keep_freed_memory()
blocks = [torch.ones(2_000_000) for _ in range(40)]
full = resident()
del blocks
assert resident() > full - 50_000_000, (full, resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs glibc")
def test_that_freed_blocks_stay_with_the_process() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stderr


def test_that_the_environments_choice_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "131072")
    assert not keep_freed_memory()
