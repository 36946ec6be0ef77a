"""The look inside: four pictures that agree, a sentence where they cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metagui.config import load_preset
from metagui.events import Array, Inside
from metagui.gui.presenters import studio_inside
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.studio_inside import InsidePresenter
from metagui.gui.studio.inside.landscape import contour, log_heights
from metagui.gui.studio.inside.panel import InsidePanel
from metagui.gui.theme import LIGHT

MakeInside = Callable[..., Inside]
SINUSOID = load_preset("sinusoid-maml").config
POINTS = load_preset("points-maml").config


@pytest.fixture
def panel(qtbot: Any) -> InsidePanel:
    widget = InsidePanel()
    qtbot.addWidget(widget)
    widget.resize(1000, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_that_scrubbing_walks_along_the_path(panel: InsidePanel, inside: MakeInside) -> None:
    panel.show_inside(inside(), (4, 5))
    assert "held-out task 5" in panel.origin.text()
    assert panel.landscape.here.getData()[0][0] == pytest.approx(0.8)
    panel.scrubber.slider.setValue(2)
    assert panel.landscape.here.getData()[0][0] == pytest.approx(0.4)
    assert "0.600" in panel.figures[3].figures.text()


def test_that_features_show_every_example_before_and_after(panel: InsidePanel, inside: MakeInside) -> None:
    answer = inside()
    panel.show_inside(answer, (0, 1))
    for moment, scatter in enumerate(panel.features.scatters):
        xs, _ = scatter.getData()
        assert len(xs) == 9
        assert np.allclose(xs[:6], answer.query_features.numpy()[moment, :, 0])
    first, second = (plot.getPlotItem().viewRange() for plot in panel.features.plots)
    assert np.allclose(first, second), "linked axes"
    assert "90%" in panel.figures[0].figures.text()


def test_that_targets_of_regression_are_shades(panel: InsidePanel, inside: MakeInside) -> None:
    panel.show_inside(
        inside(support_labels=Array.of([0.1, 0.5, 2.0]), query_labels=Array.of(np.linspace(-1, 3, 6))), (0, 1)
    )
    symbols = {point.symbol() for point in panel.features.scatters[0].points()}
    assert symbols == {"o"}


def test_that_a_wall_of_no_number_and_unknown_classes_are_drawn(panel: InsidePanel, inside: MakeInside) -> None:
    loss = inside().slice_loss.numpy().copy()
    loss[0] = np.inf
    loss[1, 1] = np.nan
    answer = inside(slice_loss=Array.of(loss), query_labels=Array.of(np.array([0, 1, 2, -1, -1, -1])))
    panel.show_inside(answer, (0, 1))
    panel.set_theme(LIGHT)
    panel.grab()


def test_that_arrays_that_do_not_fit_are_told(panel: InsidePanel, inside: MakeInside) -> None:
    panel.show_inside(inside(slice_loss=Array.of(np.zeros((3, 4)))), (0, 1))
    assert "slice_loss" in panel.message.text()
    assert panel.message.isVisible()


def test_that_trouble_later_leaves_the_pictures(panel: InsidePanel, inside: MakeInside) -> None:
    panel.show_message("Starting the engine…")
    assert panel.message.isVisible()
    panel.show_inside(inside(), (0, 1))
    panel.show_message("The checkpoint is gone.")
    assert not panel.message.isVisible()
    assert panel.trouble.isVisible()
    assert panel.trouble.text() == "The checkpoint is gone."
    panel.show_inside(inside(), (0, 1))
    assert not panel.trouble.isVisible()


def test_that_a_contour_lies_where_the_surface_has_its_height() -> None:
    across, up = np.linspace(-2, 2, 21), np.linspace(-1, 1, 21)
    heights = across[None, :] + 0 * up[:, None]
    xs, ys = contour(heights, 0.75, across, up)
    assert np.allclose(xs, 0.75, atol=0.02)
    assert np.ptp(ys) > 1.5


def test_that_heights_are_logarithms_even_of_losses_that_are_zero() -> None:
    heights = log_heights(np.array([[0.0, 1.0], [10.0, np.inf]]))
    assert heights[1, 0] == pytest.approx(1.0, abs=1e-6)
    assert np.isfinite(heights[0, 0])
    assert np.isnan(heights[1, 1])


@pytest.fixture
def presenter(worker: Any, panel: InsidePanel, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> InsidePresenter:
    monkeypatch.setattr(studio_inside, "_GAP_MS", 5)
    return InsidePresenter(worker, panel, data_dir)


def test_that_it_looks_only_while_on_show_and_again_for_newer_weights(
    presenter: InsidePresenter, worker: Any, inside: MakeInside, panel: InsidePanel, qtbot: Any
) -> None:
    presenter.show(Source(SINUSOID, 5))
    assert not worker.looks
    presenter.activate(True)
    assert [look[0].step for look in worker.looks.values()] == [5]
    for step in (6, 7):
        presenter.show(Source(SINUSOID, step))
    assert len(worker.looks) == 1
    worker.looked_inside.emit(inside())
    qtbot.waitUntil(lambda: len(worker.looks) == 2)
    assert worker.looks[2][0].step == 7
    panel.steps_chosen.emit(50)
    assert worker.looks[3][2] == 50
    worker.fail("Adaptation runs away")
    assert "runs away" in panel.trouble.text()
    assert presenter.settled


def test_that_another_experiment_takes_the_pictures_away(
    presenter: InsidePresenter, worker: Any, inside: MakeInside, panel: InsidePanel
) -> None:
    presenter.activate(True)
    presenter.show(Source(SINUSOID, 5))
    worker.looked_inside.emit(inside())
    assert not panel.message.isVisible()
    presenter.show(Source(POINTS, 0))
    assert panel.message.isVisible()
    assert worker.looks[worker.last][0].config["task"]["name"] == "points"
