from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from metagui.config import ExperimentConfig
from metagui.errors import StoreError
from metagui.runs.ownership import Owner, current_owner, lives, process_start
from metagui.runs.records import RunRecord
from metagui.runs.store import RunStore

OWNER = """
import sys
from pathlib import Path
from metagui.config import ExperimentConfig
from metagui.runs.store import RunStore

store = RunStore(Path(sys.argv[1]))
run = store.claim(sys.argv[2]).id if len(sys.argv) > 2 else store.create(ExperimentConfig()).id
store.set_status(run, "running")
store.heartbeat(run, 5)
print(run, flush=True)
sys.stdin.readline()
store.set_status(run, "finished", "done")
store.close()
"""


def owned_by(store: RunStore, owner: Owner, status: str = "running") -> RunRecord:
    run = store.create(ExperimentConfig()).id
    with store.database.writing():
        store.database.execute(
            "UPDATE runs SET status = ?, owner_host = ?, owner_pid = ?, owner_start = ? WHERE name = "
            "(SELECT name FROM runs ORDER BY id DESC LIMIT 1)",
            (status, owner.host, owner.pid, owner.start),
        )
    return store.get(run)


def test_that_this_process_lives() -> None:
    assert current_owner().pid == os.getpid()
    assert current_owner().start
    assert lives(current_owner())


def test_that_an_ended_process_does_not_live_even_before_it_is_reaped() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE) as process:
        owner = dataclasses.replace(current_owner(), pid=process.pid, start=process_start(process.pid) or "")
        process.stdin.close()  # type: ignore[union-attr]
        deadline = time.monotonic() + 20
        while lives(owner) and time.monotonic() < deadline:
            time.sleep(0.01)
        unreaped = process.returncode is None
        assert unreaped
        assert not lives(owner)
    assert not lives(owner)


def test_that_a_reused_process_id_is_another_process() -> None:
    assert not lives(dataclasses.replace(current_owner(), start="an earlier life"))


def test_that_processes_of_other_hosts_are_given_the_benefit_of_the_doubt() -> None:
    assert lives(Owner("some-other-host", 1, "whenever"))


@pytest.mark.parametrize("status", ["queued", "running", "paused"])
def test_that_a_live_run_of_this_process_stays(store: RunStore, status: str) -> None:
    record = owned_by(store, current_owner(), status)

    assert [run.status for run in store.list()] == [status]
    assert store.get(record.id).owner == current_owner()


@pytest.mark.parametrize("status", ["queued", "running", "paused"])
def test_that_a_live_run_whose_process_id_was_reused_is_crashed(store: RunStore, status: str) -> None:
    owned_by(store, dataclasses.replace(current_owner(), start="an earlier life"), status)

    (record,) = store.list()
    assert record.status == "crashed"
    assert record.reason
    assert record.ended == record.heartbeat
    assert record.owner is None


@pytest.mark.parametrize("status", ["finished", "stopped", "failed", "diverged"])
def test_that_an_ended_run_is_never_crashed(store: RunStore, status: str) -> None:
    owned_by(store, dataclasses.replace(current_owner(), start="an earlier life"), status)

    assert [run.status for run in store.list()] == [status]


def test_that_a_run_of_another_host_is_left_alone(store: RunStore) -> None:
    owned_by(store, Owner("some-other-host", 1, "whenever"))

    assert [run.status for run in store.list()] == ["running"]


def test_that_a_killed_owner_leaves_a_crashed_run_and_a_living_one_does_not(data_dir: Path, program) -> None:
    with program(OWNER, data_dir) as doomed, program(OWNER, data_dir) as survivor:
        doomed_run, surviving_run = doomed.stdout.readline().strip(), survivor.stdout.readline().strip()
        with RunStore(data_dir) as store:
            assert {run.status for run in store.list()} == {"running"}

            doomed.kill()
            doomed.wait()

            statuses = {run.id: run.status for run in store.list()}
            assert statuses == {doomed_run: "crashed", surviving_run: "running"}
            assert store.get(doomed_run).step == 5
        survivor.communicate("\n")
    with RunStore(data_dir) as store:
        assert store.get(surviving_run).status == "finished"
        assert store.get(doomed_run).status == "crashed"


def test_that_opening_the_store_is_enough_to_mark_a_run_crashed(data_dir: Path, program) -> None:
    with program(OWNER, data_dir) as doomed:
        run = doomed.stdout.readline().strip()
        doomed.kill()
    with RunStore(data_dir) as store:
        assert store.get(run).status == "crashed"


def test_that_a_run_with_a_living_owner_cannot_be_claimed(data_dir: Path, program) -> None:
    with program(OWNER, data_dir) as owner:
        run = owner.stdout.readline().strip()
        with RunStore(data_dir) as store:
            with pytest.raises(StoreError, match=f"process {owner.pid}"):
                store.claim(run)
            assert store.get(run).status == "running"
            assert store.get(run).owner is not None

            owner.kill()
            owner.wait()

            assert store.claim(run).owner == current_owner()
            assert store.get(run).status == "queued"


def test_that_of_two_claims_only_one_is_granted(store: RunStore, data_dir: Path, program) -> None:
    run = store.create(ExperimentConfig()).id
    store.set_status(run, "stopped", "You stopped it.")

    with program(OWNER, data_dir, run) as first:
        assert first.stdout.readline().strip() == run
        with pytest.raises(StoreError, match=run):
            store.claim(run)
        first.communicate("\n")

    assert store.claim(run).status == "queued"


def test_that_a_run_under_way_here_cannot_be_claimed_again(store: RunStore) -> None:
    run = store.create(ExperimentConfig()).id
    assert store.claim(run).status == "queued"
    store.set_status(run, "running")

    with pytest.raises(StoreError, match="here already"):
        store.claim(run)


def test_that_a_run_of_a_silent_host_may_be_taken_over(store: RunStore) -> None:
    run = owned_by(store, Owner("some-other-host", 1, "whenever")).id
    with pytest.raises(StoreError, match="some-other-host"):
        store.claim(run)
    assert not store.get(run).forsaken

    store.database.execute("UPDATE runs SET heartbeat = heartbeat - 3600")

    assert store.get(run).forsaken
    assert store.claim(run).owner == current_owner()


def test_that_claiming_an_ended_run_clears_its_end(store: RunStore) -> None:
    run = store.create(ExperimentConfig()).id
    store.set_status(run, "failed", "It broke.", "trace")

    record = store.claim(run)

    assert (record.status, record.reason, record.detail, record.ended) == ("queued", "", "", None)
