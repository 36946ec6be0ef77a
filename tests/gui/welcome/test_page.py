"""The welcome page: every invitation can be taken by mouse and keyboard, and its pictures live while they are seen."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout
from pytestqt.qtbot import QtBot

from metagui.events import Adaptation, Array
from metagui.gui.theme import THEMES
from metagui.gui.welcome.page import DO, TRY, WelcomePage


@pytest.fixture
def page(qtbot: QtBot) -> WelcomePage:
    page = WelcomePage()
    qtbot.addWidget(page)
    page.resize(1100, 800)
    page.show()
    return page


def adaptation(steps: int = 2) -> Adaptation:
    nothing = Array.of(np.zeros(0, np.float32))
    points = Array.of(np.linspace(-1, 1, 4, dtype=np.float32))
    grid = np.linspace(-1, 1, 9, dtype=np.float32)
    by_step = Array.of(np.linspace(1, 0.1, steps + 1, dtype=np.float32))
    return Adaptation(
        task=0,
        kind="regression",
        title="a wave",
        class_names=(),
        grid=Array.of(grid),
        truth=Array.of(grid**2),
        predictions=Array.of(np.outer(np.linspace(0, 1, steps + 1), grid).astype(np.float32)),
        support_x=points,
        support_y=points,
        query_x=points,
        query_y=points,
        support_loss=by_step,
        query_loss=by_step,
        query_accuracy=nothing,
    )


@pytest.mark.parametrize("name", [*TRY, *DO])
def test_that_an_invitation_is_taken_with_the_mouse_and_with_the_keyboard(
    qtbot: QtBot, page: WelcomePage, name: str
) -> None:
    taken: list[str] = []
    page.chosen.connect(taken.append)
    invitation = page.invitations[name]

    qtbot.mouseClick(invitation, Qt.MouseButton.LeftButton)
    invitation.setFocus()
    qtbot.keyClick(invitation, Qt.Key.Key_Space)

    assert taken == [name, name]
    assert invitation.accessibleName()
    assert invitation.accessibleDescription()


def test_that_a_click_on_the_words_or_the_picture_takes_the_invitation(qtbot: QtBot, page: WelcomePage) -> None:
    taken: list[str] = []
    page.chosen.connect(taken.append)
    page.pictures["curve"].show_adaptation(adaptation())

    for part in (page.invitations["curve"].title, page.pictures["curve"]):
        spot = part.mapTo(page.invitations["curve"], part.rect().center())
        target = page.invitations["curve"].childAt(spot)
        assert target is None or target.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        qtbot.mouseClick(page.invitations["curve"], Qt.MouseButton.LeftButton, pos=spot)

    assert taken == ["curve", "curve"]


def test_that_a_picture_goes_through_the_steps_again_and_again(qtbot: QtBot, page: WelcomePage) -> None:
    picture = page.pictures["curve"]
    picture.show_adaptation(adaptation(steps=2))
    seen = {picture.step}

    def has_seen_all() -> bool:
        seen.add(picture.step)
        return seen == {0, 1, 2} and picture.step == 0

    qtbot.waitUntil(has_seen_all, timeout=20_000)


def test_that_a_picture_rests_while_it_is_not_seen(page: WelcomePage) -> None:
    picture = page.pictures["curve"]
    picture.show_adaptation(adaptation())

    page.hide()
    resting = not picture.is_moving
    page.show()

    assert resting
    assert picture.is_moving


def test_that_a_task_that_cannot_be_drawn_leaves_a_sentence(page: WelcomePage) -> None:
    page.pictures["curve"].show_adaptation(
        msgspec.structs.replace(adaptation(), truth=Array.of(np.zeros(3, np.float32)))
    )

    assert "truth" in page.pictures["curve"].message


@pytest.mark.parametrize(("width", "columns"), [(500, (1, 2)), (660, (3, 2)), (1200, (3, 4))])
def test_that_cards_stand_beside_each_other_as_far_as_there_is_room(
    page: WelcomePage, width: int, columns: tuple[int, int]
) -> None:
    page.resize(width, 800)

    def in_first_row(names: dict[str, tuple[str, ...]]) -> int:
        tops = [page.invitations[name].mapTo(page, page.invitations[name].rect().topLeft()).y() for name in names]
        return tops.count(min(tops))

    assert isinstance(page.widget().layout().itemAt(3).layout(), QGridLayout)
    page.widget().layout().activate()
    assert (in_first_row(TRY), in_first_row(DO)) == columns  # type: ignore[arg-type]


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_that_it_wears_every_theme(page: WelcomePage, theme: object) -> None:
    page.pictures["curve"].show_adaptation(adaptation())

    page.set_theme(theme)  # type: ignore[arg-type]

    assert not page.grab().isNull()
