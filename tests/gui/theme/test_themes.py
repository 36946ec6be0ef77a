import re
from dataclasses import fields

import pytest

from metagui.gui.theme import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme, apply_theme, icon, resolve_theme, system_theme
from metagui.resources import resource


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_that_all_text_is_readable_on_every_surface(theme: Theme) -> None:
    for text in (theme.text, theme.muted, theme.good, theme.warning, theme.bad):
        for surface in (theme.window, theme.panel, theme.field):
            assert contrast(text, surface) >= 4.5, (text, surface)
    assert contrast(theme.accent, theme.accent_text) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_that_curves_stand_out_from_the_plot(theme: Theme) -> None:
    for colour in (*theme.cycle, theme.support, theme.truth):
        assert contrast(colour, theme.plot_background) >= 3, colour
    for colour in theme.sequence(6):
        assert contrast(colour, theme.plot_background) >= 1.9, colour


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_that_every_colour_is_a_colour(theme: Theme) -> None:
    colours = [value for field in fields(theme) if isinstance(value := getattr(theme, field.name), str)]
    colours.remove(theme.name)
    for colour in (*colours, *theme.cycle, *theme.sequence(4)):
        assert re.fullmatch(r"#[0-9a-f]{6}", colour)


def test_that_a_sequence_has_as_many_colours_as_steps_and_none_twice() -> None:
    assert DARK.sequence(0) == []
    assert len(DARK.sequence(1)) == 1
    assert len(set(DARK.sequence(17))) == 17


def test_that_a_choice_names_its_theme_and_system_follows_the_desktop(qapp: object) -> None:
    assert resolve_theme("light") is LIGHT
    assert resolve_theme("high-contrast") is HIGH_CONTRAST
    assert resolve_theme("system") is system_theme()


def test_that_widgets_take_the_colours_of_the_theme(qtbot, qapp) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    for theme in (LIGHT, DARK):
        apply_theme(qapp, theme)
        assert widget.grab().toImage().pixelColor(5, 5).name() == theme.window


def test_that_every_icon_can_be_painted_in_every_theme(qapp: object) -> None:
    names = [path.stem for path in resource("icons").glob("*.svg")]
    assert len(names) > 20
    for name in names:
        image = icon(name, LIGHT).pixmap(24, 24).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)), name


def test_that_an_unknown_icon_is_an_error(qapp: object) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-drawing", DARK)
