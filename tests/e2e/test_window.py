"""The real window, offscreen, trained in for real: each scenario is a process of its own."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from metagui.runs.store import RunStore
from metagui.session.settings import load_settings

DRIVER = Path(__file__).with_name("window_driver.py")
LONGEST = 280

pytestmark = pytest.mark.slow


def drive(scenario: str, data_dir: Path) -> dict[str, Any]:
    """Play a scenario; returns what it reports, after checking what holds for each."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(DRIVER), scenario, str(data_dir)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert report["torch"] is False, "the window imported torch"
    assert report["workers"], "no worker was seen: the scenario cannot have worked"
    deadline = time.monotonic() + 5
    while left := [pid for pid in report["workers"] if psutil.pid_exists(pid)]:
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.05)
    return report


def test_that_a_person_can_train_watch_steer_and_stop(data_dir: Path) -> None:
    drive("whole_way", data_dir)
    with RunStore(data_dir) as store:
        (record,) = store.list()
        assert record.status == "stopped"
        assert record.config["algorithm"]["proximal_lambda"] == 1.5
        steps, values, _ = store.read_series(record.id, "outer_loss")
        assert len(steps) == len(values) == record.step
        assert store.latest_checkpoint(record.id) is not None


def test_that_closing_during_a_run_asks_saves_and_offers_to_go_on(data_dir: Path) -> None:
    drive("close_during_run", data_dir)
    settings, _ = load_settings(data_dir)
    with RunStore(data_dir) as store:
        (record,) = store.list()
        assert settings.resume == record.id
    drive("continue_at_next_start", data_dir)
    with RunStore(data_dir) as store:
        (again,) = store.list()
        assert again.step > record.step


def test_that_the_window_outlives_a_killed_training(data_dir: Path) -> None:
    drive("killed_worker", data_dir)


def test_that_the_window_outlives_a_killed_helper(data_dir: Path) -> None:
    drive("killed_helper", data_dir)


def test_that_a_termination_saves_the_run(data_dir: Path) -> None:
    report = drive("terminated", data_dir)
    assert report["code"] == 0
    with RunStore(data_dir) as store:
        (record,) = store.list()
        assert record.status == "stopped"
        assert store.latest_checkpoint(record.id) is not None
    assert load_settings(data_dir)[0].resume == record.id
