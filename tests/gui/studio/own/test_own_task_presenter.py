"""From a hand on the panel to the worker and back: newest wins, calibration, and a worker that dies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest

from metagui.config import load_preset
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.own_task_presenter import OwnTaskPresenter
from metagui.gui.studio.own.panel import OwnTaskPanel
from metagui.gui.studio.own.sketch import CurveSketch
from metagui.session.interactive import InteractiveWorker


def test_that_of_many_changes_the_newest_is_asked_next(
    panel: OwnTaskPanel, worker: Any, data_dir: Path, column: Any
) -> None:
    presenter = OwnTaskPresenter(worker, panel, data_dir)
    presenter.activate(True)
    presenter.show(Source(load_preset("sinusoid-maml").config, 5), by_choice=True)
    first = worker.last
    for steps in (3, 4, 8):
        panel.rates.steps.slider.setValue(steps)
    assert worker.last == first
    worker.answer(column())
    assert worker.last == first + 1
    assert worker.studies[worker.last][2] == 8
    presenter.close()


def test_that_it_asks_nothing_while_out_of_sight(panel: OwnTaskPanel, worker: Any, data_dir: Path) -> None:
    presenter = OwnTaskPresenter(worker, panel, data_dir)
    presenter.show(Source(load_preset("sinusoid-maml").config, 5))
    assert not worker.studies
    presenter.activate(True)
    assert len(worker.studies) == 1
    presenter.close()


def test_that_a_task_survives_a_network_of_another_kind(panel: OwnTaskPanel, worker: Any, data_dir: Path) -> None:
    presenter = OwnTaskPresenter(worker, panel, data_dir)
    presenter.activate(True)
    presenter.show(Source(load_preset("sinusoid-maml").config, 5))
    mine = CurveSketch(((0.0, 1.0),))
    panel.set_sketch(mine)
    presenter.show(Source(load_preset("points-maml").config, 5), by_choice=True)
    assert panel.sketch != mine
    presenter.show(Source(load_preset("sinusoid-imaml").config, 5), by_choice=True)
    assert panel.sketch == mine
    presenter.close()


@pytest.mark.slow
def test_that_a_worker_killed_in_the_middle_is_started_again_and_the_task_is_kept(
    panel: OwnTaskPanel, data_dir: Path, qtbot: Any
) -> None:
    worker = InteractiveWorker()
    presenter = OwnTaskPresenter(worker, panel, data_dir)
    try:
        presenter.activate(True)
        presenter.show(Source(load_preset("sinusoid-maml").config, 0), by_choice=True)
        qtbot.waitUntil(lambda: presenter.settled, timeout=120_000)
        mine = CurveSketch(((0.0, 1.0), (1.0, -1.0), (1.0, 2.0)), on_curve=False)
        panel.set_sketch(mine)
        for child in psutil.Process().children():
            child.kill()
        qtbot.waitUntil(lambda: presenter.settled, timeout=120_000)
        assert panel.sketch == mine
        assert panel.scrubber.isEnabled()
        assert "x = 1" in panel.headline.text
    finally:
        presenter.close()
        worker.shutdown()
