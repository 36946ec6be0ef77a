from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from metagui.config import ExperimentConfig
from metagui.errors import StoreError
from metagui.events import (
    Array,
    CheckpointWritten,
    LogLine,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    RunStarted,
    SettingChanged,
    WeightsSnapshot,
)
from metagui.runs import recorder as recorder_module
from metagui.runs.recorder import RunRecorder
from metagui.runs.store import RunStore


def started(step: int = 0, total_steps: int = 100) -> RunStarted:
    return RunStarted(
        step=step,
        total_steps=total_steps,
        device="cpu",
        threads=1,
        parameters=1761,
        norm_mode="transductive",
        n_query=15,
    )


@pytest.fixture
def run(store: RunStore) -> str:
    return store.create(ExperimentConfig()).id


@pytest.fixture
def recorder(store: RunStore, run: str) -> RunRecorder:
    return RunRecorder(store, run)


def write_checkpoint(store: RunStore, run: str, step: int, **more: object) -> CheckpointWritten:
    path = f"checkpoints/step-{step:08d}.safetensors"
    content = f"weights of step {step}".encode()
    (store.run_dir(run) / path).write_bytes(content)
    return CheckpointWritten(path=path, sha256=hashlib.sha256(content).hexdigest(), step=step, **more)  # type: ignore[arg-type]


def test_that_a_run_is_recorded_from_start_to_end(store: RunStore, run: str, recorder: RunRecorder, metrics) -> None:
    recorder.record(started(total_steps=3))
    assert store.get(run).status == "running"
    recorder.record(metrics([1, 2, 3], outer_loss=[3.0, 2.0, 1.0], validation_loss=[float("nan"), float("nan"), 9.0]))
    recorder.record(WeightsSnapshot(step=3, weights={"w": Array.of(np.zeros(2, dtype=np.float32))}))
    recorder.record(LogLine(level="warning", message="careful"))
    recorder.record(RunEnded(status="finished", step=3, reason="All meta-steps are done."))
    recorder.close()

    record = store.get(run)
    assert (record.status, record.reason, record.step, record.total_steps) == (
        "finished",
        "All meta-steps are done.",
        3,
        3,
    )
    assert record.facts == {
        "device": "cpu",
        "threads": 1,
        "parameters": 1761,
        "norm_mode": "transductive",
        "n_query": 15,
    }
    assert store.read_series(run, "outer_loss")[1].tolist() == [3.0, 2.0, 1.0]
    assert store.read_series(run, "validation_loss")[0].tolist() == [3]
    assert [line.message for line in store.log(run)] == ["careful"]


@pytest.mark.parametrize("status", ["stopped", "failed", "diverged", "crashed"])
def test_that_every_end_is_told_with_its_reason(store: RunStore, run: str, recorder: RunRecorder, status: str) -> None:
    recorder.record(started())
    recorder.record(RunEnded(status=status, step=7, reason="Because.", detail="trace", exit_code=1))  # type: ignore[arg-type]

    record = store.get(run)
    assert (record.status, record.reason, record.detail, record.step) == (status, "Because.", "trace", 7)
    assert not record.live


def test_that_a_pause_is_recorded_with_all_points_before_it(
    store: RunStore, run: str, recorder: RunRecorder, metrics
) -> None:
    recorder.record(started())
    recorder.record(metrics([1], outer_loss=[3.0]))
    recorder.record(Paused(step=1, unit="task", inner_step=0, task=0))

    assert (store.get(run).status, store.get(run).step) == ("paused", 1)
    assert store.last_values(run) == {"outer_loss": 3.0}
    recorder.record(Resumed(step=1))
    assert store.get(run).status == "running"


def test_that_few_points_wait_and_many_do_not(store: RunStore, run: str, recorder: RunRecorder, metrics) -> None:
    recorder.record(metrics([1], outer_loss=[1.0]))
    waiting = store.last_values(run)
    recorder.record(metrics(list(range(2, 102)), outer_loss=[2.0] * 100))

    assert waiting == {}
    assert len(store.read_series(run, "outer_loss")[0]) == 101


def test_that_old_points_do_not_wait_for_more(
    store: RunStore, run: str, recorder: RunRecorder, metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "FLUSH_SECONDS", 0.0)

    recorder.record(metrics([1], outer_loss=[1.0]))

    assert store.last_values(run) == {"outer_loss": 1.0}


def test_that_progress_is_a_heartbeat_with_the_step(store: RunStore, run: str, recorder: RunRecorder) -> None:
    recorder.record(Progress(step=40, total_steps=80, tasks_per_second=9.0, eta=None, memory_bytes=0))

    assert (store.get(run).step, store.get(run).total_steps) == (40, 80)


def test_that_closing_commits_what_waits(data_dir: Path, metrics) -> None:
    with RunStore(data_dir) as store:
        run = store.create(ExperimentConfig()).id
        with RunRecorder(store, run) as recorder:
            recorder.record(metrics([1], outer_loss=[1.0]))

        assert store.last_values(run) == {"outer_loss": 1.0}


def test_that_a_long_run_is_packed_on_its_way(
    store: RunStore, run: str, recorder: RunRecorder, metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "PACK_POINTS", 1000)
    values = np.random.default_rng(0).normal(size=5000)
    for first in range(0, 5000, 250):
        steps = list(range(first, first + 250))
        recorder.record(metrics(steps, outer_loss=values[first : first + 250].tolist()))
        hot = store.database.row("SELECT count(*) FROM hot")
        assert hot is not None
        assert hot[0] < 1000

    steps_read, values_read, _ = store.read_series(run, "outer_loss")
    assert np.array_equal(steps_read, np.arange(5000))
    assert np.array_equal(values_read, values)


def test_that_a_resumed_run_is_cut_at_its_checkpoint(store: RunStore, run: str, recorder: RunRecorder, metrics) -> None:
    recorder.record(started())
    recorder.record(metrics([1, 2, 3, 4, 5], outer_loss=[5.0, 4.0, 3.0, 2.0, 1.0]))
    recorder.record(RunEnded(status="stopped", step=5, reason="You stopped it."))

    recorder.record(started(step=3))
    recorder.record(metrics([4], outer_loss=[0.5]))
    recorder.flush()

    steps, values, _ = store.read_series(run, "outer_loss")
    assert steps.tolist() == [1, 2, 3, 4]
    assert values.tolist() == [5.0, 4.0, 3.0, 0.5]
    assert (store.get(run).status, store.get(run).ended, store.get(run).reason) == ("running", None, "")


def test_that_the_last_two_checkpoints_and_the_best_are_kept(store: RunStore, run: str, recorder: RunRecorder) -> None:
    for step in range(1, 7):
        recorder.record(write_checkpoint(store, run, step, best=step in (1, 3), metric=1.0 / step))

    kept = store.checkpoints(run)
    assert [checkpoint.step for checkpoint in kept] == [3, 5, 6]
    assert [checkpoint.best for checkpoint in kept] == [True, False, False]
    assert sorted(path.name for path in (store.run_dir(run) / "checkpoints").iterdir()) == [
        checkpoint.path.name for checkpoint in kept
    ]
    latest, best = store.latest_checkpoint(run), store.best_checkpoint(run)
    assert latest is not None
    assert best is not None
    assert (latest.step, best.step, best.metric) == (6, 3, 1.0 / 3)
    assert latest.sha256 == hashlib.sha256(latest.path.read_bytes()).hexdigest()


def test_that_points_are_committed_before_the_checkpoint_that_follows_them(
    store: RunStore, run: str, recorder: RunRecorder, metrics
) -> None:
    recorder.record(metrics([1], outer_loss=[1.0]))
    recorder.record(write_checkpoint(store, run, 1))

    assert store.last_values(run) == {"outer_loss": 1.0}


def test_that_points_a_full_disk_refused_are_written_once_there_is_room(
    store: RunStore, run: str, recorder: RunRecorder, metrics
) -> None:
    recorder.record(metrics([1], outer_loss=[1.0]))
    recorder.flush()
    pages = store.database.row("PRAGMA page_count")
    assert pages is not None
    store.database.execute(f"PRAGMA max_page_count = {pages[0]}")
    steps = list(range(2, 5002))

    with pytest.raises(StoreError, match="disk is full"):
        recorder.record(metrics(steps, outer_loss=[2.0] * len(steps)))
    assert store.last_values(run) == {"outer_loss": 1.0}

    store.database.execute("PRAGMA max_page_count = 1000000")
    recorder.flush()
    assert len(store.read_series(run, "outer_loss")[0]) == 5001


def test_that_a_run_ends_well_though_its_points_cannot_be_packed(
    store: RunStore, run: str, recorder: RunRecorder, metrics
) -> None:
    store.database.execute(
        "CREATE TEMP TRIGGER no_room BEFORE INSERT ON packed BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    recorder.record(started())
    steps = list(range(3000))
    recorder.record(metrics(steps, outer_loss=[1.0] * 3000))
    with pytest.raises(StoreError, match="no room"):
        store.pack(run)

    recorder.record(RunEnded(status="finished", step=3000, reason="done"))

    assert store.get(run).status == "finished"
    assert store.read_series(run, "outer_loss")[0].tolist() == steps


def test_that_a_changed_setting_is_the_runs_own_from_then_on(store: RunStore, run: str, recorder: RunRecorder) -> None:
    before = store.get(run)
    recorder.record(started())
    recorder.record(SettingChanged(step=4, path="algorithm.inner_lr", value=0.5, before=0.01))
    record = store.get(run)
    assert record.experiment().algorithm.model_dump()["inner_lr"] == 0.5
    assert record.fingerprint != before.fingerprint  # no longer a run of that configuration with another seed
    assert json.loads((record.run_dir / "config.json").read_text())["algorithm"]["inner_lr"] == 0.5
