"""The real window, offscreen, trained in for real: each scenario is a process of its own."""

from pathlib import Path
from typing import Any

import pytest

from metagui.runs.store import RunStore
from metagui.session.settings import load_settings

DRIVER = Path(__file__).with_name("window_driver.py")

pytestmark = pytest.mark.slow


def test_that_a_person_can_train_watch_steer_and_stop(drive: Any, data_dir: Path) -> None:
    drive(DRIVER, "whole_way", data_dir)
    with RunStore(data_dir) as store:
        (record,) = store.list()
        assert record.status == "stopped"
        assert record.config["algorithm"]["proximal_lambda"] == 1.5
        steps, values, _ = store.read_series(record.id, "outer_loss")
        assert len(steps) == len(values) == record.step
        assert store.latest_checkpoint(record.id) is not None


def test_that_closing_during_a_run_asks_saves_and_offers_to_go_on(drive: Any, data_dir: Path) -> None:
    drive(DRIVER, "close_during_run", data_dir)
    settings, _ = load_settings(data_dir)
    with RunStore(data_dir) as store:
        (record,) = store.list()
        assert settings.resume == record.id
    drive(DRIVER, "continue_at_next_start", data_dir)
    with RunStore(data_dir) as store:
        (again,) = store.list()
        assert again.step > record.step


def test_that_the_window_outlives_a_killed_training(drive: Any, data_dir: Path) -> None:
    drive(DRIVER, "killed_worker", data_dir)


def test_that_the_window_outlives_a_killed_helper(drive: Any, data_dir: Path) -> None:
    drive(DRIVER, "killed_helper", data_dir)


def test_that_a_termination_saves_the_run(drive: Any, data_dir: Path) -> None:
    report = drive(DRIVER, "terminated", data_dir)
    assert report["code"] == 0
    with RunStore(data_dir) as store:
        (record,) = store.list()
        assert record.status == "stopped"
        assert store.latest_checkpoint(record.id) is not None
    assert load_settings(data_dir)[0].resume == record.id
