"""A damaged database: set aside, what is readable copied over, the rest rebuilt from the run folders."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any, get_args

from metagui.config import parse
from metagui.errors import InvalidValueError, StoreError
from metagui.events import EndStatus
from metagui.runs.checkpoints import files_in
from metagui.runs.curves import Curves
from metagui.runs.database import Database, damage_mark
from metagui.runs.records import digest_of, number_of
from metagui.runs.schema import SCHEMA_VERSION, schema_version

CONFIG_FILE = "config.json"
CARD_FILE = "run.json"
"""What a rebuilt list could not know from the configuration: name, times, how the run ended."""

# Each table with the columns it is read by, forwards and backwards, so that a damaged page costs only itself.
_TABLES = {
    "runs": "id",
    "series": "id",
    "hot": "run {0}, series {0}, step",
    "packed": "id",
    "checkpoints": "id",
    "log": "id",
}


def set_aside(path: Path) -> Path:
    """Rename the database with its journal to ``<name>.broken-<time>``; raises StoreError where that fails."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.broken-{stamp}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.broken-{stamp}-{count}")
    try:
        for suffix in ("-wal", ""):  # the journal first: a new database must never find an old one's
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{path}{suffix}", f"{aside}{suffix}")
        Path(f"{path}-shm").unlink(missing_ok=True)  # an index of the journal that SQLite makes anew
        damage_mark(path).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path} is damaged and cannot be set aside ({error.strerror}); close other metagui windows and commands, "
            "make its folder writable, and try again"
        ) from error
    return aside


def salvage(database: Database, broken: Path) -> tuple[int, bool]:
    """Copy every readable row of ``broken`` into the new database: (runs copied, whether all could be read)."""
    try:
        with contextlib.closing(sqlite3.connect(f"{broken.as_uri()}?mode=ro", uri=True)) as source:
            source.row_factory = sqlite3.Row
            if not 0 < schema_version(source) <= SCHEMA_VERSION:
                return 0, False
            complete = True
            for table, key in _TABLES.items():
                complete &= _copy(source, database, table, key)
    except sqlite3.Error:
        return 0, False
    curves = Curves(database)
    for row in database.rows("SELECT run, series FROM hot UNION SELECT run, series FROM packed"):
        with contextlib.suppress(StoreError):
            curves.refresh_last(row["run"], row["series"])
    found = database.row("SELECT count(*) AS runs FROM runs")
    return (int(found["runs"]) if found else 0), complete


def _copy(source: sqlite3.Connection, database: Database, table: str, key: str) -> bool:
    # None: the table has no such column.
    runs = {None, *(row["id"] for row in database.rows("SELECT id FROM runs"))}
    series = {None, *(row["id"] for row in database.rows("SELECT id FROM series"))}
    columns = {row["name"] for row in database.rows(f"PRAGMA table_info({table})")}
    for direction in ("ASC", "DESC"):
        order = f"{key} {direction}".format(direction)
        try:
            for row in source.execute(f"SELECT * FROM {table} ORDER BY {order}"):
                values = {name: value for name, value in zip(row.keys(), row, strict=True) if name in columns}
                if not (values.get("run") in runs and values.get("series") in series):
                    continue
                database.execute(
                    f"INSERT OR IGNORE INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
                    list(values.values()),
                )
        except sqlite3.Error:
            continue
        return direction == "ASC"
    return False


def adopt_folders(database: Database, runs_dir: Path, notices: list[str]) -> int:
    """Add the runs that have a folder but no row; returns how many. What cannot be read is left, and said."""
    known = {row["id"] for row in database.rows("SELECT id FROM runs")}
    adopted = 0
    for number, folder in sorted(numbered_folders(runs_dir).items()):
        if number in known:
            continue
        try:
            _adopt(database, number, folder)
            adopted += 1
        except (OSError, ValueError, InvalidValueError) as error:
            notices.append(
                f"{folder / CONFIG_FILE} cannot be read ({error}): this run is left out of the list, its files stay"
            )
    return adopted


def numbered_folders(runs_dir: Path) -> dict[int, Path]:
    """Run folders by run number; raises StoreError where the folder cannot be listed."""
    try:
        folders = [(number_of(entry.name), Path(entry.path)) for entry in os.scandir(runs_dir) if entry.is_dir()]
    except OSError as error:
        raise StoreError(f"{runs_dir} cannot be listed: {error.strerror}") from error
    return {number: folder for number, folder in folders if number is not None}


def _adopt(database: Database, number: int, folder: Path) -> None:
    content = _read_json(folder / CONFIG_FILE)
    config = parse(content)
    card: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        card = _read_json(folder / CARD_FILE)
    status, reason = str(card.get("status", "crashed")), str(card.get("reason", ""))
    ended = _number(card.get("ended"))
    checkpoints = files_in(folder)
    if status not in get_args(EndStatus) or ended is None:
        status, reason = "crashed", "What became of this run was lost with a damaged database."
    database.execute(
        "INSERT INTO runs (id, name, status, config, fingerprint, algorithm, created, started, ended, reason, step, "
        "total_steps) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            str(card.get("name") or folder.name),
            status,
            json.dumps(content),
            config.fingerprint(),
            config.algorithm.name,
            _number(card.get("created")) or (folder / CONFIG_FILE).stat().st_mtime,
            _number(card.get("started")),
            ended,
            reason,
            max([int(_number(card.get("step")) or 0), *(file.step for file in checkpoints)]),
            config.outer.steps,
        ),
    )
    database.execute_many(
        "INSERT INTO checkpoints (run, path, sha256, step, written) VALUES (?, ?, ?, ?, ?)",
        [(number, file.path, digest_of(folder / file.path), file.step, file.written) for file in checkpoints],
    )


def _read_json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("it holds no JSON object")
    return content


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
