"""The page with a recording on it: marks, clicks, keys, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from metagui.events import Recorded
from metagui.gui.theme import DARK, HIGH_CONTRAST, LIGHT
from metagui.gui.walkthrough.content import Content
from metagui.gui.walkthrough.documents import texts_of
from metagui.gui.walkthrough.insights import shares
from metagui.gui.walkthrough.page import WalkthroughPage
from metagui.walkthroughs.player import Player

Make = Callable[..., Recorded]


class Shown:
    """A page, its recording and a player."""

    def __init__(self, qtbot: Any, recorded: Recorded, width: int = 1200, height: int = 700) -> None:
        self.page = WalkthroughPage()
        qtbot.addWidget(self.page)
        self.page.resize(width, height)
        self.page.show()
        self.content = Content(recorded)
        self.texts = texts_of(self.content)
        self.page.show_content(self.content, self.texts)
        self.player = Player(self.content.moments)
        self.go_to(0)

    def go_to(self, position: int) -> None:
        self.player.go_to(position)
        self.page.show_position(self.player.position, self.player.callers())
        QApplication.processEvents()


@pytest.fixture
def shown(qtbot: Any, recording: Make) -> Shown:
    return Shown(qtbot, recording())


def test_that_a_moment_marks_paper_source_and_changes(shown: Shown) -> None:
    shown.go_to(4)
    page, moment = shown.page, shown.content.moments[4]
    assert page.pseudocode.view.current == {7}
    assert (page.source.shown, page.source.view.current) == ("inner_loop.py", {moment.line})
    assert page.source.caption.text() == "outer_loss › adapted_parameters"
    assert page.values.variables.variables[0].name == "phi"
    assert page.values.variables.changed == {"phi"}
    assert "task 1 of 2" in page.values.where.text()
    assert page.values.card.accessibleName() == "wave 0"
    assert "5 of 14" in page.transport.position.text()


def test_that_the_calling_line_stays_marked_in_its_own_file(shown: Shown) -> None:
    shown.go_to(4)
    shown.page.source.tabs.setCurrentIndex(0)
    assert shown.page.source.view.current == frozenset()
    assert shown.page.source.view._callers == {shown.content.moments[1].line}
    shown.go_to(5)
    assert shown.page.source.shown == "maml.py"


def test_that_settings_are_listed_after_tensors(shown: Shown) -> None:
    shown.go_to(3)
    names = [variable.name for variable in shown.page.values.variables.variables]
    assert names == ["outputs", "theta", "phi", "inner_lr"]


def test_that_the_outer_loss_grows_by_a_bar_a_task(shown: Shown) -> None:
    assert "None is yet" in shown.page.values.losses.sentence
    shown.go_to(len(shown.content.moments) - 1)
    assert shown.page.values.losses.sentence.endswith("Sum 3.00, mean 1.50.")


def test_that_the_current_line_is_always_in_view(qtbot: Any, recording: Make) -> None:
    shown = Shown(qtbot, recording(tasks=3, inner_steps=4), width=900, height=380)
    for position in range(len(shown.content.moments)):
        shown.go_to(position)
        view = shown.page.source.view
        (current,) = view.current
        laid = view._laid[current - 1]
        top = laid.top - view.verticalScrollBar().value()
        assert top >= -1
        assert top + laid.row_height <= view.viewport().height() + 1


def test_that_a_click_chooses_a_line_that_runs_and_no_other(shown: Shown, qtbot: Any) -> None:
    chosen: list[tuple[str, int]] = []
    shown.page.source_line_chosen.connect(lambda key, line: chosen.append((key, line)))
    view = shown.page.source.view
    runs = shown.texts.source[0].runs
    for laid in view._laid[: max(runs)]:
        y = round(laid.top - view.verticalScrollBar().value() + 3)
        if 0 < y < view.viewport().height():
            qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(120, y))
    assert {line for _, line in chosen} <= set(runs)
    assert len(chosen) >= 3


def test_that_a_click_in_the_margin_is_for_a_breakpoint(shown: Shown, qtbot: Any) -> None:
    toggled: list[int] = []
    shown.page.breakpoint_toggled.connect(lambda _key, line: toggled.append(line))
    view = shown.page.source.view
    (current,) = view.current
    y = round(view._laid[current - 1].top - view.verticalScrollBar().value() + 4)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(6, y))
    assert toggled == [current]


def test_that_lines_can_be_chosen_without_a_mouse(shown: Shown, qtbot: Any) -> None:
    view = shown.page.pseudocode.view
    view.setFocus()
    chosen: list[int] = []
    shown.page.paper_line_chosen.connect(lambda _key, line: chosen.append(line))
    assert view.caret == 4
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert chosen == [5]
    assert "line 5" in view.accessibleDescription()


def test_that_plain_keys_step_where_a_column_has_the_focus(shown: Shown, qtbot: Any) -> None:
    pressed: list[str] = []
    shown.page.command.connect(pressed.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Space, Qt.Key.Key_End):
        qtbot.keyClick(shown.page.source.view, key)
    assert pressed == ["walk.forward", "walk.back", "walk.play", "walk.end"]


def test_that_the_scrubber_announces_what_a_person_moves_and_nothing_else(shown: Shown, qtbot: Any) -> None:
    moved: list[int] = []
    shown.page.transport.moved.connect(moved.append)
    shown.go_to(3)
    assert moved == []
    timeline = shown.page.transport.timeline
    for position in (0, 7, 13):
        assert timeline.position_at(timeline.x_of(position)) == position
    where = QPoint(round(timeline.x_of(9)), 20)
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=where)
    assert moved == [9]
    qtbot.keyClick(timeline, Qt.Key.Key_Left)
    assert moved == [9, 8]


def test_that_a_narrow_page_puts_the_texts_above_each_other(shown: Shown) -> None:
    assert shown.page.texts.orientation() == Qt.Orientation.Horizontal
    shown.page.resize(700, 600)
    QApplication.processEvents()
    assert shown.page.texts.orientation() == Qt.Orientation.Vertical


def test_that_larger_type_makes_lines_higher_and_keeps_the_mark(shown: Shown) -> None:
    shown.go_to(4)
    view = shown.page.source.view
    before, current = view.text_height(), view.current
    shown.page.set_scale(1.6)
    assert view.text_height() > 1.4 * before
    assert view.current == current


@pytest.mark.parametrize("theme", [DARK, LIGHT, HIGH_CONTRAST], ids=lambda theme: theme.name)
def test_that_every_theme_paints(shown: Shown, theme: Any) -> None:
    shown.page.set_theme(theme)
    shown.go_to(4)
    for tab in (0, 1):
        shown.page.values.lower.setCurrentIndex(tab)
        assert not shown.page.grab().isNull()


def test_that_every_control_has_a_name(shown: Shown) -> None:
    page = shown.page
    named = [page.setup.kinds, page.setup.network, page.transport.speed, page.transport.timeline]
    named += [page.pseudocode.view, page.source.view, page.values.variables, page.values.insights, page.legend]
    assert all(widget.accessibleName() for widget in named)
    assert page.source.view.accessibleDescription().startswith("current line")


def test_that_a_message_takes_the_place_of_the_columns(shown: Shown) -> None:
    shown.page.show_message("No", "Because.", "Try again")
    assert shown.page.message.isVisible()
    assert not shown.page.columns.isVisible()
    assert not shown.page.transport.isVisible()


def test_that_lengths_of_bars_share_a_zero_or_a_decade() -> None:
    assert shares([2.0, -1.0, 0.0], logarithmic=False) == [1.0, -0.5, 0.0]
    assert shares([1.0, 0.1, 0.01], logarithmic=True) == pytest.approx([1.0, 2 / 3, 1 / 3])
    assert shares([0.0, float("nan")], logarithmic=True) == [0.0, 0.0]
