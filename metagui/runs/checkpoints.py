"""Which checkpoint files a run has, and which of them may go. What is in them is the engine's affair."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from metagui.errors import StoreError
from metagui.runs.database import Database
from metagui.runs.records import CheckpointRecord, digest_of

FOLDER = "checkpoints"
KEPT_RECENT = 2
_COLUMNS = "id, path, sha256, step, best, metric, written"
_STEP_IN_NAME = re.compile(r"step-(\d+)")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A checkpoint seen in a run folder; ``path`` is relative to that, ``written`` in seconds since the epoch."""

    path: str
    step: int
    written: float


def files_in(run_dir: Path) -> list[FoundFile]:
    """What lies in a run's checkpoint folder, recorded or not, oldest first."""
    found = []
    for file in (run_dir / FOLDER).glob("*.safetensors"):
        match = _STEP_IN_NAME.search(file.stem)
        if match and file.is_file():
            found.append(FoundFile(f"{FOLDER}/{file.name}", int(match[1]), file.stat().st_mtime))
    return sorted(found, key=lambda one: (one.written, one.step))


class Checkpoints:
    """Rows about files in ``<run folder>/checkpoints``. Files outside that folder are never recorded nor deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run: int, run_dir: Path, path: str, sha256: str, step: int, best: bool, metric: float | None) -> None:
        """Record a file just written, ``path`` relative to the run folder; a new best takes the title over."""
        name = _relative(run_dir, path)
        with self._database.writing():
            if best:
                self._database.execute("UPDATE checkpoints SET best = 0 WHERE run = ?", (run,))
            # REPLACE gives a new id: a file that is written again becomes the latest.
            self._database.execute(
                "INSERT OR REPLACE INTO checkpoints (run, path, sha256, step, best, metric, written) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run, name, sha256, step, best, metric, time.time()),
            )

    def adopt(self, run: int, run_dir: Path) -> int | None:
        """Record the files that are newer than every recorded one; the latest step among them, None for none.

        A worker saves itself once more when its window is killed, and then nobody is left to record that.
        """
        rows = self._rows(run)
        known, latest = {row["path"] for row in rows}, max((row["written"] for row in rows), default=0.0)
        new = [file for file in files_in(run_dir) if file.path not in known and file.written > latest]
        self._database.execute_many(
            "INSERT OR IGNORE INTO checkpoints (run, path, sha256, step, written) VALUES (?, ?, ?, ?, ?)",
            [(run, file.path, digest_of(run_dir / file.path), file.step, file.written) for file in new],
        )
        return new[-1].step if new else None

    def existing(self, run: int, run_dir: Path) -> list[CheckpointRecord]:
        """In the order in which they were written; rows whose file is gone are left out."""
        records = [_record(row, run_dir) for row in self._rows(run)]
        return [record for record in records if record.path.is_file()]

    def prune(self, run: int, run_dir: Path) -> None:
        """Delete all files but the last two and the best. A file that cannot be deleted is tried again next time."""
        rows = self._rows(run)
        for row in rows[:-KEPT_RECENT]:
            if row["best"]:
                continue
            with contextlib.suppress(OSError):
                _inside(run_dir, row["path"]).unlink(missing_ok=True)
                self._database.execute("DELETE FROM checkpoints WHERE id = ?", (row["id"],))

    def _rows(self, run: int) -> list[sqlite3.Row]:
        return self._database.rows(f"SELECT {_COLUMNS} FROM checkpoints WHERE run = ? ORDER BY id", (run,))


def _record(row: sqlite3.Row, run_dir: Path) -> CheckpointRecord:
    return CheckpointRecord(
        run_dir / row["path"], row["sha256"], row["step"], bool(row["best"]), row["metric"], row["written"]
    )


def _relative(run_dir: Path, path: str) -> str:
    file = _inside(run_dir, path)
    return PurePosixPath(FOLDER, file.name).as_posix()


def _inside(run_dir: Path, path: str) -> Path:
    """The file with its folder's links resolved; raises StoreError unless it lies in this run's own folder.

    The last part is not resolved: deleting a link deletes the link, not what it points to.
    """
    folder = run_dir.resolve() / FOLDER
    file = run_dir / path
    if file.name in ("", "..") or file.parent.resolve() != folder:
        raise StoreError(f"{path}: checkpoints belong in {run_dir / FOLDER}")
    return folder / file.name
