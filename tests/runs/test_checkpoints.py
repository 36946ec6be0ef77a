from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from metagui.config import ExperimentConfig
from metagui.errors import CheckpointError, StoreError
from metagui.events import CheckpointWritten
from metagui.runs.store import RunStore


@pytest.fixture
def run(store: RunStore) -> str:
    return store.create(ExperimentConfig()).id


def add(store: RunStore, run: str, step: int, path: str | None = None, best: bool = False) -> Path:
    event = CheckpointWritten(
        path=path or f"checkpoints/step-{step:08d}.safetensors", sha256="0" * 64, step=step, best=best
    )
    file = store.run_dir(run) / event.path
    file.write_bytes(b"weights")
    store.add_checkpoint(run, event)
    return file


@pytest.mark.parametrize(
    "path",
    [
        "../../../outside.safetensors",
        "checkpoints/../config.json",
        "checkpoints/../../r-0002/checkpoints/step-1.safetensors",
        "config.json",
        "checkpoints",
        "checkpoints/..",
        "",
    ],
)
def test_that_a_file_outside_the_checkpoint_folder_is_refused(store: RunStore, run: str, path: str) -> None:
    with pytest.raises(StoreError, match="belong in"):
        store.add_checkpoint(run, CheckpointWritten(path=path, sha256="0" * 64, step=1))
    assert store.checkpoints(run) == ()


def test_that_an_absolute_path_outside_is_refused(store: RunStore, run: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="belong in"):
        store.add_checkpoint(run, CheckpointWritten(path=str(tmp_path / "a.safetensors"), sha256="0" * 64, step=1))


def test_that_pruning_never_follows_a_link_out_of_the_run(store: RunStore, run: str, tmp_path: Path) -> None:
    precious = tmp_path / "precious.safetensors"
    precious.write_bytes(b"not ours")
    files = [add(store, run, step) for step in (1, 2, 3)]
    files[0].unlink()
    files[0].symlink_to(precious)

    store.prune_checkpoints(run)

    assert precious.read_bytes() == b"not ours"
    assert not files[0].is_symlink()


def test_that_a_checkpoint_folder_that_leads_elsewhere_is_left_alone(store: RunStore, run: str, tmp_path: Path) -> None:
    files = [add(store, run, step) for step in (1, 2, 3)]
    elsewhere = tmp_path / "elsewhere"
    files[0].parent.rename(elsewhere)
    files[0].parent.symlink_to(elsewhere, target_is_directory=True)

    with pytest.raises(StoreError, match="belong in"):
        store.prune_checkpoints(run)

    assert len(list(elsewhere.iterdir())) == 3


def test_that_a_data_folder_may_be_reached_through_a_link(data_dir: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(data_dir, target_is_directory=True)
    with RunStore(link) as store:
        run = store.create(ExperimentConfig()).id
        for step in (1, 2, 3):
            add(store, run, step)
        store.prune_checkpoints(run)

        assert [checkpoint.step for checkpoint in store.checkpoints(run)] == [2, 3]


def test_that_the_latest_checkpoint_is_the_one_written_last(store: RunStore, run: str) -> None:
    for step in (1000, 2000, 3000):
        add(store, run, step)
    add(store, run, 1500)  # the run went back to 1000 and on from there

    latest = store.latest_checkpoint(run)
    assert latest is not None
    assert latest.step == 1500
    store.prune_checkpoints(run)
    assert [checkpoint.step for checkpoint in store.checkpoints(run)] == [3000, 1500]


def test_that_a_file_written_again_becomes_the_latest(store: RunStore, run: str) -> None:
    for step in (1, 2, 1):
        add(store, run, step)

    assert [checkpoint.step for checkpoint in store.checkpoints(run)] == [2, 1]


def test_that_a_checkpoint_whose_file_is_gone_is_not_offered(store: RunStore, run: str) -> None:
    add(store, run, 1)
    add(store, run, 2).unlink()

    latest = store.latest_checkpoint(run)
    assert latest is not None
    assert latest.step == 1


def test_that_a_run_without_checkpoints_has_no_latest(store: RunStore, run: str) -> None:
    assert store.latest_checkpoint(run) is None
    assert store.best_checkpoint(run) is None


def leave(store: RunStore, run: str, step: int, age: float = 0.0) -> Path:
    """A file that nobody records, as a worker leaves it whose window was killed."""
    file = store.run_dir(run) / f"checkpoints/step-{step:08d}.safetensors"
    file.write_bytes(b"weights")
    os.utime(file, (time.time() + 1 - age,) * 2)
    return file


def test_that_what_a_worker_saved_after_its_window_was_killed_is_found(store: RunStore, run: str) -> None:
    add(store, run, 1000)
    leave(store, run, 1234)
    assert store.checkpoints(run)[-1].step == 1000  # a live run's own recorder speaks for it
    store.set_status(run, "crashed")

    latest = store.latest_checkpoint(run)

    assert latest is not None
    assert (latest.step, latest.best) == (1234, False)
    assert latest.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert store.get(run).step == 1234
    assert [checkpoint.step for checkpoint in store.checkpoints(run)] == [1000, 1234]


def test_that_an_old_file_nobody_recorded_never_becomes_the_latest(store: RunStore, run: str) -> None:
    add(store, run, 1000)
    leave(store, run, 9000, age=3600)
    store.set_status(run, "crashed")

    assert [checkpoint.step for checkpoint in store.checkpoints(run)] == [1000]


def test_that_a_file_that_changed_since_it_was_recorded_is_damaged(store: RunStore, run: str) -> None:
    file = leave(store, run, 10)
    store.set_status(run, "crashed")
    latest = store.latest_checkpoint(run)
    assert latest is not None
    latest.verify()

    file.write_bytes(b"weightS")
    with pytest.raises(CheckpointError, match=r"step-00000010.*damaged"):
        latest.verify()
    file.unlink()
    with pytest.raises(CheckpointError, match="No such file"):
        latest.verify()
