"""The monitor as a person meets it: points arrive, scales and themes switch, the range follows until it is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from metagui.config import ExperimentConfig
from metagui.events import Metrics
from metagui.gui.monitor.chart import Chart
from metagui.gui.monitor.page import MonitorPage
from metagui.gui.monitor.views import OUTER_ACCURACY
from metagui.gui.theme import DARK, HIGH_CONTRAST, LIGHT, Theme

Make = Callable[..., Metrics]


def _losses(steps: int, inner_steps: int = 3) -> dict[str, np.ndarray]:
    decay = np.exp(-np.arange(steps) / 200)
    noise = np.random.default_rng(0).normal(0, 0.02, steps)
    columns = {f"inner_loss/{k}": np.abs((2 + noise) * decay * 0.7**k) + 0.05 for k in range(inner_steps + 1)}
    return {"outer_loss": np.abs(3 * decay + noise) + 0.1, **columns}


def _names(chart: Chart) -> list[str]:
    return [trace.name for trace in chart.traces.traces]


def _colours_drawn(chart: Chart) -> set[str]:
    chart.plot.viewport().repaint()
    image: QImage = chart.plot.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(image.height())}


def _frames(page: MonitorPage) -> None:
    """Let the page draw what is waiting."""
    for _ in range(3):
        QTest.qWait(40)


def test_that_points_arrive_in_both_plots(
    page: MonitorPage, make_metrics: Make, regression_config: ExperimentConfig
) -> None:
    page.begin_run("a", "MAML", regression_config)
    page.add_metrics("a", make_metrics(_losses(500)))
    _frames(page)
    outer, inner = page.outer.chart, page.inner.chart
    assert _names(outer) == ["MAML"]
    assert _names(inner) == ["step 0", "step 1", "step 2", "step 3"]
    assert all(len(trace.curve) == 500 for trace in outer.traces.traces + inner.traces.traces)
    assert DARK.cycle[0] in _colours_drawn(outer)
    assert DARK.sequence(4)[3] in _colours_drawn(inner)
    assert outer.x_range == inner.x_range
    assert outer.x_range[1] >= 500


def test_that_later_points_are_drawn_with_the_next_frame(page: MonitorPage, make_metrics: Make) -> None:
    columns = _losses(300)
    page.begin_run("a", "MAML", None)
    for first in range(0, 300, 60):
        batch = {name: values[first : first + 60] for name, values in columns.items()}
        page.add_metrics("a", make_metrics(batch, first + 1))
        _frames(page)
        assert len(page.outer.chart.traces.traces[0].curve) == first + 60
        assert page.outer.chart.x_range[1] >= first + 60


def test_that_a_hidden_page_draws_nothing_until_it_is_shown(page: MonitorPage, make_metrics: Make) -> None:
    page.hide()
    page.begin_run("a", "MAML", None)
    page.add_metrics("a", make_metrics(_losses(50)))
    _frames(page)
    assert page.outer.chart.traces.traces == []
    page.show()
    _frames(page)
    assert len(page.outer.chart.traces.traces[0].curve) == 50


def test_that_the_empty_page_says_what_to_do(page: MonitorPage, make_metrics: Make) -> None:
    _frames(page)
    assert "Press Start" in page.outer.chart.message.text()
    assert page.outer.chart.message.isVisible()
    page.add_metrics("a", make_metrics(_losses(5)))
    _frames(page)
    assert not page.outer.chart.message.isVisible()
    page.clear()
    _frames(page)
    assert "Press Start" in page.outer.chart.message.text()


def test_that_a_log_scale_masks_and_counts(page: MonitorPage, make_metrics: Make) -> None:
    columns = _losses(100)
    columns["outer_loss"][[3, 50]] = [0.0, -1.0]
    page.add_metrics("a", make_metrics(columns))
    page.controls.log.setChecked(True)
    _frames(page)
    QTest.qWait(600)
    assert page.outer.chart.traces.traces[0].curve.masked == 2
    assert "2 points not positive" in page.outer.note.text()
    low, high = page.outer.chart.y_range
    assert -2 < low < high < 1  # decimal logarithms
    page.controls.log.setChecked(False)
    QTest.qWait(700)
    assert page.outer.note.text() == ""


def test_that_following_stops_at_a_pan_and_resumes(page: MonitorPage, make_metrics: Make) -> None:
    columns = _losses(400)
    page.add_metrics("a", make_metrics({name: values[:200] for name, values in columns.items()}))
    _frames(page)
    before = page.outer.chart.x_range
    _drag(page.outer.chart, QPoint(-60, 0))
    held = page.outer.chart.x_range
    assert held[0] > before[0] + 5
    assert not page.following
    page.add_metrics("a", make_metrics({name: values[200:] for name, values in columns.items()}, 201))
    _frames(page)
    assert page.outer.chart.x_range == held
    assert page.inner.chart.x_range == pytest.approx(held)
    page.controls.follow.click()
    _frames(page)
    assert page.following
    assert page.outer.chart.x_range[1] >= 400


def test_that_the_wheel_takes_over_and_a_key_gives_back(page: MonitorPage, make_metrics: Make, qtbot: Any) -> None:
    page.add_metrics("a", make_metrics(_losses(300)))
    _frames(page)
    before, heights = page.outer.chart.x_range, page.outer.chart.y_range
    _turn_wheel(page.outer.chart)
    zoomed = page.outer.chart.x_range
    assert zoomed[1] - zoomed[0] < before[1] - before[0]
    assert page.outer.chart.y_range == heights
    assert not page.following
    page.activateWindow()
    page.outer.chart.plot.setFocus()
    qtbot.keyClick(page.outer.chart.plot, Qt.Key.Key_F)
    _frames(page)
    assert page.following
    assert page.outer.chart.x_range == before


def test_that_outliers_change_the_scale_only_and_are_counted(page: MonitorPage, make_metrics: Make) -> None:
    columns = _losses(1000)
    columns["outer_loss"][[200, 700]] = 1e5
    page.add_metrics("a", make_metrics(columns))
    _frames(page)
    assert page.outer.chart.y_range[1] > 1e5
    page.controls.robust.setChecked(True)
    _frames(page)
    QTest.qWait(600)
    assert page.outer.chart.y_range[1] < 10
    assert "off view" in page.outer.note.text()
    assert len(page.outer.chart.traces.traces[0].curve) == 1000


@pytest.mark.parametrize("theme", [LIGHT, HIGH_CONTRAST, DARK], ids=lambda theme: theme.name)
def test_that_a_theme_recolours_existing_curves(page: MonitorPage, make_metrics: Make, theme: Theme) -> None:
    page.add_metrics("a", make_metrics(_losses(300)))
    _frames(page)
    page.set_theme(theme)
    _frames(page)
    for chart, colour in ((page.outer.chart, theme.cycle[0]), (page.inner.chart, theme.sequence(4)[0])):
        drawn = _colours_drawn(chart)
        assert colour in drawn
        assert theme.plot_background in drawn


def test_that_smoothing_off_draws_the_raw_values(page: MonitorPage, make_metrics: Make) -> None:
    columns = _losses(200)
    page.add_metrics("a", make_metrics(columns))
    page.controls.smoothing.setValue(0)
    _frames(page)
    trace = page.outer.chart.traces.traces[0]
    _, y = trace.curve.window(0, 201, 1000, smoothed=True)
    assert np.array_equal(y, columns["outer_loss"])
    assert trace.faint == ""


def test_that_the_x_axis_can_count_tasks_and_time(
    page: MonitorPage, make_metrics: Make, regression_config: ExperimentConfig
) -> None:
    page.begin_run("a", "MAML", regression_config)
    page.add_metrics("a", make_metrics(_losses(100)))
    page.controls.axis.setCurrentIndex(1)
    _frames(page)
    batch = regression_config.outer.meta_batch_size
    assert page.outer.chart.extent() == (batch, 100 * batch)
    assert page.inner.chart.bottom.labelText == "tasks seen"
    page.controls.axis.setCurrentIndex(2)
    _frames(page)
    assert page.outer.chart.extent() == pytest.approx((0.0, 9.9))


def test_that_classification_offers_accuracy_with_the_chance_line(
    page: MonitorPage, make_metrics: Make, regression_config: ExperimentConfig, images_config: ExperimentConfig
) -> None:
    page.begin_run("r", "regression", regression_config)
    _frames(page)
    assert not page.outer.selector.isVisible()
    page.begin_run("a", "images", images_config)
    page.add_metrics("a", make_metrics(_losses(50) | {"outer_accuracy": np.linspace(0.2, 0.9, 50)}))
    _frames(page)
    assert page.outer.selector.isVisible()
    page.outer.choose(OUTER_ACCURACY)
    _frames(page)
    assert _names(page.outer.chart) == ["images"]
    assert [line.value() for line in page.outer.chart.chance_lines] == [0.2]
    low, high = page.outer.chart.y_range
    assert low <= 0.0
    assert high >= 1.0


def test_that_a_stored_run_is_compared_and_removed_again(page: MonitorPage, make_metrics: Make) -> None:
    page.add_metrics("a", make_metrics(_losses(100)))
    page.load_run("b", "stored", None, {"outer_loss": (np.arange(1, 901), np.full(900, 2.0))})
    _frames(page)
    assert sorted(_names(page.outer.chart)) == ["a", "stored"]
    assert page.outer.chart.x_range[1] >= 900
    colours = {trace.colour for trace in page.outer.chart.traces.traces}
    assert len(colours) == 2
    page.remove_run("b")
    page.remove_run("never there")
    _frames(page)
    assert _names(page.outer.chart) == ["a"]
    assert page.outer.chart.x_range[1] < 200


def test_that_the_inner_plot_shows_the_current_run(page: MonitorPage, make_metrics: Make) -> None:
    page.add_metrics("a", make_metrics(_losses(20, inner_steps=1)))
    page.add_metrics("b", make_metrics(_losses(20, inner_steps=4)))
    _frames(page)
    assert len(page.inner.chart.traces.traces) == 5
    page.set_current("a")
    _frames(page)
    assert len(page.inner.chart.traces.traces) == 2


def test_that_a_click_on_a_name_hides_its_curve(page: MonitorPage, make_metrics: Make) -> None:
    for run_id in ("a", "b"):
        page.add_metrics(run_id, make_metrics(_losses(20)))
    _frames(page)
    chart = page.outer.chart
    corner = chart.legend.mapToScene(QPointF(40, 18))
    place = chart.plot.mapFromScene(corner)
    QTest.mouseClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    _frames(page)
    assert _names(chart) == ["b"]
    assert page.following


def test_that_the_cross_hair_is_shared_and_tells_the_values(page: MonitorPage, make_metrics: Make) -> None:
    columns = _losses(100)
    page.add_metrics("a", make_metrics(columns))
    page.controls.smoothing.setValue(0)
    _frames(page)
    page.outer.chart.hovered.emit(QPointF(40.3, 1.0))
    assert page.outer.chart.crosshair.position == 40.0
    assert page.inner.chart.crosshair.position == 40.0
    assert page.tip.isVisible()
    text = page.tip.label.text()
    assert "meta-step 40" in text
    assert f"{columns['outer_loss'][39]:.2f}" in text
    assert "step 3" in text
    page.outer.chart.hovered.emit(None)
    assert page.inner.chart.crosshair.position is None
    assert not page.tip.isVisible()


def test_that_arrow_keys_move_the_cross_hair(page: MonitorPage, make_metrics: Make) -> None:
    page.add_metrics("a", make_metrics(_losses(100)))
    _frames(page)
    page.outer.chart.hovered.emit(QPointF(50.0, 1.0))
    QTest.keyClick(page.outer.chart.plot, Qt.Key.Key_Right)
    assert page.inner.chart.crosshair.position == 51.0
    QTest.keyClick(page.outer.chart.plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert page.inner.chart.crosshair.position == 41.0


def test_that_curves_are_told_in_words(page: MonitorPage, make_metrics: Make) -> None:
    page.add_metrics("a", make_metrics(_losses(100)))
    _frames(page)
    QTest.qWait(600)
    outer = page.outer.chart.plot.accessibleDescription()
    assert "100 points" in outer
    assert "query loss (outer)" in outer
    assert "step 3" in page.inner.chart.plot.accessibleDescription()


def test_that_a_diverging_run_is_drawn_without_a_murmur(page: MonitorPage, make_metrics: Make) -> None:
    columns = _losses(60)
    columns["outer_loss"][40:] = 10.0 ** np.arange(10, 310, 15)
    columns["outer_loss"][-2:] = np.inf
    columns["inner_loss/0"][50:] = np.nan
    page.add_metrics("a", make_metrics(columns))
    _frames(page)
    page.controls.log.setChecked(True)
    _frames(page)
    page.controls.robust.setChecked(True)
    _frames(page)
    assert np.isfinite(page.outer.chart.y_range).all()


def test_that_a_single_point_is_visible(page: MonitorPage, make_metrics: Make) -> None:
    page.add_metrics("a", make_metrics({"outer_loss": [1.5], "inner_loss/0": [2.0]}))
    _frames(page)
    low, high = page.outer.chart.y_range
    assert low < 1.5 < high
    assert DARK.cycle[0] in _colours_drawn(page.outer.chart)


def _drag(chart: Chart, by: QPoint) -> None:
    port = chart.plot.viewport()
    start = port.rect().center()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for part in range(1, 11):
        place = start + QPoint(by.x() * part // 10, by.y() * part // 10)
        event = QMouseEvent(
            QMouseEvent.Type.MouseMove,
            QPointF(place),
            QPointF(port.mapToGlobal(place)),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(port, event)
        QTest.qWait(12)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=start + by)


def _turn_wheel(chart: Chart) -> None:
    centre = chart.plot.viewport().rect().center()
    event = QWheelEvent(
        QPointF(centre),
        QPointF(chart.plot.viewport().mapToGlobal(centre)),
        QPoint(0, 0),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(chart.plot.viewport(), event)
