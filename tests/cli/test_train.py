"""train, resume, evaluate and runs list: one short run, used by many tests, and real signals."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from metagui.runs.store import RunStore

Metagui = Callable[..., Any]
Started = Callable[..., "subprocess.Popen[str]"]

SMALL = ["--set", "outer.validation_tasks=4", "--set", "outer.validation_every=20", "--set", "model.hidden=[8]"]
ENDLESS = [*SMALL, "--steps", "10000000", "--json"]


class Trained(NamedTuple):
    data_dir: Path
    result: Any

    @property
    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.result.lines
        return events

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


@pytest.fixture(scope="module")
def trained(metagui: Metagui, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A finished run of 60 meta-steps. Tests copy the folder before they change it."""
    data_dir = tmp_path_factory.mktemp("trained") / "data"
    result = metagui(
        "train", *SMALL, "--steps", "60", "--seed", "3", "--name", "first", "--json", "--data-dir", data_dir
    )
    assert result.code == 0, result.err
    return Trained(data_dir, result)


@pytest.fixture
def copied(trained: Trained, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained.data_dir, tmp_path / "copy"))


# --- train ------------------------------------------------------------------------------------------------------------


def test_that_a_run_is_told_as_one_json_object_a_line(trained: Trained) -> None:
    kinds = [event["event"] for event in trained.events]
    assert kinds[0] == "started"
    assert kinds[-1] == "ended"
    assert kinds.count("started") == kinds.count("ended") == 1
    assert set(kinds) <= {"started", "metrics", "validation", "checkpoint", "log", "ended"}


def test_that_the_first_line_says_what_is_run_and_where(trained: Trained) -> None:
    (started,) = trained.of("started")
    assert (started["run"], started["name"], started["step"], started["total_steps"]) == ("r-0001", "first", 0, 60)
    assert Path(started["path"]) == trained.data_dir / "runs" / "r-0001"
    assert started["device"].startswith(("cpu", "cuda", "xpu"))
    assert started["config"]["compute"]["seed"] == 3
    assert started["config"]["model"]["hidden"] == [8]


def test_that_metrics_cover_every_step_once(trained: Trained) -> None:
    metrics = trained.of("metrics")
    assert sum(line["steps"] for line in metrics) == 60
    steps = [line["step"] for line in metrics]
    assert steps == sorted(set(steps))
    assert steps[-1] == 60
    for line in metrics:
        assert line["outer_loss"] > 0
        assert line["inner_loss/0"] > 0


def test_that_validation_happens_at_the_stated_interval(trained: Trained) -> None:
    validation = trained.of("validation")
    assert [line["step"] for line in validation] == [0, 20, 40, 60]
    assert all(line["validation_loss"] > 0 for line in validation)
    assert all(f"query_loss/{k}" in validation[0] for k in range(11))


def test_that_the_last_line_says_how_it_ended(trained: Trained) -> None:
    (ended,) = trained.of("ended")
    assert (ended["status"], ended["step"], ended["run"]) == ("finished", 60, "r-0001")
    assert ended["validation"] == {k: v for k, v in trained.of("validation")[-1].items() if k != "event"}
    last = trained.of("checkpoint")[-1]
    assert last["step"] == 60
    assert Path(last["path"]).is_file()


def test_that_a_person_is_told_progress_and_where_the_run_lies(metagui: Metagui, data_dir: Path) -> None:
    result = metagui("train", *SMALL, "--steps", "30", "--data-dir", data_dir)
    assert result.code == 0
    assert "tasks/s" in result.err
    assert "ETA" in result.err
    assert "outer loss" in result.err
    assert "r-0001" in result.out
    assert str(data_dir / "runs" / "r-0001") in result.out
    assert "validation  loss" in result.out
    assert "metagui evaluate r-0001 --tasks 600 --data-dir " in result.out


def test_that_the_same_seed_gives_the_same_run(metagui: Metagui, trained: Trained, data_dir: Path) -> None:
    again = metagui("train", *SMALL, "--steps", "60", "--seed", "3", "--json", "--data-dir", data_dir)
    assert again.lines[-1]["validation"] == trained.events[-1]["validation"]


def test_that_a_device_that_is_not_there_is_named_before_a_run_is_made(metagui: Metagui, data_dir: Path) -> None:
    result = metagui("train", "--device", "cuda:77", "--data-dir", data_dir)
    assert result.code == 2
    assert "compute.device: cuda:77 is not on this machine; it has cpu" in result.err
    assert metagui("runs", "list", "--json", "--data-dir", data_dir).value == []


@pytest.mark.slow
def test_that_a_diverging_run_says_so_and_returns_1(metagui: Metagui, data_dir: Path) -> None:
    wild = ["--set", "outer.name=sgd", "--set", "outer.outer_lr=10", "--set", "algorithm.inner_lr=10"]
    result = metagui("train", *SMALL, *wild, "--steps", "500", "--json", "--data-dir", data_dir)
    assert result.code == 1
    assert "diverged" in result.err
    assert "Traceback" not in result.err
    assert result.lines[-1]["status"] == "diverged"
    (run,) = metagui("runs", "list", "--json", "--data-dir", data_dir).value
    assert run["status"] == "diverged"


def test_that_omniglot_that_is_not_installed_is_told_with_the_command_that_installs_it(
    metagui: Metagui, data_dir: Path
) -> None:
    result = metagui("train", "--preset", "omniglot-maml-5w1s", "--steps", "1", "--data-dir", data_dir)
    assert result.code == 2
    assert "metagui data add omniglot" in result.err
    assert "Traceback" not in result.err


# --- runs list --------------------------------------------------------------------------------------------------------


def test_that_runs_are_listed_with_configuration_and_last_values(metagui: Metagui, trained: Trained) -> None:
    (run,) = metagui("runs", "list", "--json", "--data-dir", trained.data_dir).value
    assert (run["id"], run["name"], run["status"], run["step"]) == ("r-0001", "first", "finished", 60)
    assert run["config"]["outer"]["steps"] == 60
    assert run["last_values"]["validation_loss"] == trained.events[-1]["validation"]["validation_loss"]
    table = metagui("runs", "list", "--data-dir", trained.data_dir).out
    assert "r-0001  finished  60/60" in table


@pytest.mark.slow
def test_that_the_newest_run_is_listed_first(metagui: Metagui, copied: Path) -> None:
    assert metagui("train", *SMALL, "--steps", "1", "--data-dir", copied).code == 0
    runs = metagui("runs", "list", "--json", "--data-dir", copied).value
    assert [run["id"] for run in runs] == ["r-0002", "r-0001"]


# --- evaluate ---------------------------------------------------------------------------------------------------------


def test_that_an_evaluation_ends_with_an_object_of_what_was_measured(metagui: Metagui, trained: Trained) -> None:
    result = metagui("evaluate", "first", "--tasks", "30", "--json", "--data-dir", trained.data_dir)
    assert result.code == 0
    last = json.loads(result.out.splitlines()[-1])
    assert last["metric"] == "mse"
    assert (last["n_tasks"], last["inner_steps"], last["n_query"]) == (30, 10, 10)
    assert last["mean"] > 0
    assert last["ci95"] > 0
    assert isinstance(last["norm_mode"], str)
    assert len(last["mean_by_step"]) == len(last["ci95_by_step"]) == 11
    assert last["mean_by_step"][-1] == last["mean"]
    assert last["step"] == 60


def test_that_an_evaluation_is_shown_by_inner_step(metagui: Metagui, trained: Trained) -> None:
    result = metagui("evaluate", "r-0001", "--tasks", "20", "--inner-steps", "2", "--data-dir", trained.data_dir)
    rows = [line.split() for line in result.out.splitlines() if "±" in line]
    assert [row[0] for row in rows] == ["0", "1", "2"]
    assert "20 test tasks" in result.out
    assert "guessing" not in result.out


# --- resume -----------------------------------------------------------------------------------------------------------


def test_that_a_finished_run_needs_more_steps_to_go_on(metagui: Metagui, trained: Trained) -> None:
    for arguments in ([], ["--steps", "60"], ["--steps", "5"], ["--steps", "0"]):
        result = metagui("resume", "r-0001", *arguments, "--data-dir", trained.data_dir)
        assert result.code == 2
        assert result.err.startswith("metagui: error: --steps: ")
        assert "60" in result.err


@pytest.mark.slow
def test_that_a_run_resumes_to_more_steps_as_if_it_had_never_stopped(
    metagui: Metagui, copied: Path, tmp_path: Path
) -> None:
    resumed = metagui("resume", "r-0001", "--steps", "80", "--json", "--data-dir", copied)
    assert resumed.code == 0
    assert (resumed.lines[0]["step"], resumed.lines[0]["total_steps"]) == (60, 80)
    whole = metagui("train", *SMALL, "--steps", "80", "--seed", "3", "--json", "--data-dir", tmp_path / "whole")
    assert resumed.lines[-1]["validation"] == whole.lines[-1]["validation"]
    (run,) = metagui("runs", "list", "--json", "--data-dir", copied).value
    assert (run["status"], run["step"], run["total_steps"]) == ("finished", 80, 80)
    assert run["config"]["outer"]["steps"] == 80


@pytest.mark.slow
def test_that_a_run_of_a_host_long_gone_can_be_resumed_here(metagui: Metagui, copied: Path) -> None:
    claimed = "UPDATE runs SET status = 'running', owner_host = 'gone', owner_pid = 1, owner_start = '', heartbeat = ?"
    resume = ("resume", "r-0001", "--steps", "61", "--data-dir", copied)
    with RunStore(copied) as store:
        store.database.execute(claimed, (time.time(),))
        refused = metagui(*resume)
        assert refused.code == 2
        assert "r-0001 is running" in refused.err
        store.database.execute(claimed, (time.time() - 3600,))
    assert metagui(*resume).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["truncated", "foreign", "flipped", "one weight"])
def test_that_a_corrupt_checkpoint_is_named_and_nothing_is_lost(metagui: Metagui, copied: Path, damage: str) -> None:
    before = metagui("runs", "list", "--json", "--data-dir", copied).value
    newest = max((copied / "runs" / "r-0001" / "checkpoints").iterdir())
    content = newest.read_bytes()
    newest.write_bytes(
        {
            "truncated": content[:-40],
            "foreign": b"PK\x03\x04 not ours",
            "flipped": b"\xff" * 8 + content[8:],
            "one weight": content[:-2] + bytes([content[-2] ^ 1]) + content[-1:],
        }[damage]
    )
    for words in (["resume", "r-0001", "--steps", "90"], ["evaluate", "r-0001", "--tasks", "2"]):
        result = metagui(*words, "--data-dir", copied)
        assert result.code == 1
        assert str(newest) in result.err
        assert "Traceback" not in result.err
    assert metagui("runs", "list", "--json", "--data-dir", copied).value == before


# --- signals and pipes ------------------------------------------------------------------------------------------------


def read_until(process: subprocess.Popen[str], kind: str) -> dict[str, Any]:
    """Lines as they come, while the process runs: proof that each is flushed."""
    assert process.stdout is not None
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == kind:
            assert process.poll() is None
            return event
    raise AssertionError(f"no {kind} came: {process.stderr.read() if process.stderr else ''}")


def rest(process: subprocess.Popen[str]) -> tuple[list[dict[str, Any]], str]:
    out, err = process.communicate(timeout=60)
    return [json.loads(line) for line in out.splitlines()], err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_stops_with_a_checkpoint_and_resume_goes_on_from_it(
    metagui: Metagui, started: Started, data_dir: Path, number: signal.Signals
) -> None:
    process = started("train", *ENDLESS, "--data-dir", data_dir)
    read_until(process, "metrics")
    (live,) = metagui("runs", "list", "--json", "--data-dir", data_dir).value
    assert live["status"] == "running"
    process.send_signal(number)
    events, complaints = rest(process)
    assert process.returncode == 130
    assert "stopping with a checkpoint" in complaints
    assert "Traceback" not in complaints
    assert events[-1]["status"] == "stopped"
    reached = events[-1]["step"]
    saved = [event for event in events if event["event"] == "checkpoint"][-1]
    assert saved["step"] == reached > 0
    assert Path(saved["path"]).is_file()

    resumed = metagui("resume", "r-0001", "--steps", str(reached + 5), "--json", "--data-dir", data_dir)
    assert resumed.code == 0
    assert resumed.lines[0]["step"] == reached
    (run,) = metagui("runs", "list", "--json", "--data-dir", data_dir).value
    assert (run["status"], run["step"]) == ("finished", reached + 5)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_that_a_living_run_is_neither_resumed_nor_marked_crashed_until_it_is_killed(
    metagui: Metagui, started: Started, data_dir: Path
) -> None:
    process = started("train", *ENDLESS, "--data-dir", data_dir)
    read_until(process, "metrics")
    refused = metagui("resume", "r-0001", "--data-dir", data_dir)
    assert refused.code == 2
    assert "r-0001 is running" in refused.err
    process.kill()
    process.wait()
    (run,) = metagui("runs", "list", "--json", "--data-dir", data_dir).value
    assert run["status"] == "crashed"
    assert run["last_values"]["outer_loss"] > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_that_a_reader_that_leaves_stops_the_run_with_a_checkpoint(
    metagui: Metagui, started: Started, data_dir: Path
) -> None:
    process = started("train", *ENDLESS, "--data-dir", data_dir)
    read_until(process, "metrics")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    complaints = process.stderr.read()
    assert process.wait(timeout=60) == 130
    assert "Traceback" not in complaints
    assert "BrokenPipe" not in complaints
    process.stdout = None
    (run,) = metagui("runs", "list", "--json", "--data-dir", data_dir).value
    assert run["status"] == "stopped"


def test_that_a_data_set_that_is_not_there_leaves_no_run_behind(metagui: Metagui, data_dir: Path) -> None:
    result = metagui("train", "--preset", "omniglot-maml-5w1s", "--data-dir", data_dir)
    assert result.code == 2
    assert "metagui data add omniglot" in result.err
    assert json.loads(metagui("runs", "list", "--json", "--data-dir", data_dir).out) == []


@pytest.mark.slow
def test_that_pictures_of_ones_own_get_the_network_usual_for_them(
    metagui: Metagui, data_dir: Path, tmp_path: Path
) -> None:
    for name, side in (("small", 20), ("large", 84)):
        images = np.random.default_rng(0).integers(0, 255, (15 * 20, side, side, 3), np.uint8)
        np.savez(tmp_path / f"{name}.npz", images=images, label=np.repeat(np.arange(15), 20))
        added = metagui("data", "add", name, "--from", tmp_path / f"{name}.npz", "--data-dir", data_dir)
        assert added.code == 0, added.err
    short = ["--steps", "1", "--set", "outer.meta_batch_size=1", "--set", "outer.validation_tasks=2"]
    ways = ["--set", "task.n_way=2", "--set", "task.n_query=1", "--data-dir", data_dir]
    for arguments in (
        ["task.name=small"],
        ["task.name=large"],
        ["task.name=large", "model.name=resnet12", "model.width=2"],
    ):
        settings = [part for argument in arguments for part in ("--set", argument)]
        done = metagui("train", *settings, *short, *ways)
        assert done.code == 0, done.err
    runs = metagui("runs", "list", "--json", "--data-dir", data_dir).value
    models = [run["config"]["model"] for run in sorted(runs, key=lambda run: run["id"])]
    assert [model["name"] for model in models] == ["conv4", "conv4", "resnet12"]
    assert [(model.get("filters"), model.get("downsampling")) for model in models[:2]] == [(64, "pool"), (32, "pool")]
