import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QToolButton

from metagui.gui.banner import Banner, BannerArea
from metagui.gui.theme import DARK, LIGHT


@pytest.fixture
def area(qtbot) -> BannerArea:  # type: ignore[no-untyped-def]
    made = BannerArea(DARK)
    qtbot.addWidget(made)
    return made


def button(banner: Banner, text: str) -> QPushButton:
    return next(found for found in banner.findChildren(QPushButton) if found.text() == text)


def test_that_a_message_stays_until_it_is_dismissed(area: BannerArea, qtbot) -> None:  # type: ignore[no-untyped-def]
    banner = area.show_message("error", "It broke.")
    assert area.isVisible()
    qtbot.mouseClick(banner.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert area.banners == []
    assert not area.isVisible()


def test_that_details_are_behind_a_button(area: BannerArea, qtbot) -> None:  # type: ignore[no-untyped-def]
    banner = area.show_message("error", "It broke.", detail="Traceback: line 7")
    details = banner.findChildren(QPlainTextEdit)[0]
    assert not details.isVisible()
    qtbot.mouseClick(button(banner, "Details"), Qt.MouseButton.LeftButton)
    assert details.isVisible()
    assert details.toPlainText() == "Traceback: line 7"


def test_that_an_answer_is_carried_out_and_ends_the_message(area: BannerArea, qtbot) -> None:  # type: ignore[no-untyped-def]
    heard: list[str] = []
    banner = area.show_message("info", "Go on?", choices={"Continue": lambda: heard.append("yes")})
    qtbot.mouseClick(button(banner, "Continue"), Qt.MouseButton.LeftButton)
    assert heard == ["yes"]
    assert area.banners == []


def test_that_a_storm_of_messages_does_not_cover_the_window(area: BannerArea) -> None:
    for number in range(20):
        area.show_message("warning", f"trouble {number}")
    for _ in range(20):
        area.show_message("warning", "the same trouble")
    assert [banner.text for banner in area.banners] == ["the same trouble", "trouble 19", "trouble 18"]


def test_that_messages_follow_the_theme(area: BannerArea) -> None:
    banner = area.show_message("error", "It broke.")
    area.resize(400, 60)
    dark = banner.grab().toImage().pixelColor(300, 8)
    area.set_theme(LIGHT)
    assert banner.grab().toImage().pixelColor(300, 8).lightness() > dark.lightness()
