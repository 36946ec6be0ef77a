from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolBar, QWidgetAction

from metagui.config import DEFAULT_PRESET, load_preset
from metagui.errors import StoreError
from metagui.gui.actions import COMMANDS
from metagui.gui.banner import Banner
from metagui.gui.theme import DARK, LIGHT
from metagui.gui.workbench import Workbench
from metagui.runs.store import RunStore
from metagui.session.settings import WindowSettings, load_settings, save_settings

Open = Callable[..., Workbench]
Store = Callable[..., str]


def menu_commands(bench: Workbench) -> list[QAction]:
    submenus = {menu.menuAction() for menu in bench.window.menus.values()}
    entries = [action for menu in bench.window.menus.values() for action in menu.actions()]
    return [action for action in entries if not action.isSeparator() and action not in submenus]


def answer(banner: Banner, text: str) -> None:
    next(button for button in banner.findChildren(QPushButton) if text in button.text()).click()


def test_that_every_command_of_the_window_is_in_the_registry(open_workbench: Open) -> None:
    bench = open_workbench()
    registered = set(bench.window.actions_.all())
    in_menus = menu_commands(bench)
    bars = bench.window.findChildren(QToolBar)
    in_bars = [a for bar in bars for a in bar.actions() if not a.isSeparator() and not isinstance(a, QWidgetAction)]
    assert len(in_bars) >= 4
    assert set(in_menus) | set(in_bars) | set(bench.window.step_button.menu().actions()) <= registered
    assert set(in_menus) == registered, "every command can be found in a menu"
    assert len(in_menus) == len(COMMANDS), "none stands in two menus"


def test_that_every_command_does_something(open_workbench: Open) -> None:
    bench = open_workbench()
    for command in bench.window.actions_.all():
        signal = "2toggled(bool)" if command.objectName() in ("view.experiment", "view.runs", "view.strip") else None
        assert command.receivers(signal or "2triggered(bool)") > 0, command.objectName()


def test_that_the_first_start_is_ready_with_the_default_experiment(open_workbench: Open) -> None:
    bench = open_workbench()
    assert bench.window.form.config() == load_preset(DEFAULT_PRESET).config
    assert bench.window.actions_["run.start"].isEnabled()
    assert bench.window.status.state == "Ready"
    assert bench.window.banners.banners == []


def test_that_an_invalid_experiment_cannot_start_and_start_says_why(open_workbench: Open) -> None:
    bench = open_workbench()
    editor = bench.window.form.sections["algorithm"].rows["inner_steps"].editor
    editor.lineEdit().setText("0")  # type: ignore[attr-defined]
    editor.lineEdit().textEdited.emit("0")  # type: ignore[attr-defined]
    start = bench.window.actions_["run.start"]
    assert not start.isEnabled()
    assert "Inner steps" in start.toolTip()
    bench.start()
    assert bench.controller.state == "idle"


def test_that_layout_theme_and_experiment_come_back(open_workbench: Open, data_dir: Path) -> None:
    bench = open_workbench()
    bench.window.resize(1200, 690)
    bench.window.actions_["view.runs"].setChecked(False)
    bench.window.actions_["view.strip"].setChecked(False)
    bench.window.actions_["theme.light"].trigger()
    bench.window.form.load(load_preset("points-maml").config)
    bench.window.close()
    bench.close()
    again = open_workbench()
    assert again.window.height() == 690
    assert not again.window.runs_dock.isVisible()
    assert not again.window.actions_["view.runs"].isChecked()
    assert not again.window.strip.isVisible()
    assert again.theme.choice == "light"
    assert again.window.form.config() == load_preset("points-maml").config


def test_that_the_layout_can_be_reset(open_workbench: Open) -> None:
    bench = open_workbench()
    bench.window.form_dock.close()
    assert not bench.window.actions_["view.experiment"].isChecked()
    bench.window.actions_["view.strip"].setChecked(False)
    bench.window.actions_["view.reset_layout"].trigger()
    assert bench.window.form_dock.isVisible()
    assert bench.window.strip.isVisible()
    assert bench.window.strip.height() < bench.window.monitor.height() * 0.6


def test_that_docks_get_their_room_back_when_the_window_grows_again(open_workbench: Open, qtbot: Any) -> None:
    window = open_workbench().window
    window.resize(1280, 800)
    window.reset_layout()
    before = window.runs_dock.width()
    window.resize(1024, 700)
    assert window.width() == 1024, "the smallest size that the metainfo promises"
    qtbot.waitUntil(lambda: window.runs_dock.width() < before)
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.runs_dock.width() == before)


def test_that_a_theme_given_at_the_start_wins_over_the_remembered_one(open_workbench: Open, data_dir: Path) -> None:
    save_settings(data_dir, WindowSettings(theme="light"))
    assert open_workbench("dark").theme.choice == "dark"


def test_that_the_theme_changes_everywhere(open_workbench: Open) -> None:
    bench = open_workbench("dark")
    bench.theme.choose("light")
    for widget in (bench.window, bench.window.form, bench.window.runs, bench.window.monitor, bench.window.adaptation):
        picture = widget.grab().toImage()
        assert picture.pixelColor(picture.width() // 2, picture.height() - 3).lightness() > 180, widget
    bench.theme.toggle()
    assert bench.theme.choice == "dark"
    picture = bench.window.grab().toImage()
    assert picture.pixelColor(3, 3).name() == DARK.window != LIGHT.window


def test_that_broken_settings_are_told_and_replaced(open_workbench: Open, data_dir: Path) -> None:
    (data_dir / "window.ini").write_bytes(b"\xff\xfe\x00 nonsense \xff")
    bench = open_workbench()
    assert any("settings" in banner.text for banner in bench.window.banners.banners)
    assert bench.window.form.config() == load_preset(DEFAULT_PRESET).config


def test_that_an_experiment_this_version_refuses_is_told(open_workbench: Open, data_dir: Path) -> None:
    content = load_preset(DEFAULT_PRESET).config.to_dict()
    content["algorithm"]["inner_steps"] = -4
    save_settings(data_dir, WindowSettings(experiment=content, layout=b"not a layout", geometry=b"nor this"))
    bench = open_workbench()
    assert any("inner_steps" in banner.text for banner in bench.window.banners.banners)
    assert bench.window.isVisible()


def test_that_a_data_folder_that_cannot_be_written_is_refused(qapp: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="data folder"):
        Workbench(qapp, tmp_path / "file" / "data")


def test_that_stored_runs_are_listed_with_their_losses(open_workbench: Open, stored_run: Store, qtbot: Any) -> None:
    ids = [stored_run(), stored_run("sinusoid-imaml", "diverged", reason="The loss is NaN.")]
    bench = open_workbench()
    model = bench.window.runs.model
    assert [model.row_of(run_id).status for run_id in ids] == ["stopped", "diverged"]  # type: ignore[union-attr]
    assert model.row_of(ids[1]).algorithm == "iMAML"  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: model.row_of(ids[0]).loss == pytest.approx(0.1))  # type: ignore[union-attr]


def test_that_choosing_a_run_shows_its_curves_and_another_takes_its_place(
    open_workbench: Open, stored_run: Store
) -> None:
    first, second = stored_run(), stored_run("sinusoid-reptile")
    bench = open_workbench()
    bench.window.runs.select(first)
    assert bench.window.monitor.runs == (first,)
    current = bench.window.monitor.current
    assert current is not None
    assert len(current.series["outer_loss"]) == 40
    bench.window.runs.select(second)
    assert bench.window.monitor.runs == (second,)
    assert bench.window.actions_["runs.continue"].isEnabled()


def test_that_a_chosen_runs_parameters_can_be_used(open_workbench: Open, stored_run: Store) -> None:
    run_id = stored_run("sinusoid-reptile")
    bench = open_workbench()
    bench.window.runs.select(run_id)
    bench.window.actions_["runs.use_parameters"].trigger()
    assert bench.window.form.config() == load_preset("sinusoid-reptile").config


def test_that_a_run_written_meanwhile_by_another_program_shows_up(open_workbench: Open, stored_run: Store) -> None:
    bench = open_workbench()
    assert bench.window.runs.model.rowCount() == 0
    run_id = stored_run()
    bench.runs.refresh()
    assert bench.window.runs.model.row_of(run_id) is not None


@pytest.mark.parametrize("status", ["stopped", "crashed"])
def test_that_an_interrupted_run_is_offered_at_the_next_start(
    open_workbench: Open, stored_run: Store, data_dir: Path, status: str
) -> None:
    run_id = stored_run(status=status)
    save_settings(data_dir, WindowSettings(resume=run_id))
    banners = open_workbench().window.banners.banners
    assert len(banners) == 1
    assert run_id in banners[0].text
    assert "meta-step 40 of" in banners[0].text
    assert any(button.text() == "Continue" for button in banners[0].findChildren(QPushButton))


@pytest.mark.parametrize("resume", ["", "r-9999", "finished"])
def test_that_nothing_is_offered_where_nothing_was_interrupted(
    open_workbench: Open, stored_run: Store, data_dir: Path, resume: str
) -> None:
    finished = stored_run(status="finished", step=10_000 if resume == "finished" else 40)
    save_settings(data_dir, WindowSettings(resume=finished if resume == "finished" else resume))
    assert open_workbench().window.banners.banners == []


def test_that_a_finished_run_can_continue_once_the_form_asks_for_more_steps(
    open_workbench: Open, stored_run: Store, qtbot: Any
) -> None:
    done = load_preset("sinusoid-maml").config.outer.steps
    run_id = stored_run(status="finished", step=done)
    bench = open_workbench()
    bench.window.runs.select(run_id)
    bench.window.actions_["runs.use_parameters"].trigger()
    command = bench.window.actions_["runs.continue"]
    assert not command.isEnabled()
    editor: Any = bench.window.form.sections["outer"].rows["steps"].editor
    editor.lineEdit().setText(str(done + 50))
    editor.lineEdit().textEdited.emit(str(done + 50))
    assert command.isEnabled()
    heard: list[Any] = []
    bench.controller.run_started.connect(lambda started, config: heard.append((started, config.outer.steps)))
    command.trigger()
    assert heard == [(run_id, done + 50)]


def test_that_settings_are_written_when_the_window_closes(open_workbench: Open, data_dir: Path) -> None:
    bench = open_workbench()
    bench.window.close()
    settings, notice = load_settings(data_dir)
    assert notice == ""
    assert settings.layout
    assert settings.resume == ""
    assert settings.experiment == load_preset(DEFAULT_PRESET).config.to_dict()


def test_that_a_failure_to_start_is_told_and_nothing_runs(open_workbench: Open) -> None:
    bench = open_workbench()
    bench.continue_run("r-4242")
    assert bench.controller.state == "idle"
    assert "r-4242" in bench.window.banners.banners[0].text


def test_that_about_opens_beside_the_window(open_workbench: Open) -> None:
    bench = open_workbench()
    bench.window.actions_["help.about"].trigger()
    assert bench._about is not None
    assert bench._about.isVisible()
    bench._about.close()


def test_that_the_answer_to_the_offer_is_carried_out(open_workbench: Open, data_dir: Path, stored_run: Store) -> None:
    run_id = stored_run()
    save_settings(data_dir, WindowSettings(resume=run_id))
    bench = open_workbench()
    heard: list[str] = []
    bench.controller.run_started.connect(lambda started, _config: heard.append(started))
    answer(bench.window.banners.banners[0], "Continue")
    assert heard == [run_id]
    assert bench.controller.state == "starting"


def test_that_the_window_does_not_hang_on_another_programs_lock(open_workbench: Open, data_dir: Path) -> None:
    bench = open_workbench()
    with RunStore(data_dir) as other, other.database.writing():
        bench.start()
    (banner,) = bench.window.banners.banners
    assert "locked for 1 s" in banner.text
    assert bench.controller.state == "idle"
