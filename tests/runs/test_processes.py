"""Several processes on one data folder, and processes that die in the middle of a write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from metagui.config import ExperimentConfig
from metagui.runs.store import RunStore

WRITER = """
import sys
from pathlib import Path
import numpy as np
from metagui.config import ExperimentConfig
from metagui.events import Array, Metrics, RunEnded, RunStarted
from metagui.runs.recorder import RunRecorder
from metagui.runs.store import RunStore

batches, per_batch = int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
with RunStore(Path(sys.argv[1])) as store:
    run = store.create(ExperimentConfig()).id
    recorder = RunRecorder(store, run)
    recorder.record(RunStarted(step=0, total_steps=1, device="cpu", threads=1, parameters=1, norm_mode="none"))
    print(run, flush=True)
    for batch in range(batches):
        steps = np.arange(batch * per_batch, (batch + 1) * per_batch)
        values = np.stack([steps * 0.5, steps * 0.25], axis=1)
        recorder.record(
            Metrics(
                names=("outer_loss", "inner_loss/0"),
                steps=Array.of(steps),
                times=Array.of(steps.astype(float)),
                values=Array.of(values),
            )
        )
        recorder.flush()
        print(steps[-1], flush=True)
    recorder.record(RunEnded(status="finished", step=int(steps[-1]), reason="done"))
"""


OPENER = """
import sys
from pathlib import Path
from metagui.runs.store import RunStore

print("ready", flush=True)
for _ in range(30):
    RunStore(Path(sys.argv[1]) / sys.stdin.readline().strip()).close()
    print("opened", flush=True)
"""


def test_that_several_processes_may_make_the_database_at_once(data_dir: Path, program) -> None:
    with program(OPENER, data_dir) as one, program(OPENER, data_dir) as two, program(OPENER, data_dir) as three:
        openers = (one, two, three)
        assert {opener.stdout.readline() for opener in openers} == {"ready\n"}
        for number in range(30):
            for opener in openers:
                opener.stdin.write(f"{number}\n")
                opener.stdin.flush()
            assert {opener.stdout.readline() for opener in openers} == {"opened\n"}
    assert {opener.returncode for opener in openers} == {0}


def test_that_several_processes_write_and_read_at_once(data_dir: Path, program) -> None:
    batches, per_batch = 60, 40
    arguments = (data_dir, batches, per_batch)
    with program(WRITER, *arguments) as one, program(WRITER, *arguments) as two, program(WRITER, *arguments) as three:
        writers = [one, two, three]
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:  # they open, and make, the database at the same moment
            writer.stdin.write("go\n")
            writer.stdin.flush()
        runs = [writer.stdout.readline().strip() for writer in writers]
        with RunStore(data_dir) as store:
            own = store.create(ExperimentConfig()).id
            while any(writer.poll() is None for writer in writers):
                assert {run.status for run in store.list()} <= {"queued", "running", "finished"}
                for run in runs:
                    steps, values, _ = store.read_series(run, "outer_loss")
                    assert np.array_equal(values, steps * 0.5)
                store.heartbeat(own, 1)
        outputs = [writer.stdout.read() for writer in writers]
    # Leaving the block has waited for them.

    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert all(len(output.split()) == batches for output in outputs)
    with RunStore(data_dir) as store:
        assert sorted({*runs, own}) == ["r-0001", "r-0002", "r-0003", "r-0004"]
        for run in runs:
            for name, slope in (("outer_loss", 0.5), ("inner_loss/0", 0.25)):
                steps, values, _ = store.read_series(run, name)
                assert np.array_equal(steps, np.arange(batches * per_batch))
                assert np.array_equal(values, steps * slope)
            assert store.get(run).status == "finished"


@pytest.mark.parametrize("acknowledged_batches", [1, 7, 40])
def test_that_a_kill_loses_no_acknowledged_point(data_dir: Path, program, acknowledged_batches: int) -> None:
    with program(WRITER, data_dir, 100_000, 130) as writer:
        writer.stdin.write("go\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "ready\n"
        run = writer.stdout.readline().strip()
        acknowledged = [int(writer.stdout.readline()) for _ in range(acknowledged_batches)]
        writer.kill()  # in the middle of whatever comes next
        acknowledged += [int(line) for line in writer.stdout.read().split("\n")[:-1]]

    with RunStore(data_dir) as store:
        assert store.notices == []
        assert store.get(run).status == "crashed"
        for name, slope in (("outer_loss", 0.5), ("inner_loss/0", 0.25)):
            steps, values, times = store.read_series(run, name)
            assert steps[-1] >= acknowledged[-1]
            assert np.array_equal(steps, np.arange(len(steps)))
            assert np.array_equal(values, steps * slope)
            assert np.array_equal(times, steps)
