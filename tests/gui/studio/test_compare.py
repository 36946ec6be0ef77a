"""The comparison: columns that come and go, shared axes, one scrubber, verdicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from metagui.events import Column
from metagui.gui.adaptation.regression import RegressionPicture
from metagui.gui.studio.compare.contender import Contender, Offer, Verdict
from metagui.gui.studio.compare.panel import ComparePanel
from metagui.gui.theme import LIGHT

MakeColumn = Callable[..., Column]

SHOWN = Contender("shown", "MAML", "r-0001 · meta-step 100")
RANDOM = Contender("random", "Random start", "no training")
JOINT = Contender("joint", "Jointly pretrained", "r-0002")


@pytest.fixture
def panel(qtbot: Any) -> ComparePanel:
    widget = ComparePanel()
    qtbot.addWidget(widget)
    widget.resize(1000, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _heights(panel: ComparePanel) -> list[tuple[float, float] | None]:
    pictures = [column.cards[0].picture for column in panel.columns]
    return [picture.heights for picture in pictures if isinstance(picture, RegressionPicture)]


def test_that_an_empty_comparison_says_what_to_do(panel: ComparePanel) -> None:
    assert panel.message.isVisible()
    assert "Add a column" in panel.message.text()
    assert not panel.scrubber.isVisible()
    assert panel.add.isVisible()


def test_that_all_columns_share_the_step_and_the_axis(panel: ComparePanel, column: MakeColumn) -> None:
    panel.set_contenders((SHOWN, RANDOM))
    panel.show_columns((column(amplitude=1.0), column(amplitude=4.0, steps=6)), (0,))
    first, second = _heights(panel)
    assert first == second
    assert first is not None
    assert first[1] > 4.0
    assert panel.scrubber.step == 6
    assert "step 4 of 4" in panel.columns[0].now.text(), "it takes fewer steps"
    panel.scrubber.slider.setValue(2)
    assert "step 2 of 4" in panel.columns[0].now.text()
    assert "step 2 of 6" in panel.columns[1].now.text()
    assert len(panel.loss.lines) == 2


def test_that_a_column_that_stays_keeps_what_it_shows(panel: ComparePanel, column: MakeColumn) -> None:
    panel.set_contenders((SHOWN, RANDOM))
    panel.show_columns((column(), column()), (0,))
    kept = panel.columns[1]
    panel.set_contenders((RANDOM, JOINT))
    assert panel.columns[0] is kept
    assert kept.series is not None
    assert panel.columns[1].problem.text() == "Adapting…"
    assert len(panel.loss.lines) == 1


def test_that_the_cross_takes_a_column_out(panel: ComparePanel, column: MakeColumn, qtbot: Any) -> None:
    panel.set_contenders((SHOWN, RANDOM))
    panel.show_columns((column(), column()), (0,))
    with qtbot.waitSignal(panel.removed) as caught:
        QTest.mouseClick(panel.columns[1].close_button, Qt.MouseButton.LeftButton)
    assert caught.args == ["random"]


def test_that_one_column_in_trouble_leaves_the_others(panel: ComparePanel, column: MakeColumn) -> None:
    panel.set_contenders((SHOWN, JOINT))
    panel.show_columns((column(), column()), (0,))
    panel.show_columns((column(), column(problem="Its checkpoint is gone.")), (0,))
    assert not panel.columns[1].problem.isHidden()
    assert "gone" in panel.columns[1].problem.text()
    assert not any(not card.isHidden() for card in panel.columns[1].cards)
    assert not panel.columns[0].cards[0].isHidden()
    panel.show_columns((column(), column()), (0,))
    assert panel.columns[1].problem.isHidden()
    assert not panel.columns[1].cards[0].isHidden()


def test_that_a_verdict_has_its_interval_and_what_it_is_over(panel: ComparePanel) -> None:
    panel.set_contenders((SHOWN,))
    panel.set_verdict("shown", None, "Judging on 100 held-out tasks…")
    assert "Judging" in panel.columns[0].verdict.text()
    panel.set_verdict("shown", Verdict("accuracy", 0.942, 0.0131, 100, 5, 2000))
    assert "94.2 ± 1.3 %" in panel.columns[0].verdict.text()
    assert "100 tasks" in panel.columns[0].verdict.text()
    assert "2,000 meta-steps" in panel.columns[0].verdict.toolTip()
    panel.set_verdict("shown", Verdict("mse", 0.4123, 0.0311, 100, 1, 0))
    assert "0.412 ± 0.0311" in panel.columns[0].verdict.text()
    assert "1 inner step," in panel.columns[0].verdict.toolTip()


def test_that_the_menu_asks_anew_each_time_and_says_why_not(panel: ComparePanel, qtbot: Any) -> None:
    offers = [Offer("random", "Baselines", "Random start"), Offer("joint", "Baselines", "Joint", "train it first")]
    panel.add.offers = lambda: offers
    panel.add.fill()
    actions = [action for action in panel.add.menu().actions() if action.data()]
    assert [action.isEnabled() for action in actions] == [True, False]
    assert "train it first" in actions[1].text()
    with qtbot.waitSignal(panel.add.chosen) as caught:
        actions[0].trigger()
    assert caught.args == ["random"]
    offers.append(Offer("run:r-0001:last", "Runs", "Newest", within="r-0001 · MAML"))
    panel.add.fill()
    (inner,) = panel.add.inner.values()
    assert inner.title() == "r-0001 · MAML"
    assert [action.text() for action in inner.actions()] == ["Newest"]


def test_that_several_tasks_stand_below_each_other_and_columns_scroll(
    panel: ComparePanel, column: MakeColumn, qtbot: Any
) -> None:
    contenders = tuple(Contender(str(number), f"column {number}", "") for number in range(8))
    panel.set_contenders(contenders)
    panel.show_columns(tuple(column(tasks=(0, 1)) for _ in contenders), (0, 1))
    assert all(len([card for card in each.cards if not card.isHidden()]) == 2 for each in panel.columns)
    qtbot.waitUntil(lambda: panel.columns[-1].isVisible())
    assert panel.area.widget().width() > panel.area.viewport().width()
    assert panel.area.widget().height() <= panel.area.viewport().height()
    panel.set_theme(LIGHT)
    panel.grab()
