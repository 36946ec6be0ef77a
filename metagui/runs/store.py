"""The run store: what was run, how it went, its curves and its checkpoints."""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from metagui.config import ExperimentConfig, parse
from metagui.errors import InvalidValueError, StoreError
from metagui.events import CheckpointWritten, RunStatus
from metagui.runs.checkpoints import FOLDER as CHECKPOINTS
from metagui.runs.checkpoints import Checkpoints
from metagui.runs.curves import Curves, Float64s, Int64s, Points
from metagui.runs.opening import RUNS_FOLDER, open_database
from metagui.runs.ownership import Owner, current_owner, host_name, lives
from metagui.runs.records import LIVE, CheckpointRecord, LogRecord, RunRecord, number_of, run_id_of
from metagui.runs.recovery import CARD_FILE, CONFIG_FILE, numbered_folders

_LIVE_SQL = "('queued', 'running', 'paused')"
_COLUMNS = (
    "id, name, status, config, fingerprint, algorithm, created, started, ended, reason, detail, step, total_steps, "
    "facts, owner_host, owner_pid, owner_start, heartbeat"
)


class RunStore:
    """The runs of one data folder: ``metagui.sqlite`` and ``runs/<id>/`` with ``config.json`` and ``checkpoints/``.

    Threads: a store belongs to the thread that opened it (SQLite refuses others); open one a thread, they are cheap.
    Processes: any number may share a folder; writers take turns, readers never wait.

    Opening the store, and :meth:`list`, mark the runs crashed whose process is gone. ``notices`` holds sentences on
    what was found broken and mended. Methods raise StoreError for what the disk or the database refuses, and
    InvalidValueError for a run that does not exist.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(os.path.abspath(data_dir.expanduser()))
        self.runs_dir = self.data_dir / RUNS_FOLDER
        self.notices: list[str] = []
        self.database = open_database(self.data_dir, self.notices)
        self._curves = Curves(self.database)
        self._checkpoints = Checkpoints(self.database)
        try:
            self.mark_crashed()
        except BaseException:
            self.database.close()
            raise

    def __enter__(self) -> RunStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.database.close()

    def run_dir(self, run_id: str) -> Path:
        return self.runs_dir / run_id

    # --- runs ----------------------------------------------------------------------------------------------------

    def create(self, config: ExperimentConfig, name: str = "") -> RunRecord:
        """A new queued run with a folder, owned by this process. Without a name it is called after what it does."""
        content = config.to_dict()
        owner, now = current_owner(), time.time()
        with self.database.writing():
            # A folder may be there without a row; its number is not given again.
            known = self.database.row("SELECT max(seq) AS last FROM sqlite_sequence WHERE name = 'runs'")
            last = int(known["last"] or 0) if known else 0
            number = max(last, *numbered_folders(self.runs_dir), 0) + 1
            self.database.execute(
                "INSERT INTO runs (id, name, status, config, fingerprint, algorithm, created, total_steps, "
                "owner_host, owner_pid, owner_start, heartbeat) VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    name.strip() or self._free_name(f"{config.task.name}-{config.algorithm.name}"),
                    json.dumps(content),
                    config.fingerprint(),
                    config.algorithm.name,
                    now,
                    config.outer.steps,
                    *_columns(owner),
                    now,
                ),
            )
            record = self.get(run_id_of(number))
            self._make_folder(record)
        return record

    def list(self) -> list[RunRecord]:
        """All runs, newest first."""
        self.mark_crashed()
        return [self._record(row) for row in self.database.rows(f"SELECT {_COLUMNS} FROM runs ORDER BY id DESC")]

    def get(self, run_id_or_name: str) -> RunRecord:
        """The run with this id or, where only one bears it, this name; raises InvalidValueError for neither."""
        number = number_of(run_id_or_name)
        rows = self.database.rows(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (number,)) if number else []
        if not rows:
            rows = self.database.rows(f"SELECT {_COLUMNS} FROM runs WHERE name = ? ORDER BY id", (run_id_or_name,))
        if len(rows) > 1:
            ids = ", ".join(run_id_of(row["id"]) for row in rows)
            raise InvalidValueError("run", f"several runs are called {run_id_or_name!r}: name one of {ids}")
        if not rows:
            raise InvalidValueError("run", self._unknown(run_id_or_name))
        return self._record(rows[0])

    def rename(self, run_id: str, name: str) -> None:
        if not name.strip():
            raise InvalidValueError("name", "must not be empty")
        self._update(run_id, name=name.strip())
        self._write_card(self.get(run_id))

    def set_status(self, run_id: str, status: RunStatus, reason: str = "", detail: str = "") -> None:
        """Record a change of status with the time. A run that is no longer live has no owner any more."""
        now = time.time()
        if status in LIVE:
            self._update(run_id, status=status, reason=reason, detail=detail, ended=None, heartbeat=now)
            if status == "running":
                self.database.execute(
                    "UPDATE runs SET started = ? WHERE id = ? AND started IS NULL", (now, self._number(run_id))
                )
            return
        self._update(run_id, status=status, reason=reason, detail=detail, ended=now, **_OWNERLESS)
        self._write_card(self.get(run_id))

    def heartbeat(self, run_id: str, step: int | None = None, total_steps: int | None = None) -> None:
        """A sign of life, with the step reached where it is given."""
        known = {"step": step, "total_steps": total_steps}
        changes = {column: value for column, value in known.items() if value is not None}
        self._update(run_id, heartbeat=time.time(), **changes)

    def set_facts(self, run_id: str, facts: dict[str, Any]) -> None:
        """What the engine found at the start: device, threads, parameters, norm_mode, n_query."""
        self._update(run_id, facts=json.dumps(facts))

    def change_setting(self, run_id: str, path: str, value: Any) -> None:
        """Note that a setting has another value from now on: the run goes on, and is resumed, with it."""
        with self.database.writing():
            record = self.get(run_id)
            section, _, name = path.partition(".")
            content = {**record.config, section: {**record.config[section], name: value}}
            self._replace_config(record, parse(content))

    # --- ownership -----------------------------------------------------------------------------------------------

    def claim(self, run_id: str, config: ExperimentConfig | None = None) -> RunRecord:
        """Make a run this process's own, queued, to run or resume it; raises StoreError while a living owner has it.

        ``config`` replaces the run's configuration, for one that is to go on for more steps.
        """
        with self.database.writing():
            record = self.get(run_id)
            if record.live and record.owner is not None:
                self._refuse_if_owned(record, record.owner)
            host, pid, start = _columns(current_owner())
            self._update(
                record.id,
                status="queued",
                reason="",
                detail="",
                ended=None,
                heartbeat=time.time(),
                owner_host=host,
                owner_pid=pid,
                owner_start=start,
            )
            if config is not None:
                self._replace_config(record, config)
            return self.get(record.id)

    def _replace_config(self, record: RunRecord, config: ExperimentConfig) -> None:
        content = config.to_dict()
        self._update(
            record.id, config=json.dumps(content), fingerprint=config.fingerprint(), total_steps=config.outer.steps
        )
        try:
            _write_json(record.run_dir / CONFIG_FILE, content)
        except OSError as error:
            raise StoreError(f"{record.run_dir} cannot be written ({error.strerror}): nothing was changed") from error

    def _refuse_if_owned(self, record: RunRecord, owner: Owner) -> None:
        if owner == current_owner():
            if record.status != "queued":
                raise StoreError(f"{record.id} ({record.name}) is {record.status} here already")
            return
        if owner.host != host_name():
            if not record.forsaken:
                raise StoreError(
                    f"{record.id} ({record.name}) is {record.status} on {owner.host}, which gave a sign of life "
                    f"{record.silence:.0f} s ago: stop it there first"
                )
        elif lives(owner):
            raise StoreError(
                f"{record.id} ({record.name}) is {record.status} in another metagui (process {owner.pid}): "
                "stop it there first"
            )

    def mark_crashed(self) -> tuple[str, ...]:
        """Mark the live runs crashed whose owner is gone; returns their ids. Runs of other hosts are left alone."""
        marked = []
        for row in self.database.rows(f"SELECT {_COLUMNS} FROM runs WHERE status IN {_LIVE_SQL}"):
            record = self._record(row)
            if record.owner is not None and lives(record.owner):
                continue
            # Only if nothing changed since: the run may just have ended, or been claimed by a living process.
            changed = self.database.execute(
                f"UPDATE runs SET status = 'crashed', ended = ?, reason = ?, owner_host = NULL, owner_pid = NULL, "
                f"owner_start = NULL WHERE id = ? AND status IN {_LIVE_SQL} AND owner_host IS ? AND owner_pid IS ? "
                "AND owner_start IS ?",
                (
                    record.heartbeat or time.time(),
                    "The program that ran it ended without a word."
                    if record.status != "queued"
                    else "The program that queued it ended before it began.",
                    row["id"],
                    row["owner_host"],
                    row["owner_pid"],
                    row["owner_start"],
                ),
            )
            if changed.rowcount:
                marked.append(record.id)
                self._write_card(self.get(record.id))
        return tuple(marked)

    # --- curves --------------------------------------------------------------------------------------------------

    def series(self, run_id: str) -> tuple[str, ...]:
        """Names of the curves of a run, in the order in which they first came up."""
        return tuple(self._curves.names(self._number(run_id)))

    def read_series(self, run_id: str, name: str) -> Points:
        """steps int64 [n] ascending, values float64 [n], times float64 [n]; read-only, empty for an unknown name."""
        return self._curves.read(self._number(run_id), name)

    def last_values(self, run_id: str) -> dict[str, float]:
        """The last point of each curve."""
        return self._curves.last_values(self._number(run_id))

    def write_points(self, run_id: str, points: Iterable[tuple[str, Int64s, Float64s, Float64s]]) -> None:
        """Add ``(name, steps, values, times)``; a step written again replaces its point, NaN is no point."""
        self._curves.write(self._number(run_id), points)

    def truncate_after(self, run_id: str, step: int) -> None:
        """Cut the curves after ``step``: a run resumed from there writes them anew, without a zigzag."""
        self._curves.truncate_after(self._number(run_id), step)

    def pack(self, run_id: str, *, whole: bool = False) -> None:
        """Store the points compactly; ``whole`` joins each curve to one stretch, as suits a run that has ended."""
        number = self._number(run_id)
        if whole:
            self._curves.consolidate(number)
        else:
            self._curves.pack(number)

    # --- checkpoints and log -------------------------------------------------------------------------------------

    def add_checkpoint(self, run_id: str, event: CheckpointWritten) -> None:
        """Record a file of the run's checkpoint folder; StoreError for one that lies elsewhere."""
        self._checkpoints.add(
            self._number(run_id),
            self.run_dir(run_id),
            event.path,
            event.sha256,
            event.step,
            event.best,
            event.metric,
        )

    def prune_checkpoints(self, run_id: str) -> None:
        """Delete the run's checkpoint files but the last two and the best."""
        self._checkpoints.prune(self._number(run_id), self.run_dir(run_id))

    def checkpoints(self, run_id: str) -> tuple[CheckpointRecord, ...]:
        """The run's checkpoints whose files exist, in the order in which they were written.

        Of a crashed run also the one that its worker saved when nobody was left to record it.
        """
        number, run_dir = self._number(run_id), self.run_dir(run_id)
        if self.database.row("SELECT id FROM runs WHERE id = ? AND status = 'crashed'", (number,)):
            step = self._checkpoints.adopt(number, run_dir)
            if step is not None:
                self.database.execute("UPDATE runs SET step = max(step, ?) WHERE id = ?", (step, number))
        return tuple(self._checkpoints.existing(number, run_dir))

    def latest_checkpoint(self, run_id: str) -> CheckpointRecord | None:
        """The one written last."""
        return next(reversed(self.checkpoints(run_id)), None)

    def best_checkpoint(self, run_id: str) -> CheckpointRecord | None:
        return next((checkpoint for checkpoint in self.checkpoints(run_id) if checkpoint.best), None)

    def add_log(self, run_id: str, level: str, message: str) -> None:
        self.database.execute(
            "INSERT INTO log (run, time, level, message) VALUES (?, ?, ?, ?)",
            (self._number(run_id), time.time(), level, message),
        )

    def log(self, run_id: str) -> tuple[LogRecord, ...]:
        rows = self.database.rows(
            "SELECT time, level, message FROM log WHERE run = ? ORDER BY id", (self._number(run_id),)
        )
        return tuple(LogRecord(*row) for row in rows)

    # --- inside --------------------------------------------------------------------------------------------------

    def _number(self, run_id: str) -> int:
        number = number_of(run_id)
        if number is None:
            raise InvalidValueError("run", f"{run_id!r} is no run id such as r-0001")
        return number

    def _update(self, run_id: str, **changes: Any) -> None:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        values = [*changes.values(), self._number(run_id)]
        if not self.database.execute(f"UPDATE runs SET {assignments} WHERE id = ?", values).rowcount:
            raise InvalidValueError("run", self._unknown(run_id))

    def _unknown(self, run_id_or_name: str) -> str:
        rows = self.database.rows("SELECT id, name FROM runs ORDER BY id DESC")
        known = [text for row in rows for text in (run_id_of(row["id"]), row["name"])]
        if not known:
            return f"there is no run {run_id_or_name!r} in {self.data_dir}, nor any other"
        near = difflib.get_close_matches(run_id_or_name, known, n=1)
        return f"there is no run {run_id_or_name!r}; " + (
            f"did you mean {near[0]}?" if near else f"the latest is {known[0]}"
        )

    def _free_name(self, stem: str) -> str:
        taken = {row["name"] for row in self.database.rows("SELECT name FROM runs")}
        name, count = stem, 1
        while name in taken:
            count += 1
            name = f"{stem}-{count}"
        return name

    def _record(self, row: sqlite3.Row) -> RunRecord:
        owner = None
        if row["owner_pid"] is not None:
            owner = Owner(row["owner_host"], row["owner_pid"], row["owner_start"])
        run_id = run_id_of(row["id"])
        return RunRecord(
            id=run_id,
            name=row["name"],
            status=row["status"],
            config=_json_object(row["config"]),
            fingerprint=row["fingerprint"],
            algorithm=row["algorithm"],
            created=row["created"],
            started=row["started"],
            ended=row["ended"],
            reason=row["reason"],
            detail=row["detail"],
            step=row["step"],
            total_steps=row["total_steps"],
            facts=_json_object(row["facts"]),
            owner=owner,
            heartbeat=row["heartbeat"],
            run_dir=self.run_dir(run_id),
        )

    def _make_folder(self, record: RunRecord) -> None:
        try:
            (record.run_dir / CHECKPOINTS).mkdir(parents=True)
            _write_json(record.run_dir / CONFIG_FILE, record.config)
            _write_json(record.run_dir / CARD_FILE, _card(record))
        except OSError as error:
            shutil.rmtree(record.run_dir, ignore_errors=True)
            raise StoreError(
                f"{record.run_dir} cannot be written ({error.strerror}): the run was not created"
            ) from error

    def _write_card(self, record: RunRecord) -> None:
        # A copy for the day the database is lost: not being able to write it is no reason to fail.
        with contextlib.suppress(OSError):
            _write_json(record.run_dir / CARD_FILE, _card(record))


_OWNERLESS: dict[str, Any] = {"owner_host": None, "owner_pid": None, "owner_start": None}


def _columns(owner: Owner) -> tuple[str, int, str]:
    return owner.host, owner.pid, owner.start


def _json_object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}  # a row of a damaged database: the run is still listed
    return content if isinstance(content, dict) else {}


def _card(record: RunRecord) -> dict[str, Any]:
    names = ("id", "name", "status", "reason", "created", "started", "ended", "step", "total_steps")
    return {name: getattr(record, name) for name in names}


def _write_json(path: Path, content: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
