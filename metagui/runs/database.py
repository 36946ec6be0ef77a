"""One connection to the database: transactions, and SQLite's errors as sentences."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from metagui.errors import StoreError

FILE_NAME = "metagui.sqlite"
BUSY_SECONDS = 20.0
_JOURNAL_LIMIT_BYTES = 64 * 2**20

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Database:
    """A connection of one thread: SQLite refuses its use from any other.

    Every method raises StoreError for what a person can mend: a full disk, missing rights, a damaged file.
    """

    def __init__(self, path: Path) -> None:
        """Connect; the file is created where there is none. Nothing is read or written yet but the journal mode."""
        self.path = path
        self._patience = BUSY_SECONDS
        with self.explained():
            self.connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        try:
            with self.explained():
                self._journal_ahead()
                self.connection.execute("PRAGMA synchronous = NORMAL")
                self.connection.execute("PRAGMA foreign_keys = ON")
                self.connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_LIMIT_BYTES}")
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        self.connection.close()

    def wait_at_most(self, seconds: float) -> None:
        """How long another program's lock is waited for from now on, instead of ``BUSY_SECONDS``."""
        self._patience = seconds
        self.execute(f"PRAGMA busy_timeout = {round(1000 * seconds)}")

    def _journal_ahead(self) -> None:
        """Switch to WAL. Where another process does so at this moment, SQLite refuses at once instead of waiting."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.005)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that no other writer can interrupt; inside another one it is part of that."""
        yield from self._transaction("BEGIN IMMEDIATE")

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """All that is read within is of one moment."""
        yield from self._transaction("BEGIN")

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        with self.explained():
            return self.connection.execute(statement, values)

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.explained():
            self.connection.executemany(statement, rows)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self.explained():
            return self.connection.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        with self.explained():
            found: sqlite3.Row | None = self.connection.execute(statement, values).fetchone()
            return found

    def is_damaged(self) -> bool:
        """Reads the whole file; takes seconds when it is large."""
        try:
            return str(self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok"
        except sqlite3.DatabaseError:
            return True

    def _transaction(self, begin: str) -> Iterator[None]:
        if self.connection.in_transaction:
            yield
            return
        self.execute(begin)
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if self.connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turns SQLite's errors into StoreError, for code that uses ``connection`` itself."""
        try:
            yield
        except sqlite3.Error as error:
            if not hasattr(error, "sqlite_errorcode"):  # our own mistake: another thread's connection, a closed one
                raise
            code = error.sqlite_errorcode & 0xFF
            if code in _DAMAGED:
                with contextlib.suppress(OSError):
                    damage_mark(self.path).touch()
                raise DamagedDatabaseError(self.path, error) from error
            raise StoreError(_sentence(self.path, code, error, self._patience)) from error


class DamagedDatabaseError(StoreError):
    """The file is no database, or no longer one. The next start checks it and mends what can be mended."""

    def __init__(self, path: Path, error: object) -> None:
        super().__init__(
            f"{path} is damaged ({error}); start metagui again: it is set aside, never deleted, and the list of runs "
            "is rebuilt from what is readable and from the run folders"
        )


def damage_mark(path: Path) -> Path:
    """An empty file beside the database that tells the next start to check it."""
    return path.with_name(path.name + ".damaged")


def _sentence(path: Path, code: int, error: sqlite3.Error, patience: float) -> str:
    match code:
        case sqlite3.SQLITE_FULL:
            return f"the disk is full: {path} cannot grow; free some space, what was recorded before is kept"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_AUTH:
            return (
                f"{path} cannot be written ({error}); make its folder writable, or choose another one with --data-dir"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"another program has kept {path} locked for {patience:g} s; close it and try again"
        case sqlite3.SQLITE_IOERR:
            return f"{path} cannot be read or written ({error}); the disk may be full or failing"
    return f"{path}: {error}"
