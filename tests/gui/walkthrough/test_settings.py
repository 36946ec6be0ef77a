"""Which experiment a walk-through is recorded in, and with which numbers."""

from typing import Any

import pytest

from metagui.config import ExperimentConfig, load_preset
from metagui.errors import InvalidValueError
from metagui.gui.walkthrough.settings import (
    KINDS,
    WalkthroughSettings,
    applied,
    experiment_for,
    first_settings,
    kind_for,
    kind_of,
    with_values,
)
from metagui.gui.walkthrough.setup_bar import SetupBar


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("preset", ["", "sinusoid-maml", "points-maml", "glyphs-maml-5w1s", "sinusoid-imaml"])
def test_that_every_walk_through_has_a_valid_experiment(kind: Any, preset: str) -> None:
    current = load_preset(preset).config if preset else None
    experiment = experiment_for(kind, current)
    settings = first_settings(kind, experiment)
    config = applied(experiment, settings)
    assert isinstance(config, ExperimentConfig)
    assert config.algorithm.name == kind.algorithm
    assert config.algorithm.inner_steps == settings.inner_steps
    if current is not None:
        assert (config.task, config.model) == (current.task, current.model)


def test_that_the_current_experiment_gives_its_own_numbers() -> None:
    current = load_preset("sinusoid-imaml").config
    settings = first_settings(kind_of("imaml"), experiment_for(kind_of("imaml"), current))
    assert settings.proximal_lambda == current.algorithm.proximal_lambda  # type: ignore[attr-defined]
    assert settings.inner_lr == current.algorithm.inner_lr  # type: ignore[attr-defined]
    assert kind_for(current) == "imaml"


def test_that_numbers_of_a_script_are_checked() -> None:
    settings = with_values(WalkthroughSettings(), kind_of("imaml"), {"proximal_lambda": 3, "tasks": 2})
    assert (settings.proximal_lambda, settings.tasks) == (3.0, 2)
    with pytest.raises(InvalidValueError, match="inner_steps"):
        with_values(settings, kind_of("maml"), {"inner_steps": 0})
    with pytest.raises(InvalidValueError, match="cg_steps"):
        with_values(settings, kind_of("maml"), {"cg_steps": 3})


@pytest.fixture
def bar(qtbot: Any) -> SetupBar:
    made = SetupBar()
    qtbot.addWidget(made)
    made.show_kind("maml", WalkthroughSettings())
    made.show()
    return made


def test_that_only_numbers_that_apply_are_shown(bar: SetupBar) -> None:
    shown = {name for name, field in bar._fields.items() if not field.isHidden()}
    assert shown == {"inner_lr", "inner_steps", "tasks", "seed"}
    bar.show_kind("imaml", WalkthroughSettings())
    assert all(not field.isHidden() for field in bar._fields.values())


def test_that_typed_numbers_are_announced_once_they_rest(bar: SetupBar, qtbot: Any) -> None:
    announced: list[int] = []
    bar.changed.connect(lambda: announced.append(bar.settings.inner_steps))
    box = bar._boxes["inner_steps"]
    box.lineEdit().selectAll()
    with qtbot.waitSignal(bar.changed, timeout=5000):
        qtbot.keyClicks(box.lineEdit(), "12")
    assert announced == [12]


def test_that_a_number_out_of_bounds_is_marked_and_not_used(bar: SetupBar, qtbot: Any) -> None:
    box = bar._boxes["inner_lr"]
    box.lineEdit().selectAll()
    with qtbot.assertNotEmitted(bar.changed, wait=600):
        qtbot.keyClicks(box.lineEdit(), "-1")
    assert box.property("invalid") is True
    assert "above 0" in box.toolTip()
    assert bar.settings.inner_lr == WalkthroughSettings().inner_lr
    box.lineEdit().selectAll()
    with qtbot.waitSignal(bar.changed, timeout=5000):
        qtbot.keyClicks(box.lineEdit(), "0.5")
    assert box.property("invalid") is False
    assert "Step size" in box.toolTip()


def test_that_the_network_in_training_is_offered_only_while_there_is_one(bar: SetupBar) -> None:
    bar.set_network(True)
    assert not bar.trained
    bar.set_trained(True, 1200)
    bar.set_network(True)
    assert bar.trained
    assert "1,200" in bar.network.currentText()
    bar.set_trained(False)
    assert not bar.trained
