"""What memory grows with, measured as the benchmark does: fresh processes, the system's own peak."""

from __future__ import annotations

import dataclasses
import mmap
import sys

import pytest

from benchmarks.comparison import OURS
from benchmarks.memory import MIB, peak
from benchmarks.peers import PEERS
from benchmarks.resident import mark_peak, resident
from benchmarks.resident import peak as resident_peak
from benchmarks.workloads import WORKLOADS

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: elsewhere the peak cannot be set back")


@linux
def test_that_the_peak_is_seen_after_it_is_over() -> None:
    mark_peak()
    before = resident()
    block = mmap.mmap(-1, 64 * MIB)  # straight from the system: other tests may have told malloc to keep what is freed
    for page in range(0, 64 * MIB, mmap.PAGESIZE):
        block[page] = 1
    held = resident_peak() - before
    block.close()
    assert 60 * MIB < held < 80 * MIB
    assert resident_peak() - before > 60 * MIB
    mark_peak()
    assert resident_peak() < before + 60 * MIB


@linux
@pytest.mark.slow
def test_that_imaml_needs_no_more_memory_for_more_inner_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", str(128 * 1024))
    workload = dataclasses.replace(WORKLOADS["w2-imaml"], tasks=2)
    few, many = (peak(PEERS[OURS], dataclasses.replace(workload, inner_steps=steps), threads=1) for steps in (1, 64))
    assert few > 5 * MIB
    assert many <= 1.1 * few
