"""From a data folder to an open, current database, whatever state the folder is in."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from metagui.errors import StoreError
from metagui.runs.database import FILE_NAME, DamagedDatabaseError, Database, damage_mark
from metagui.runs.recovery import adopt_folders, salvage, set_aside
from metagui.runs.schema import SCHEMA_VERSION, is_foreign, migrate, schema_version

RUNS_FOLDER = "runs"


def open_database(data_dir: Path, notices: list[str]) -> Database:
    """Open or create ``data_dir/metagui.sqlite`` and bring it up to date.

    A damaged file is set aside and its runs are recovered, with a sentence in ``notices``. Raises StoreError where
    the folder cannot be written, or was written by a newer metagui.
    """
    runs_dir = data_dir / RUNS_FOLDER
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the data folder {data_dir} cannot be made or written ({error.strerror}); choose another with --data-dir"
        ) from error
    path = data_dir / FILE_NAME
    broken: Path | None = None
    while True:
        seen = _identity(path)
        try:
            database = _connect(path)
        except DamagedDatabaseError:
            # Another process may have mended it meanwhile: only the file that was found damaged is set aside.
            if seen is not None and _identity(path) == seen:
                broken = set_aside(path)
            continue
        try:
            _bring_up_to_date(database, runs_dir, broken, notices)
        except BaseException:
            database.close()
            raise
        return database


def _connect(path: Path) -> Database:
    """Raises DamagedDatabaseError where the file is no sound database."""
    database = Database(path)
    try:
        version = schema_version_of(database)
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{path} was written by a newer metagui (its schema is {version}, this program knows "
                f"{SCHEMA_VERSION}): update metagui, or choose another folder with --data-dir"
            )
        if damage_mark(path).exists():
            if database.is_damaged():
                raise DamagedDatabaseError(path, "a check failed")
            with contextlib.suppress(OSError):
                damage_mark(path).unlink(missing_ok=True)
        if version:
            database.rows("SELECT * FROM runs")
    except BaseException:
        database.close()
        raise
    return database


def schema_version_of(database: Database) -> int:
    """Version of a database that is metagui's or empty; raises StoreError for another program's."""
    with database.reading(), database.explained():
        if is_foreign(database.connection):
            raise StoreError(f"{database.path} is no database of metagui: choose another folder with --data-dir")
        return schema_version(database.connection)


def _bring_up_to_date(database: Database, runs_dir: Path, broken: Path | None, notices: list[str]) -> None:
    if schema_version_of(database) == SCHEMA_VERSION and broken is None:
        return
    with database.writing(), database.explained():
        new = schema_version(database.connection) == 0
        migrate(database.connection)
        if not new and broken is None:
            return
        salvaged, complete = salvage(database, broken) if broken else (0, True)
        adopted = adopt_folders(database, runs_dir, notices)
    if broken is not None:
        notices.insert(0, _said(database.path, broken, salvaged, complete, adopted))
    elif adopted:
        notices.insert(0, f"{database.path} was missing: {adopted} runs were found in {runs_dir}, without their curves")


def _said(path: Path, broken: Path, salvaged: int, complete: bool, adopted: int) -> str:
    if salvaged:
        rows = f"{salvaged} runs were recovered from it" + (
            "" if complete else ", though not every point of their curves"
        )
    else:
        rows = "nothing in it could be read"
    folders = f"; {adopted} runs were found in their folders, without their curves" if adopted else ""
    return f"{path} was damaged and is kept as {broken.name}: {rows}{folders}."


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
