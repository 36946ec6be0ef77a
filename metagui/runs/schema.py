"""The database's tables, and how an older database becomes a current one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

APPLICATION_ID = 0x6D676775
"""Marks a SQLite file as metagui's."""

Migration = tuple[str, ...]

# Entry n takes a database from version n to n + 1. Entries are never changed once released, only added: notes, tags,
# a trash and lineage are later `ALTER TABLE runs ADD COLUMN` or tables that refer to runs(id).
MIGRATIONS: tuple[Migration, ...] = (
    (
        # AUTOINCREMENT: the number of a deleted run is never given again.
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            config TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            algorithm TEXT NOT NULL,
            created REAL NOT NULL,
            started REAL,
            ended REAL,
            reason TEXT NOT NULL DEFAULT '',
            detail TEXT NOT NULL DEFAULT '',
            step INTEGER NOT NULL DEFAULT 0,
            total_steps INTEGER NOT NULL DEFAULT 0,
            facts TEXT NOT NULL DEFAULT '{}',
            owner_host TEXT,
            owner_pid INTEGER,
            owner_start TEXT,
            heartbeat REAL
        )
        """,
        "CREATE INDEX runs_by_name ON runs (name)",
        "CREATE INDEX runs_by_fingerprint ON runs (fingerprint)",
        "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        # One line a curve, so that a table of many runs never looks at points.
        """
        CREATE TABLE curves (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            series INTEGER NOT NULL REFERENCES series (id),
            last_step INTEGER NOT NULL,
            last_value REAL NOT NULL,
            PRIMARY KEY (run, series)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE hot (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            series INTEGER NOT NULL REFERENCES series (id),
            step INTEGER NOT NULL,
            value REAL NOT NULL,
            time REAL NOT NULL,
            PRIMARY KEY (run, series, step)
        ) WITHOUT ROWID
        """,
        # A stretch of a curve: little-endian int64 steps (NULL where they are first_step + i * stride) and float64s.
        """
        CREATE TABLE packed (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            series INTEGER NOT NULL REFERENCES series (id),
            first_step INTEGER NOT NULL,
            last_step INTEGER NOT NULL,
            stride INTEGER NOT NULL,
            count INTEGER NOT NULL,
            steps BLOB,
            points BLOB NOT NULL,
            times BLOB NOT NULL
        )
        """,
        "CREATE INDEX packed_by_curve ON packed (run, series, id)",
        # The id tells which was written last: a run resumed from an earlier step counts on from there.
        """
        CREATE TABLE checkpoints (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            path TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            step INTEGER NOT NULL,
            best INTEGER NOT NULL DEFAULT 0,
            metric REAL,
            written REAL NOT NULL,
            UNIQUE (run, path)
        )
        """,
        """
        CREATE TABLE log (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            time REAL NOT NULL,
            level TEXT NOT NULL,
            message TEXT NOT NULL
        )
        """,
        "CREATE INDEX log_by_run ON log (run, id)",
    ),
)

SCHEMA_VERSION = len(MIGRATIONS)


def schema_version(connection: sqlite3.Connection) -> int:
    """Number of migrations the database has seen; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether the file is some other program's database."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    return bool(tables) and application != APPLICATION_ID


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database up to date. Call inside a transaction: it happens whole or not at all."""
    for version in range(schema_version(connection), len(migrations)):
        for statement in migrations[version]:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(migrations)}")
