"""Damaged databases and run folders: what can be saved is saved, the rest is said and kept."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from metagui.config import ExperimentConfig, apply_overrides
from metagui.errors import StoreError
from metagui.events import CheckpointWritten
from metagui.runs.database import FILE_NAME, damage_mark
from metagui.runs.store import RunStore


@pytest.fixture
def filled(data_dir: Path) -> Path:
    """A data folder of three ended runs: packed curves, hot curves, and a checkpoint."""
    with RunStore(data_dir) as store:
        for number, algorithm in enumerate(("maml", "reptile", "imaml")):
            config = apply_overrides(ExperimentConfig(), [f"algorithm.name={algorithm}"])
            run = store.create(config, f"run of {algorithm}").id
            store.set_status(run, "running")
            steps = np.arange(6000)
            store.write_points(run, [("outer_loss", steps, steps * 0.5, steps * 1.0)])
            if number == 0:
                store.pack(run, whole=True)
            store.heartbeat(run, 6000)
            store.set_status(run, "finished", "All done.")
        file = store.run_dir("r-0003") / "checkpoints" / "step-00006000.safetensors"
        file.write_bytes(b"weights")
        event = CheckpointWritten(
            path=f"checkpoints/{file.name}", sha256=hashlib.sha256(b"weights").hexdigest(), step=6000
        )
        store.add_checkpoint("r-0003", event)
    assert not (data_dir / f"{FILE_NAME}-wal").exists()
    return data_dir


def garble(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(os.urandom(length))


def test_that_a_file_that_is_no_database_is_set_aside_and_the_runs_found_again(filled: Path) -> None:
    rubbish = os.urandom(5000)
    (filled / FILE_NAME).write_bytes(rubbish)

    with RunStore(filled) as store:
        assert [(run.id, run.name, run.status, run.step) for run in store.list()] == [
            ("r-0003", "run of imaml", "finished", 6000),
            ("r-0002", "run of reptile", "finished", 6000),
            ("r-0001", "run of maml", "finished", 6000),
        ]
        assert store.get("r-0003").algorithm == "imaml"
        assert store.get("r-0003").reason == "All done."
        checkpoint = store.latest_checkpoint("r-0003")
        assert checkpoint is not None
        assert (checkpoint.step, checkpoint.sha256) == (6000, hashlib.sha256(b"weights").hexdigest())
        assert store.series("r-0001") == ()
        (notice,) = store.notices
        assert store.create(ExperimentConfig()).id == "r-0004"

    (aside,) = filled.glob(f"{FILE_NAME}.broken-*")
    assert aside.read_bytes() == rubbish
    assert aside.name in notice
    assert "3 runs were found in their folders" in notice
    with RunStore(filled) as store:
        assert store.notices == []
        assert len(store.list()) == 4


def test_that_a_truncated_database_is_set_aside_and_the_runs_found_again(filled: Path) -> None:
    whole = (filled / FILE_NAME).read_bytes()
    (filled / FILE_NAME).write_bytes(whole[: len(whole) // 3])

    with RunStore(filled) as store:
        assert [run.name for run in store.list()] == ["run of imaml", "run of reptile", "run of maml"]
        if not store.notices:  # the first pages were whole: the damage shows when a curve is read
            with pytest.raises(StoreError, match="start metagui again"):
                for run in store.list():
                    store.read_series(run.id, "outer_loss")
    with RunStore(filled) as store:
        assert [run.name for run in store.list()] == ["run of imaml", "run of reptile", "run of maml"]
        checkpoint = store.latest_checkpoint("r-0003")
        assert checkpoint is not None
        assert checkpoint.step == 6000


def test_that_damage_found_later_is_mended_at_the_next_start_and_spares_the_rest(filled: Path) -> None:
    with RunStore(filled) as store:
        page_size = store.database.row("PRAGMA page_size")
        pages = store.database.row("PRAGMA page_count")
        assert page_size is not None
        assert pages is not None
    # A page amid the hot rows, which make up most of the file.
    garble(filled / FILE_NAME, page_size[0] * (pages[0] * 2 // 3), page_size[0])

    with RunStore(filled) as store:
        with pytest.raises(StoreError, match="start metagui again"):
            for run in store.list():
                store.read_series(run.id, "outer_loss")
        assert damage_mark(filled / FILE_NAME).exists()

    with RunStore(filled) as store:
        (notice,) = store.notices
        assert "3 runs were recovered" in notice
        assert [run.name for run in store.list()] == ["run of imaml", "run of reptile", "run of maml"]
        assert len(store.read_series("r-0001", "outer_loss")[0]) == 6000
        saved = 0
        for run in ("r-0002", "r-0003"):
            steps, values, _ = store.read_series(run, "outer_loss")
            assert np.array_equal(values, steps * 0.5)
            saved += len(steps)
            if len(steps):
                assert store.last_values(run) == {"outer_loss": steps[-1] * 0.5}
        assert 8000 < saved < 12000
        assert len(store.checkpoints("r-0003")) == 1
        assert not damage_mark(filled / FILE_NAME).exists()


def test_that_a_false_alarm_changes_nothing(filled: Path) -> None:
    damage_mark(filled / FILE_NAME).touch()

    with RunStore(filled) as store:
        assert store.notices == []
        assert len(store.read_series("r-0002", "outer_loss")[0]) == 6000
    assert not damage_mark(filled / FILE_NAME).exists()
    assert not list(filled.glob("*.broken-*"))


@pytest.mark.parametrize("content", ["{", "[]", "", '{"task": {"name": "chess"}}', "\x00\x01"])
def test_that_a_run_with_a_corrupt_configuration_is_left_out_and_kept(filled: Path, content: str) -> None:
    (filled / FILE_NAME).write_bytes(b"rubbish, not a database at all" * 100)
    config = filled / "runs" / "r-0002" / "config.json"
    config.write_text(content)

    with RunStore(filled) as store:
        assert [run.id for run in store.list()] == ["r-0003", "r-0001"]
        assert any(str(config) in notice for notice in store.notices)
        assert store.create(ExperimentConfig()).id == "r-0004"
    assert config.read_text() == content


def test_that_a_corrupt_configuration_file_does_not_matter_while_the_database_is_sound(filled: Path) -> None:
    (filled / "runs" / "r-0002" / "config.json").write_text("{")

    with RunStore(filled) as store:
        assert store.notices == []
        assert store.get("r-0002").experiment().algorithm.name == "reptile"


def test_that_a_missing_database_is_rebuilt_from_the_folders(filled: Path) -> None:
    (filled / FILE_NAME).unlink()

    with RunStore(filled) as store:
        assert [run.name for run in store.list()] == ["run of imaml", "run of reptile", "run of maml"]
        (notice,) = store.notices
        assert "was missing" in notice


@pytest.mark.parametrize("card", [None, "{", '{"status": "running"}', '{"status": 5, "ended": "never", "name": []}'])
def test_that_a_run_whose_end_is_unknown_is_rebuilt_as_crashed(data_dir: Path, card: str | None) -> None:
    with RunStore(data_dir) as store:
        run = store.create(ExperimentConfig())
    (data_dir / FILE_NAME).unlink()
    (run.run_dir / "run.json").unlink()
    if card is not None:
        (run.run_dir / "run.json").write_text(card)

    with RunStore(data_dir) as store:
        (found,) = store.list()
        assert (found.id, found.status) == (run.id, "crashed")
        assert "lost" in found.reason
        assert found.config == run.config


def test_that_runs_still_in_the_journal_survive_a_broken_file(data_dir: Path, program) -> None:
    source = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from metagui.config import ExperimentConfig\n"
        "from metagui.runs.store import RunStore\n"
        "store = RunStore(Path(sys.argv[1]))\n"
        "store.create(ExperimentConfig(), 'first')\n"
        "os._exit(0)\n"
    )
    with program(source, data_dir) as writer:
        writer.communicate()
    assert (data_dir / f"{FILE_NAME}-wal").exists()
    garble(data_dir / FILE_NAME, 0, 4096)

    with RunStore(data_dir) as store:
        assert [run.name for run in store.list()] == ["first"]
