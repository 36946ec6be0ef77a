from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from metagui.config import SECTIONS, ExperimentConfig, choices, describe, load_preset, load_presets
from metagui.events import DeviceInfo
from metagui.gui.form import ExperimentForm
from metagui.gui.form.editors import ChoiceBox


@pytest.fixture
def form(qtbot) -> ExperimentForm:  # type: ignore[no-untyped-def]
    made = ExperimentForm(load_presets())
    qtbot.addWidget(made)
    made.load(load_preset("sinusoid-maml").config)
    made.show()
    return made


def write(form: ExperimentForm, path: str, text: str) -> None:
    """Type a text into a field as a person does."""
    section, _, name = path.partition(".")
    line = form.sections[section].rows[name].editor
    edit = line.lineEdit() if hasattr(line, "lineEdit") else line
    edit.setText(text)
    edit.textEdited.emit(text)


def choose(form: ExperimentForm, section: str, name: str) -> None:
    combo = form.sections[section].combo
    assert combo is not None
    combo.setCurrentIndex(combo.findData(name))
    combo.activated.emit(combo.currentIndex())


def test_that_every_field_of_every_class_has_an_editor_with_its_value(form: ExperimentForm) -> None:
    for section in SECTIONS[:-1]:
        for name, cls in choices(section).items():
            choose(form, section, name)
            assert list(form.sections[section].rows) == [field.name for field in describe(cls)]
    for box in form.sections.values():
        for row in box.rows.values():
            value = getattr(row.editor, "value", None)
            assert value is None or value() is not None


def test_that_every_editor_says_its_name_and_what_it_does(form: ExperimentForm) -> None:
    for box in form.sections.values():
        for row in box.rows.values():
            assert row.field.title in row.editor.accessibleName()
            assert row.editor.accessibleDescription() == row.field.help
            assert row.field.help.split("<")[0][:20] in row.editor.toolTip().replace("&lt;", "<")
            labels = [label for label in row.findChildren(QLabel) if label.buddy() is row.editor]
            assert len(labels) == 1


def test_that_fields_that_do_not_apply_are_not_there(form: ExperimentForm) -> None:
    assert "proximal_lambda" not in form.sections["algorithm"].rows
    choose(form, "algorithm", "imaml")
    assert "proximal_lambda" in form.sections["algorithm"].rows


def test_that_editing_announces_the_new_experiment(form: ExperimentForm) -> None:
    heard: list[Any] = []
    form.config_changed.connect(heard.append)
    choose(form, "algorithm", "imaml")
    write(form, "algorithm.proximal_lambda", "0.5")
    write(form, "model.hidden", "64, 32")
    assert isinstance(heard[-1], ExperimentConfig)
    assert heard[-1].algorithm.proximal_lambda == 0.5
    assert heard[-1].model.hidden == (64, 32)


@pytest.mark.parametrize(
    ("prepare", "path", "text", "word"),
    [
        (None, "algorithm.inner_steps", "0", "at least 1"),
        ("imaml", "algorithm.proximal_lambda", "-1", "greater than 0"),
        (None, "model.hidden", "forty", "whole numbers"),
        (None, "compute.device", "toaster", "cpu"),
    ],
)
def test_that_a_wrong_value_is_explained_under_its_field(
    form: ExperimentForm, prepare: str | None, path: str, text: str, word: str
) -> None:
    if prepare:
        choose(form, "algorithm", prepare)
    heard: list[Any] = []
    form.config_changed.connect(heard.append)
    write(form, path, text)
    section, _, name = path.partition(".")
    row = form.sections[section].rows[name]
    assert word in row.error
    assert word in row.editor.accessibleDescription()
    assert heard[-1] is None
    assert form.config() is None
    assert row.field.title in form.problem_text()


def test_that_all_problems_are_shown_at_once_and_go_away_when_mended(form: ExperimentForm) -> None:
    write(form, "algorithm.inner_steps", "0")
    write(form, "task.k_shot", "0")
    assert {problem.path for problem in form.problems()} == {"algorithm.inner_steps", "task.k_shot"}
    write(form, "algorithm.inner_steps", "3")
    write(form, "task.k_shot", "5")
    assert form.problems() == []
    assert form.sections["task"].rows["k_shot"].error == ""


def test_that_an_unfitting_model_is_reported_at_its_list(form: ExperimentForm) -> None:
    choose(form, "model", "conv4")
    assert [problem.path for problem in form.problems()] == ["model.name"]
    choose(form, "model", "mlp")
    assert form.problems() == []


def test_that_a_wrong_advanced_field_opens_the_advanced_settings(form: ExperimentForm) -> None:
    row = form.sections["compute"].rows["threads"]
    assert not row.isVisible()
    write(form, "compute.threads", "-1")
    assert row.isVisible()


def test_that_changes_to_the_preset_are_named_and_can_be_undone(form: ExperimentForm, qtbot) -> None:  # type: ignore[no-untyped-def]
    assert form.picker.modified_text == ""
    write(form, "algorithm.inner_steps", "3")
    assert "Inner steps" in form.picker.modified_text
    qtbot.mouseClick(form.picker.focus_chain()[1], Qt.MouseButton.LeftButton)
    assert form.picker.modified_text == ""
    assert form.config() == load_preset("sinusoid-maml").config


def test_that_every_preset_comes_back_unchanged(form: ExperimentForm) -> None:
    for preset in load_presets():
        form.picker.combo.set_name(preset.name)
        form.picker.chosen.emit(preset.name)
        assert form.config() == preset.config
        assert form.picker.modified_text == ""


def test_that_tab_reaches_every_field_in_reading_order(form: ExperimentForm) -> None:
    form.sections["task"]
    choose(form, "algorithm", "imaml")
    wanted: list[Callable[..., Any] | Any] = [widget for box in form.sections.values() for widget in box.focus_chain()]
    seen, widget = [], wanted[0]
    for _ in range(400):
        seen.append(widget)
        widget = widget.nextInFocusChain()
        if widget is wanted[0]:
            break
    assert [widget for widget in seen if widget in wanted] == wanted


def test_that_found_devices_are_offered_and_the_written_one_is_kept(form: ExperimentForm) -> None:
    write(form, "compute.device", "cuda:1")
    form.set_devices([DeviceInfo("cpu", "CPU"), DeviceInfo("cuda:0", "A fast one", 8 << 30)])
    config = form.config()
    assert config is not None
    assert config.compute.device == "cuda:1"
    editor = form.sections["compute"].rows["device"].editor
    assert [editor.itemData(row) for row in range(editor.count())] == ["auto", "cpu", "cuda:0"]
    editor.activated.emit(2)
    config = form.config()
    assert config is not None
    assert config.compute.device == "cuda:0"


def test_that_a_data_set_that_is_not_there_is_reported_until_it_is(form: ExperimentForm) -> None:
    announced: list[ExperimentConfig | None] = []
    form.config_changed.connect(announced.append)
    form.set_datasets({"images": [("birds", "20 classes")], "curves": []})
    assert announced == [], "an experiment that needs none is not concerned"
    choose(form, "task", "images")
    write(form, "task.dataset", "birds")
    assert form.config() is not None
    form.set_datasets({"images": [("fish", "9 classes")], "curves": [("birds", "another kind")]})
    assert announced[-1] is form.config() is None
    assert form.sections["task"].rows["dataset"].error.startswith("no data set 'birds' for this task: choose fish")
    assert "metagui data add" in form.problem_text()
    form.set_datasets({"images": [("birds", "20 classes")], "curves": []})
    assert announced[-1] is not None
    assert form.problems() == []


def test_that_a_field_that_gets_the_focus_explains_itself(form: ExperimentForm, qtbot) -> None:  # type: ignore[no-untyped-def]
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    form.sections["algorithm"].rows["inner_lr"].editor.setFocus()
    assert "Step size of the inner loop" in form.help_text
    assert "more than 0, at most 10" in form.help_text


def test_that_fields_without_a_meaning_are_hidden_unless_something_is_wrong_with_them(form: ExperimentForm) -> None:
    form.load(load_preset("sinusoid-imaml").config)
    rows = form.sections["algorithm"].rows
    assert not rows["cg_steps"].isHidden()
    assert rows["neumann_steps"].isHidden()
    assert rows["lambda_shape"].isHidden()
    write(form, "algorithm.cg_steps", "0")
    solver = rows["solver"].editor
    assert isinstance(solver, ChoiceBox)
    solver.set_value("neumann")
    solver.activated.emit(solver.currentIndex())
    assert not rows["neumann_steps"].isHidden()
    assert not rows["cg_steps"].isHidden()
    write(form, "algorithm.cg_steps", "5")
    assert rows["cg_steps"].isHidden()


def test_that_a_data_set_of_photographs_brings_the_network_usual_for_them(form: ExperimentForm) -> None:
    form.set_datasets(
        {"images": [("birds", "20 classes"), ("doodles", "9 classes")]}, {"birds": (84, 3), "doodles": (28, 1)}
    )
    task, model = form.sections["task"], form.sections["model"]
    task.chosen.emit("task", "images")
    for name, expected in (("birds", (32, "pool")), ("doodles", (64, "stride")), ("birds", (32, "pool"))):
        task.edited.emit("task", "dataset", name)
        config = form.config()
        assert config is not None
        assert (config.task.dataset, config.model.filters, config.model.downsampling) == (name, *expected)
    model.edited.emit("model", "filters", 48)
    task.edited.emit("task", "dataset", "doodles")
    config = form.config()
    assert config is not None
    assert (config.model.filters, config.model.downsampling) == (48, "pool"), "what a person chose stays"


def test_that_a_click_takes_the_preset_made_for_the_chosen_algorithm(form: ExperimentForm) -> None:
    assert not form.picker.fitting.isVisible()
    choose(form, "algorithm", "imaml")
    assert form.picker.fitting.isVisible()
    form.picker.fitting.click()
    assert form.config() == load_preset("sinusoid-imaml").config
    assert not form.picker.fitting.isVisible()
