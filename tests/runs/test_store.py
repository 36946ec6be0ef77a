from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path

import pytest

from metagui.config import ExperimentConfig, apply_overrides
from metagui.errors import InvalidValueError, StoreError
from metagui.runs.records import number_of, run_id_of
from metagui.runs.store import RunStore


def test_that_a_new_run_is_queued_with_a_folder_and_its_configuration(store: RunStore) -> None:
    config = apply_overrides(ExperimentConfig(), ["algorithm.name=imaml", "outer.steps=70"])

    record = store.create(config, "first try")

    assert (record.id, record.name, record.status) == ("r-0001", "first try", "queued")
    assert record.experiment() == config
    assert record.algorithm == "imaml"
    assert record.fingerprint == config.fingerprint()
    assert record.total_steps == 70
    assert json.loads((record.run_dir / "config.json").read_text()) == config.to_dict()
    assert (record.run_dir / "checkpoints").is_dir()
    assert record.run_dir == store.data_dir / "runs" / "r-0001"


def test_that_runs_are_listed_newest_first(store: RunStore) -> None:
    ids = [store.create(ExperimentConfig()).id for _ in range(3)]

    assert [record.id for record in store.list()] == ids[::-1]


def test_that_unnamed_runs_get_names_of_their_own(store: RunStore) -> None:
    names = [store.create(ExperimentConfig()).name for _ in range(3)]

    assert names == ["sinusoid-maml", "sinusoid-maml-2", "sinusoid-maml-3"]


def test_that_a_run_is_found_by_id_and_by_name(store: RunStore) -> None:
    record = store.create(ExperimentConfig(), "mine")

    assert store.get("r-0001") == record == store.get("mine")


def test_that_an_id_goes_before_a_name_that_looks_like_one(store: RunStore) -> None:
    store.create(ExperimentConfig(), "r-0002")
    store.create(ExperimentConfig(), "other")

    assert store.get("r-0002").name == "other"


def test_that_a_name_borne_twice_is_refused_with_the_ids(store: RunStore) -> None:
    store.create(ExperimentConfig(), "twin")
    store.create(ExperimentConfig(), "twin")

    with pytest.raises(InvalidValueError, match="r-0001, r-0002"):
        store.get("twin")


def test_that_an_unknown_run_is_refused_with_a_near_one(store: RunStore) -> None:
    with pytest.raises(InvalidValueError, match="nor any other"):
        store.get("baseline")
    store.create(ExperimentConfig(), "baseline")

    with pytest.raises(InvalidValueError, match="did you mean baseline"):
        store.get("basline")
    with pytest.raises(InvalidValueError, match="r-0009"):
        store.set_status("r-0009", "running")


def test_that_renaming_holds_and_an_empty_name_does_not(store: RunStore) -> None:
    record = store.create(ExperimentConfig())

    store.rename(record.id, " better ")

    assert store.get(record.id).name == "better"
    with pytest.raises(InvalidValueError, match="name"):
        store.rename(record.id, "  ")


def test_that_the_times_of_a_run_follow_its_status(store: RunStore) -> None:
    run = store.create(ExperimentConfig()).id
    assert store.get(run).started is None

    store.set_status(run, "running")
    started = store.get(run)
    store.set_status(run, "paused")
    store.set_status(run, "running")
    store.set_status(run, "failed", "It broke.", "a traceback")
    ended = store.get(run)

    assert started.started is not None
    assert started.ended is None
    assert ended.started == started.started
    assert ended.ended is not None
    assert ended.ended >= ended.started
    assert (ended.status, ended.reason, ended.detail) == ("failed", "It broke.", "a traceback")
    assert ended.owner is None


def test_that_a_heartbeat_carries_the_step(store: RunStore) -> None:
    run = store.create(ExperimentConfig())

    store.heartbeat(run.id, 12)

    now = store.get(run.id)
    assert now.step == 12
    assert now.total_steps == run.total_steps
    assert now.heartbeat is not None
    assert run.heartbeat is not None
    assert now.heartbeat >= run.heartbeat


def test_that_runs_are_there_after_reopening(data_dir: Path) -> None:
    with RunStore(data_dir) as store:
        record = store.create(ExperimentConfig(), "kept")
        store.set_status(record.id, "finished", "done")

    with RunStore(data_dir) as store:
        kept = store.get("kept")
        assert (kept.id, kept.status, kept.config) == (record.id, "finished", record.config)
        assert store.notices == []


def test_that_the_number_of_a_deleted_run_is_not_given_again(store: RunStore) -> None:
    store.create(ExperimentConfig())
    store.create(ExperimentConfig())
    with store.database.writing():
        store.database.execute("DELETE FROM runs WHERE id = 2")

    assert store.create(ExperimentConfig()).id == "r-0003"


def test_that_a_folder_without_a_row_is_never_written_into(store: RunStore) -> None:
    stray = store.runs_dir / "r-0007"
    stray.mkdir()

    assert store.create(ExperimentConfig()).id == "r-0008"
    assert list(stray.iterdir()) == []


def test_that_a_run_without_a_folder_is_not_created(store: RunStore) -> None:
    store.runs_dir.rmdir()
    store.runs_dir.write_text("in the way")

    with pytest.raises(StoreError, match="runs"):
        store.create(ExperimentConfig())
    assert store.list() == []


def test_that_a_store_is_refused_in_another_thread(store: RunStore) -> None:
    seen: list[BaseException] = []

    def read() -> None:
        try:
            store.list()
        except sqlite3.ProgrammingError as error:
            seen.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()

    assert len(seen) == 1


def test_that_log_lines_are_kept_in_order(store: RunStore) -> None:
    run = store.create(ExperimentConfig()).id

    store.add_log(run, "info", "one")
    store.add_log(run, "warning", "two")

    assert [(line.level, line.message) for line in store.log(run)] == [("info", "one"), ("warning", "two")]


@pytest.mark.parametrize("number", [1, 42, 9999, 10_000, 1_234_567])
def test_that_run_ids_and_numbers_convert_both_ways(number: int) -> None:
    assert number_of(run_id_of(number)) == number


@pytest.mark.parametrize("text", ["", "r-1", "r-00x1", "R-0001", "r-0001 ", "../r-0001"])
def test_that_what_is_no_run_id_has_no_number(text: str) -> None:
    assert number_of(text) is None
