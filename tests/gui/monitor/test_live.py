"""The strip of settings that can be changed while a run goes on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.gui.monitor.live import LiveSettings

LAM, RATE = "algorithm.proximal_lambda", "algorithm.inner_lr"


def experiment(*changes: str) -> ExperimentConfig:
    return apply_overrides(load_preset("sinusoid-imaml").config, ["algorithm.proximal_lambda=2", *changes])


@pytest.fixture
def strip(qtbot: QtBot) -> LiveSettings:
    strip = LiveSettings()
    qtbot.addWidget(strip)
    strip.resize(1000, 44)
    strip.begin(experiment())
    return strip


def asked(strip: LiveSettings) -> list[tuple[str, object]]:
    changes: list[tuple[str, object]] = []
    strip.changed.connect(lambda path, value: changes.append((path, value)))
    return changes


def test_that_it_offers_what_can_be_changed_of_this_run(strip: LiveSettings) -> None:
    assert list(strip.settings) == [RATE, LAM]
    strip.begin(experiment("algorithm.learn_lambda=true"))
    assert list(strip.settings) == [RATE]
    strip.begin(experiment("algorithm.inner_solver=hessian_free"))
    assert list(strip.settings) == [LAM]
    assert strip.isVisible()
    strip.begin(experiment("algorithm.inner_solver=hessian_free", "algorithm.learn_lambda=true"))
    assert not strip.isVisible()


def test_that_typing_asks_for_nothing_until_it_is_finished(strip: LiveSettings, qtbot: QtBot) -> None:
    changes, setting = asked(strip), strip.settings[LAM]
    line = setting.box.lineEdit()
    line.selectAll()
    qtbot.keyClicks(line, "0.05")
    assert changes == []
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert changes == [(LAM, 0.05)]
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert changes == [(LAM, 0.05)]


def test_that_the_slider_asks_on_release_for_the_number_it_shows(strip: LiveSettings) -> None:
    changes, setting = asked(strip), strip.settings[LAM]
    setting.slider.setSliderDown(True)
    setting.slider.setValue(50)
    assert setting.box.value() == pytest.approx(20.0)
    setting.slider.setValue(-50)
    assert changes == []
    setting.slider.setSliderDown(False)
    assert changes == [(LAM, pytest.approx(0.2))]


def test_that_an_arrow_asks_once_the_person_is_done(strip: LiveSettings, qtbot: QtBot) -> None:
    changes, setting = asked(strip), strip.settings[LAM]
    setting.box.stepBy(1)
    setting.box.stepBy(1)
    assert changes == []
    qtbot.waitUntil(lambda: bool(changes), timeout=5000)
    assert changes == [(LAM, 10.0)]


def test_that_it_says_what_holds_and_what_was_refused(strip: LiveSettings) -> None:
    strip.show_pending(LAM, 0.5, held=False)
    assert strip.state.text() == "λ = 0.5 from the next meta-step"
    strip.show_pending(LAM, 0.5, held=True)
    assert strip.state.text() == "λ = 0.5 when training goes on"
    strip.show_value(LAM, 0.5, step=1239)
    assert strip.state.text() == "λ = 0.5 since meta-step 1,240"
    assert strip.settings[LAM].box.value() == 0.5
    strip.show_problem(LAM, "must be greater than 0, not -1")
    assert strip.state.text() == "λ must be greater than 0, not -1"
    assert strip.settings[LAM].box.property("invalid")


def test_that_editors_have_names_for_those_who_cannot_see_them(strip: LiveSettings) -> None:
    for setting in strip.settings.values():
        assert setting.field.title in setting.box.accessibleName()
        assert setting.field.title in setting.slider.accessibleName()
