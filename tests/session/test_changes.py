"""Pause, change a setting, go on: through the controller, a real worker process and the store."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from metagui.config import ExperimentConfig, apply_overrides
from metagui.errors import InvalidValueError
from metagui.events import Metrics, RunEvent, SettingChanged
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController

PATIENCE_MS = 60_000
RATE = "algorithm.inner_lr"


def test_that_a_setting_is_changed_while_paused_recorded_and_kept_when_the_run_is_resumed(
    qtbot: QtBot, make_controller: Callable[..., ExperimentController], store: RunStore, config: ExperimentConfig
) -> None:
    controller = make_controller()
    events: list[RunEvent] = []
    controller.event.connect(lambda _run, event: events.append(event))
    config = apply_overrides(config, ["outer.steps=100000"])
    run = controller.start(config)
    qtbot.waitUntil(lambda: controller.state == "running", timeout=PATIENCE_MS)
    controller.pause()
    qtbot.waitUntil(lambda: controller.state == "paused", timeout=PATIENCE_MS)
    with pytest.raises(InvalidValueError, match="must be greater than 0"):
        controller.change(RATE, -1.0)
    with pytest.raises(InvalidValueError, match="cannot be changed while the run goes on"):
        controller.change("outer.outer_lr", 0.5)
    controller.change(RATE, 0.03)
    controller.resume()
    qtbot.waitUntil(lambda: any(isinstance(event, SettingChanged) for event in events), timeout=PATIENCE_MS)
    told = next(event for event in events if isinstance(event, SettingChanged))
    assert (told.path, told.value) == (RATE, 0.03)
    with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
        controller.stop()
    assert store.get(run).config["algorithm"]["inner_lr"] == 0.03
    assert store.read_series(run, "inner_lr")[1][-1] == pytest.approx(0.03)
    assert any("algorithm.inner_lr changed from" in record.message for record in store.log(run))

    events.clear()
    controller.resume_run(run)
    qtbot.waitUntil(lambda: any(isinstance(event, Metrics) for event in events), timeout=PATIENCE_MS)
    metrics = next(event for event in events if isinstance(event, Metrics) and "inner_lr" in event.names)
    assert metrics.values.numpy()[0, metrics.names.index("inner_lr")] == pytest.approx(0.03)
    with pytest.raises(InvalidValueError, match="no run is in progress"):
        with qtbot.waitSignal(controller.ended, timeout=PATIENCE_MS):
            controller.stop()
        controller.change(RATE, 0.01)
