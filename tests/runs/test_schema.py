from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from metagui.config import ExperimentConfig
from metagui.runs.schema import MIGRATIONS, SCHEMA_VERSION, migrate, schema_version
from metagui.runs.store import RunStore


def test_that_a_new_database_has_the_current_schema(store: RunStore) -> None:
    assert schema_version(store.database.connection) == SCHEMA_VERSION == len(MIGRATIONS)


def test_that_an_older_database_gains_columns_and_keeps_its_runs(store: RunStore) -> None:
    record = store.create(ExperimentConfig(), "kept")
    notes = ("ALTER TABLE runs ADD COLUMN notes TEXT NOT NULL DEFAULT ''",)
    lineage = ("ALTER TABLE runs ADD COLUMN parent INTEGER REFERENCES runs (id) ON DELETE SET NULL",)

    with store.database.writing():
        migrate(store.database.connection, [*MIGRATIONS, notes, lineage])

    assert schema_version(store.database.connection) == SCHEMA_VERSION + 2
    assert store.get("kept") == record
    row = store.database.row("SELECT notes, parent FROM runs")
    assert row is not None
    assert tuple(row) == ("", None)


def test_that_a_migration_that_fails_leaves_the_database_as_it_was(data_dir: Path) -> None:
    with RunStore(data_dir) as store:
        store.create(ExperimentConfig(), "kept")
        half_wrong = ("ALTER TABLE runs ADD COLUMN notes TEXT", "ALTER TABLE no_such_table ADD COLUMN notes TEXT")
        with pytest.raises(sqlite3.OperationalError), store.database.writing():
            migrate(store.database.connection, [*MIGRATIONS, half_wrong])

    with RunStore(data_dir) as store:
        assert store.get("kept").name == "kept"
        columns = [row["name"] for row in store.database.rows("PRAGMA table_info(runs)")]
        assert "notes" not in columns
