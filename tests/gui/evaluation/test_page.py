"""The page with hand-made answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QWidgetAction

from metagui.events import Array, Evaluated
from metagui.gui.evaluation.content import Circumstances
from metagui.gui.evaluation.interval_bar import Interval
from metagui.gui.evaluation.page import EvaluationPage
from metagui.gui.evaluation.paper import PaperPanel
from metagui.gui.evaluation.settings import EvaluationSettings, NetworkOption, RivalOption
from metagui.gui.theme import DARK, HIGH_CONTRAST, LIGHT

Make = Callable[..., Evaluated]


@pytest.fixture
def page(qtbot: Any) -> EvaluationPage:
    made = EvaluationPage()
    qtbot.addWidget(made)
    made.resize(660, 600)
    made.set_theme(DARK)
    made.show()
    return made


def test_that_an_empty_page_says_what_it_is_for_and_what_is_missing(page: EvaluationPage) -> None:
    page.show_waiting("Train first.")
    assert page.stack.currentWidget() is page.message
    assert "held-out tasks" in page.message.text.text()
    assert "Train first." in page.message.text.text()
    assert not page.setup.button.isEnabled()


def test_that_the_protocol_stands_beside_the_number(
    page: EvaluationPage, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    assert "94.80 %" in page.headline.number.text()
    assert "± 0.56" in page.headline.number.text()
    assert "600 of the test split" in page.headline.protocol.text()
    assert "7 tasks adaptation did not lower" in page.headline.words.text()
    assert page.headline.protocol.isVisible()


def test_that_parts_an_answer_lacks_are_not_there(
    page: EvaluationPage, make_classified: Make, make_regressed: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    assert all(section.isVisible() for section in (page.compared, page.calibration, page.confusion, page.worst))
    page.show_result(make_regressed(worst=(), rivals=()), circumstances)
    assert page.by_step.isVisible()
    assert not any(section.isVisible() for section in (page.compared, page.calibration, page.confusion, page.worst))


def test_that_the_curve_is_read_by_arrow_keys(
    page: EvaluationPage, qtbot: Any, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    assert page.by_step.note.text().startswith("after step 20: 94.79 %")
    for _ in range(20):
        qtbot.keyClick(page.curve.plot, Qt.Key.Key_Left)
    assert page.by_step.note.text() == "before adaptation: 20.00 % ± 0.56"
    qtbot.keyClick(page.curve.plot, Qt.Key.Key_Left)
    assert page.curve.step == 0
    low, high = page.curve.plot.getPlotItem().getViewBox().viewRange()[1]
    assert low < 0.2 < 0.95 < high
    assert len(page.curve.lines) == 6, "one line a judged competitor"


@pytest.mark.parametrize(("steps", "ticks"), [(1, [0.0, 1.0]), (3, [0.0, 1.0, 2.0, 3.0])])
def test_that_only_whole_inner_steps_have_a_tick(
    page: EvaluationPage, make_classified: Make, circumstances: Circumstances, steps: int, ticks: list[float]
) -> None:
    by_step = Array.of(np.linspace(0.2, 0.9, steps + 1))
    page.show_result(make_classified(mean_by_step=by_step, ci95_by_step=by_step), circumstances)
    ((_, places),) = page.curve.bottom.tickValues(-0.05, steps + 0.05, 600.0)
    assert places == ticks


@pytest.mark.parametrize(
    "values",
    [[3.0, 1.0, math.nan, math.inf], [3.0, 1.0, 1e9, 1e30], [math.nan] * 4, [math.inf, math.inf, 2.0, math.inf]],
)
def test_that_a_curve_that_falls_apart_is_drawn_as_far_as_it_has_numbers(
    page: EvaluationPage, make_regressed: Make, circumstances: Circumstances, values: list[float]
) -> None:
    page.show_result(
        make_regressed(
            mean=math.inf,
            ci95=math.nan,
            rivals=(),
            mean_by_step=Array.of(values),
            ci95_by_step=Array.of([0.1, math.nan, 0.1, math.inf]),
        ),
        circumstances,
    )
    page.grab()
    assert "∞" in page.headline.number.text()
    low, high = page.curve.plot.getPlotItem().getViewBox().viewRange()[1]
    assert -20 < low < high < 120


def test_that_a_click_or_enter_on_a_worst_task_asks_for_it_first(
    page: EvaluationPage, qtbot: Any, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    with qtbot.waitSignal(page.tasks_chosen) as chosen:
        page.worst.table.cellClicked.emit(2, 1)
    assert chosen.args[0][:3] == (79, 17, 48)
    page.worst.table.setCurrentCell(1, 0)
    with qtbot.waitSignal(page.tasks_chosen) as chosen:
        qtbot.keyClick(page.worst.table, Qt.Key.Key_Return)
    assert chosen.args[0][0] == 48


def test_that_classes_stand_worst_first_and_unseen_ones_not_at_all(
    page: EvaluationPage, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    table = page.confusion.classes
    assert table.rowCount() == 23
    shown = table.item(0, 1)
    assert shown is not None
    assert shown.text() == "56 %"
    pair = page.confusion.pairs.item(0, 0)
    assert pair is not None
    assert "→" in pair.text()


def test_that_calibration_says_its_error_before_and_after_a_temperature(
    page: EvaluationPage, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    assert page.calibration.note.text() == "ECE 6.1 %"
    assert "too sure of itself" in page.calibration.hint.text()
    assert "T = 1.42" in page.calibration.hint.text()
    assert "1.2 %" in page.calibration.hint.text()


def test_that_a_problem_is_told_and_the_last_result_stays(
    page: EvaluationPage, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    page.show_problem("It could not be evaluated: no such file")
    assert page.problem.isVisible()
    assert page.stack.currentWidget() is page.scroll
    page.set_busy(True)
    assert not page.problem.isVisible(), "a new attempt begins"


def test_that_a_paper_has_its_place_below_the_number(
    page: EvaluationPage, qtbot: Any, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    paper = PaperPanel()
    page.set_paper(paper)
    qtbot.waitUntil(lambda: page.headline.geometry().bottom() < paper.y() < page.by_step.y())
    page.set_paper(None)
    assert not paper.isVisible()


def test_that_a_wide_page_puts_cards_side_by_side(
    page: EvaluationPage, qtbot: Any, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    qtbot.waitUntil(lambda: page.compared.y() > page.by_step.y())
    page.resize(1300, 800)
    qtbot.waitUntil(lambda: page.compared.y() == page.by_step.y())
    assert page.curve.plot.height() >= 200


@pytest.mark.parametrize("theme", [LIGHT, HIGH_CONTRAST])
def test_that_colours_switch_everywhere(
    page: EvaluationPage, make_classified: Make, circumstances: Circumstances, theme: Any
) -> None:
    page.show_result(make_classified(), circumstances)
    page.set_theme(theme)
    assert theme.muted in page.headline.protocol.text()
    assert theme.cycle[0] in page.curve.key.text()
    page.grab()


def test_that_the_result_can_be_copied_with_its_protocol(
    page: EvaluationPage, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    page.headline.copy.click()
    assert "test split" in QGuiApplication.clipboard().text()


def test_that_a_number_that_cannot_be_used_disables_evaluate_and_says_why(page: EvaluationPage) -> None:
    setup = page.setup
    setup.set_networks([NetworkOption("last", "r-0001 · last")], "last")
    assert setup.button.isEnabled()
    box = setup._boxes["n_tasks"]
    box.lineEdit().setText("1")
    box.lineEdit().textEdited.emit("1")
    assert not setup.button.isEnabled()
    assert "at least 2" in setup.button.toolTip()
    assert setup.settings.n_tasks == 600
    setup.show_settings(EvaluationSettings(n_tasks=50, inner_steps=3, n_query=4))
    assert setup.problem == ""


def test_that_a_choice_of_rivals_outlasts_a_new_list_of_runs(page: EvaluationPage) -> None:
    comparisons = page.setup.comparisons
    joint, other = RivalOption("r-0001", "r-0001 · Joint", wanted=True), RivalOption("r-0002", "r-0002 · MAML")
    comparisons.set_rivals([joint, other])
    assert comparisons.rivals == ("r-0001",)
    boxes = [entry.defaultWidget() for entry in comparisons.menu.actions() if isinstance(entry, QWidgetAction)]
    for box in boxes:
        assert isinstance(box, QCheckBox)
        box.toggle()
    assert comparisons.rivals == ("r-0002",)
    comparisons.set_rivals([RivalOption("r-0003", "r-0003 · ProtoNet", wanted=True), joint, other])
    assert comparisons.rivals == ("r-0003", "r-0002")
    comparisons.set_kind("regression")
    assert comparisons.baselines == ("random", "pixels")


def test_that_what_is_off_the_scale_points_there() -> None:
    assert Interval(0.2, 0.0, 0.9, 0.95, 1).beyond == -1
    assert Interval(5.0, 0.0, 0.9, 0.95, 1).beyond == 1
    assert Interval(0.95, 0.0, 0.9, 0.95, 1).beyond == 0
    assert Interval(0.9, 0.1, 0.9, 0.9, 0).position(0.9) == 0.0


def test_that_everything_has_an_accessible_name(
    page: EvaluationPage, make_classified: Make, circumstances: Circumstances
) -> None:
    page.show_result(make_classified(), circumstances)
    tables = (page.competitors, page.confusion.classes, page.confusion.pairs, page.worst.table)
    for widget in (*tables, page.curve.plot, page.calibration.diagram, page.setup.network, page.progress.bar):
        assert widget.accessibleName()
    assert "20.00 %" in page.curve.plot.accessibleDescription()
    assert "were right" in page.calibration.diagram.accessibleDescription()
    assert not np.isnan(page.curve.plot.height())
