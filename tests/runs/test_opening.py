"""Folders that cannot be used: each is refused with a sentence, and left as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from metagui.config import ExperimentConfig
from metagui.errors import StoreError
from metagui.runs.database import FILE_NAME
from metagui.runs.schema import SCHEMA_VERSION
from metagui.runs.store import RunStore

ATTEMPT = """
import sys
from pathlib import Path
from metagui.config import ExperimentConfig
from metagui.errors import StoreError
from metagui.runs.store import RunStore

try:
    with RunStore(Path(sys.argv[1])) as store:
        store.create(ExperimentConfig())
except StoreError as error:
    print(error)
    raise SystemExit(error.exit_code)
"""

FILL = """
import os, shutil, sys
from pathlib import Path
import numpy as np
from metagui.config import ExperimentConfig
from metagui.errors import StoreError
from metagui.events import Array, Metrics
from metagui.runs.recorder import RunRecorder
from metagui.runs.store import RunStore

folder = Path(sys.argv[1])
with RunStore(folder) as store:
    run = store.create(ExperimentConfig()).id
    recorder = RunRecorder(store, run)
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(folder).free // 2))
    batch = 0
    try:
        while batch < 100_000:
            steps = np.arange(batch * 200, (batch + 1) * 200)
            values = Array.of(steps[:, None] * 0.5)
            recorder.record(
                Metrics(names=("outer_loss",), steps=Array.of(steps), times=Array.of(steps * 1.0), values=values)
            )
            batch += 1
    except StoreError as error:
        assert "disk" in str(error), str(error)
        committed = store.read_series(run, "outer_loss")[0]
        assert np.array_equal(committed, np.arange(batch * 200)), (len(committed), batch)
    else:
        raise SystemExit("the disk never filled up")
    try:
        store.create(ExperimentConfig())
        raise SystemExit("a run was created on a full disk")
    except StoreError as error:
        assert [entry.name for entry in store.runs_dir.iterdir()] == [run]
    ballast.unlink()
    recorder.flush()
with RunStore(folder) as store:
    assert store.notices == [], store.notices
    steps, values, _ = store.read_series(run, "outer_loss")
    assert np.array_equal(steps, np.arange((batch + 1) * 200))
    assert np.array_equal(values, steps * 0.5)
print("survived")
"""


def on_mount(options: str, folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Run source with ``folder`` as its argument, in a mount namespace where something is mounted on ``folder``."""
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        pytest.skip("needs Linux' unshare to mount a file system of its own")
    mounted = ["unshare", "-rm", "sh", "-c", f'mount {options} "$0" && exec "$@"', str(folder)]
    probe = subprocess.run([*mounted, "true"], capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f"needs the right to mount: {probe.stderr.strip()}")
    return subprocess.run(
        [*mounted, sys.executable, "-W", "error", "-c", source, str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_that_missing_folders_are_made(tmp_path: Path) -> None:
    with RunStore(tmp_path / "a" / "b") as store:
        store.create(ExperimentConfig())

    assert (tmp_path / "a" / "b" / FILE_NAME).is_file()


def test_that_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="--data-dir"):
        RunStore(tmp_path / "file" / "data")


def test_that_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    done = on_mount("-t tmpfs -o ro none", tmp_path, ATTEMPT)

    assert done.returncode == 3, done.stderr
    assert "--data-dir" in done.stdout
    assert str(tmp_path) in done.stdout


def test_that_a_store_made_read_only_is_refused_and_unchanged(data_dir: Path) -> None:
    with RunStore(data_dir) as store:
        store.create(ExperimentConfig(), "kept")
    before = (data_dir / FILE_NAME).read_bytes()

    done = on_mount(f"-o bind,ro {data_dir}", data_dir, ATTEMPT)

    assert done.returncode == 3, done.stderr
    assert "--data-dir" in done.stdout
    assert (data_dir / FILE_NAME).read_bytes() == before


def test_that_a_folder_without_rights_is_refused(data_dir: Path) -> None:
    if os.name != "posix" or os.geteuid() == 0:
        pytest.skip("needs a user whom rights bind: the mounted folders show it for root")
    data_dir.chmod(0o555)
    try:
        with pytest.raises(StoreError, match="--data-dir"):
            RunStore(data_dir)
    finally:
        data_dir.chmod(0o755)


def test_that_a_full_disk_loses_nothing_that_was_recorded(tmp_path: Path) -> None:
    done = on_mount("-t tmpfs -o size=1m none", tmp_path, FILL)

    assert (done.returncode, done.stdout) == (0, "survived\n"), done.stderr


def test_that_the_database_of_a_newer_program_is_refused_and_unchanged(data_dir: Path) -> None:
    with RunStore(data_dir) as store:
        store.create(ExperimentConfig())
        store.database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = (data_dir / FILE_NAME).read_bytes()

    with pytest.raises(StoreError, match="update metagui"):
        RunStore(data_dir)

    assert (data_dir / FILE_NAME).read_bytes() == before
    assert not list(data_dir.glob("*.broken-*"))


def test_that_the_database_of_another_program_is_refused_and_unchanged(data_dir: Path) -> None:
    connection = sqlite3.connect(data_dir / FILE_NAME)
    connection.execute("CREATE TABLE recipes (title TEXT)")
    connection.close()

    with pytest.raises(StoreError, match="no database of metagui"):
        RunStore(data_dir)

    connection = sqlite3.connect(data_dir / FILE_NAME)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    connection.close()


def test_that_a_locked_database_is_explained(data_dir: Path) -> None:
    with RunStore(data_dir) as one, RunStore(data_dir) as other, one.database.writing():
        one.create(ExperimentConfig())
        other.database.wait_at_most(0.1)
        with pytest.raises(StoreError, match=r"another program .* locked for 0\.1 s"):
            other.create(ExperimentConfig())
        assert other.list() == []  # readers never wait
