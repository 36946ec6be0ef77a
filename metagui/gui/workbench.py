"""The whole application but its event loop: session, window and the presenters between them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from metagui.config import DEFAULT_PRESET, ExperimentConfig, load_presets, parse
from metagui.config.registry import plug_in_notices
from metagui.datasets.library import offered, picture_forms
from metagui.errors import MetaguiError
from metagui.events import Devices, StepUnit
from metagui.gui.actions import WindowState
from metagui.gui.dialogs.about import AboutDialog
from metagui.gui.main_window import Layout, MainWindow
from metagui.gui.presenters.adaptation_presenter import AdaptationPresenter, Source
from metagui.gui.presenters.closing import Closing, resume_offer
from metagui.gui.presenters.datasets_presenter import DatasetsPresenter
from metagui.gui.presenters.demo_presenter import DemoPresenter
from metagui.gui.presenters.evaluation_presenter import EvaluationPresenter
from metagui.gui.presenters.live_presenter import LivePresenter
from metagui.gui.presenters.memory_presenter import MemoryPresenter
from metagui.gui.presenters.paper_presenter import PaperPresenter
from metagui.gui.presenters.runs_presenter import RunsPresenter
from metagui.gui.presenters.selection_presenter import SelectionPresenter
from metagui.gui.presenters.studio_presenter import StudioPresenter
from metagui.gui.presenters.talk_presenter import TalkPresenter
from metagui.gui.presenters.theme_presenter import ThemePresenter
from metagui.gui.presenters.training_presenter import TrainingPresenter
from metagui.gui.presenters.walkthrough_presenter import WalkthroughPresenter
from metagui.gui.presenters.welcome_presenter import WelcomePresenter
from metagui.gui.runs import RunRow
from metagui.gui.theme import apply_theme, resolve_theme
from metagui.papers.presets import paper_presets
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController, HostKind
from metagui.session.interactive import InteractiveWorker
from metagui.session.settings import load_settings, save_settings
from metagui.workspace import datasets_dir

_LOCKED_SECONDS = 1.0
"""So long at most does the window hold still for another program's lock; then it says so, and lives on."""

_TASKS_LOOKED_AT = 4
"""As many as the adaptation page shows at once."""

_STEPS: dict[str, StepUnit] = {
    "run.step_inner": "inner_step",
    "run.step_task": "task",
    "run.step_update": "meta_update",
}


class Workbench(QObject):
    """Opens on a data folder; raises StoreError where that cannot be used.

    ``theme`` other than ``system`` wins over the remembered one. Call :meth:`open`, and :meth:`close` at the end.
    """

    def __init__(self, app: QApplication, data_dir: Path, theme: str = "system", host: HostKind = "child") -> None:
        super().__init__()
        self.store = RunStore(data_dir)
        self.store.database.wait_at_most(_LOCKED_SECONDS)
        self.data_dir = self.store.data_dir
        self.settings, notice = load_settings(self.data_dir)
        self.controller = ExperimentController(self.store, host=host, parent=self)
        self.worker = InteractiveWorker(parent=self)
        self.evaluator = InteractiveWorker(parent=self)
        choice = theme if theme != "system" else self.settings.theme
        presets = [*sorted(load_presets(), key=lambda preset: preset.name != DEFAULT_PRESET), *paper_presets()]
        apply_theme(app, resolve_theme(choice))
        self.window = MainWindow(presets, resolve_theme(choice))
        self.theme = ThemePresenter(app, self.window, choice, self)
        self.adaptation = AdaptationPresenter(self.worker, (self.window.strip,), self.data_dir, self)
        self.runs = RunsPresenter(self.store, self.controller, self.window.runs, self.window.banners, self)
        self.training = TrainingPresenter(self.store, self.controller, self.window, self.continue_run, self)
        self.live = LivePresenter(self.controller, self.window.live, self)
        self.controller.run_started.connect(self._list_now)
        self.studio = StudioPresenter(
            self.store,
            self.controller,
            self.worker,
            self.adaptation,
            self.window.studio,
            self.data_dir,
            self,
        )
        self.selection = SelectionPresenter(self.store, self.controller, self.window, self.adaptation, self)
        self.walkthrough = WalkthroughPresenter(self.worker, self.window.walkthrough, self.data_dir, self)
        self.evaluation = EvaluationPresenter(
            self.store,
            self.controller,
            self.evaluator,
            self.window.evaluation,
            self.window.runs,
            self.data_dir,
            self,
        )
        self.paper = PaperPresenter(self.evaluation.shown, self.window.evaluation, self)
        self.memory = MemoryPresenter(self.worker, self.window.form, self.data_dir, self)
        self.closing = Closing(self.controller, self.window, self)
        self.welcome = WelcomePresenter(self.worker, self.window.welcome, self.data_dir, self)
        self.demos = DemoPresenter(self.window, self.welcome, self.selection, self.studio, self.start, self)
        self.talks = TalkPresenter(self.store, self.window, self.theme, host, self)
        theme_now = resolve_theme(self.theme.choice)
        self.datasets = DatasetsPresenter(self.store, self.controller, self.window, theme_now, self.data_dir, self)
        self.datasets.changed.connect(self._offer_datasets)
        self.theme.changed.connect(self.datasets.set_theme)
        self._about: AboutDialog | None = None
        self._last_config: ExperimentConfig | None = None
        self._connect_commands()
        self._connect_session()
        for text in [*self.store.notices, *filter(None, [notice]), *plug_in_notices()]:
            self.window.banners.show_message("warning", text)
        self._offer_datasets()
        # Who comes back to the window may have added or removed one at the command line.
        self._returning = app.applicationStateChanged.connect(self._offer_datasets)
        self._restore()

    # --- life ----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show the window; Start works at once, the worker warms up meanwhile."""
        self.runs.refresh()
        self.window.show()
        self.worker.warm_up()
        self.worker.list_devices()
        self.memory.follow()
        self._offer_to_continue()
        self._preview()

    def welcome_newcomers(self) -> None:
        """Show the welcome page, unless this person has had enough of it."""
        if self.settings.welcome:
            self.window.show_welcome()

    def _offer_datasets(self) -> None:
        folder = datasets_dir(self.data_dir)
        self.window.form.set_datasets(offered(folder), picture_forms(folder))

    def close(self) -> None:
        """Stop what runs, end the worker, close the store. Idempotent."""
        self.disconnect(self._returning)
        self.talks.close()
        self.datasets.close()
        self.controller.shutdown()
        self.worker.shutdown()
        self.evaluator.shutdown()
        self.memory.close()
        self.adaptation.close()
        self.studio.close()
        self.walkthrough.close()
        self.runs.close()
        self.store.close()

    def _restore(self) -> None:
        if self.settings.experiment:
            try:
                self.window.form.load(parse(self.settings.experiment))
            except MetaguiError as error:
                self.window.banners.show_message("info", f"The last experiment could not be restored: {error}")
        self._last_config = self.window.form.config()
        self.window.welcome.set_wanted_at_start(self.settings.welcome)
        layout = _unpack(self.settings.layout)
        if layout is not None:
            self.window.restore_layout(layout)
        self._refresh()

    def save_settings(self) -> None:
        """Remember layout, theme, experiment and the run that was interrupted, if any."""
        layout = self.window.layout_state()
        experiment = self._last_config.to_dict() if self._last_config else {}
        self.settings = replace(
            self.settings,
            experiment=experiment,
            theme=self.theme.choice,
            geometry=layout.geometry,
            layout=msgspec.msgpack.encode(layout),
            welcome=self.window.welcome.at_start.isChecked(),
            resume=self.closing.interrupted or self.controller.current_run or "",
        )
        problem = save_settings(self.data_dir, self.settings)
        if problem:
            self.window.banners.show_message("warning", problem)

    def _offer_to_continue(self) -> None:
        run_id = self.settings.resume
        offer = resume_offer(self.store, run_id) if run_id else ""
        if offer:
            self.window.banners.show_message("info", offer, choices={"Continue": lambda: self.continue_run(run_id)})

    # --- commands ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Train the experiment of the form as a new run."""
        config = self.window.form.config()
        if config is not None and self.controller.state == "idle":
            self._try(lambda: self.controller.start(config), "The run could not be started")

    def continue_run(self, run_id: str) -> None:
        """Train a stored run on from its last checkpoint, for longer where the form asks for more steps of it."""
        if run_id and self.controller.state == "idle":
            steps = self._longer(run_id)
            self._try(lambda: self.controller.resume_run(run_id, steps), f"{run_id} could not be continued")

    def _longer(self, run_id: str) -> int | None:
        """The form's meta-steps, where they are the only difference between its experiment and the run's."""
        wanted = self.window.form.config()
        try:
            record = self.store.get(run_id)
            had = record.experiment()
        except MetaguiError:
            return None
        if wanted is None or wanted.outer.steps <= max(record.step, had.outer.steps):
            return None
        same = had.model_copy(update={"outer": had.outer.model_copy(update={"steps": wanted.outer.steps})})
        return wanted.outer.steps if same == wanted else None

    def use_parameters(self, run_id: str) -> None:
        """Put a run's experiment into the form."""

        def load() -> None:
            self.window.form.load(self.store.get(run_id).experiment())
            self.window.form_dock.show()

        if run_id:
            self._try(load, f"The settings of {run_id} cannot be used")

    def _try(self, command: Any, trouble: str) -> None:
        try:
            command()
        except MetaguiError as error:
            self.window.banners.show_message("error", f"{trouble}: {error}")

    def _connect_commands(self) -> None:
        actions = self.window.actions_
        actions["run.start"].triggered.connect(self.start)
        actions["run.pause"].triggered.connect(self.controller.pause)
        actions["run.resume"].triggered.connect(self.controller.resume)
        actions["run.stop"].triggered.connect(self.controller.stop)
        for command in _STEPS:
            actions[command].triggered.connect(self._step)
        actions["walk.record"].triggered.connect(self.window.show_walkthrough)
        for name, walk in self.walkthrough.commands.items():
            actions[name].triggered.connect(walk)
        actions["evaluation.start"].triggered.connect(self._evaluate)
        actions["evaluation.cancel"].triggered.connect(self.evaluation.cancel)
        actions["runs.continue"].triggered.connect(self._continue_selected)
        actions["runs.use_parameters"].triggered.connect(self._use_selected)
        actions["runs.compare"].triggered.connect(self._compare_selected)
        actions["help.about"].triggered.connect(self._show_about)
        actions["help.data_folder"].triggered.connect(self._open_data_folder)
        self.window.runs.activated.connect(self.use_parameters)

    def _connect_session(self) -> None:
        self.controller.state_changed.connect(self._refresh)
        self.controller.run_started.connect(self._remember)
        self.controller.ended.connect(self._remember)
        self.window.runs.selected.connect(self._refresh)
        self.window.runs.model.dataChanged.connect(self._refresh)
        self.window.form.config_changed.connect(self._take_config)
        self.window.page_changed.connect(self.adaptation.show_latest)
        self.adaptation.source_changed.connect(self.walkthrough.follow)
        self.window.page_changed.connect(self._follow_page)
        self.walkthrough.changed.connect(self._refresh)
        self.evaluation.changed.connect(self._refresh)
        self.evaluation.look_at.connect(self._look_at)
        self.evaluation.shown.connect(self.studio.own.take_evaluation)
        self.walkthrough.playing_changed.connect(self.window.actions_["walk.play"].setChecked)
        self.window.actions_["view.strip"].toggled.connect(self.adaptation.show_latest)
        self.worker.ready.connect(self._greet_worker)
        self.worker.restarted.connect(self._mourn_worker)
        self.worker.devices.connect(self._take_devices)
        self.memory.changed.connect(self._refresh)
        self.window.welcome.wanted_at_start.connect(self.save_settings)
        self.closing.closed.connect(self.save_settings)
        self.closing.closed.connect(self.talks.close)
        self.closing.closed.connect(self.datasets.close)

    def _follow_page(self) -> None:
        self.studio.activate(self.window.tabs.currentWidget() is self.window.studio)
        self.walkthrough.activate(self.window.tabs.currentWidget() is self.window.walkthrough)
        self.evaluation.activate(self.window.tabs.currentWidget() is self.window.evaluation)

    def _evaluate(self) -> None:
        self.window.show_evaluation()
        self.evaluation.start()

    def _look_at(self, source: Source, tasks: tuple[int, ...]) -> None:
        """Held-out tasks of an evaluation, on the page that shows how they are adapted to."""
        self.adaptation.show_tasks(source, tasks[:_TASKS_LOOKED_AT])
        self.studio.show_tasks(source, tasks[:_TASKS_LOOKED_AT])
        self.window.show_adaptation()

    def _step(self) -> None:
        command = self.sender()
        if command is not None:
            self.controller.step(_STEPS[command.objectName()])

    def _continue_selected(self) -> None:
        self.continue_run(self.window.runs.selected_run())

    def _use_selected(self) -> None:
        self.use_parameters(self.window.runs.selected_run())

    def _compare_selected(self) -> None:
        self.studio.compare_run(self.window.runs.selected_run())
        self.window.show_adaptation()

    def _show_about(self) -> None:
        if self._about is None:
            self._about = AboutDialog(self.window)
        self._about.show()
        self._about.raise_()

    def _open_data_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.data_dir)))

    # --- following -----------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        row = self.window.runs.selected_row()
        self.window.refresh(
            WindowState(
                run_state=self.controller.state,
                walking=self.walkthrough.can_walk,
                can_evaluate=self.evaluation.ready,
                evaluating=self.evaluation.busy,
                problem=self.window.form.problem_text(),
                run_selected=row is not None,
                selected_can_continue=row is not None and self._can_continue(row),
            )
        )

    def _can_continue(self, row: RunRow) -> bool:
        return row.can_continue or (row.status == "finished" and self._longer(row.run_id) is not None)

    def _list_now(self) -> None:
        """The new run is in the list before anything wants to choose it there."""
        self.runs.refresh()

    def _remember(self) -> None:
        """Written as soon as it changes: a window that is killed shall offer to continue its run, too."""
        self.save_settings()

    def _take_config(self, config: ExperimentConfig | None) -> None:
        self._refresh()
        if config is not None:
            self._last_config = config
            self._preview()

    def _preview(self) -> None:
        if self._last_config is not None and self.selection.nothing_shown:
            self.adaptation.preview(self._last_config)

    def _greet_worker(self) -> None:
        self.window.status.set_health("ready")

    def _mourn_worker(self) -> None:
        self.window.status.set_health("lost")
        self.window.banners.show_message(
            "warning",
            "The background process that adapts to held-out tasks ended unexpectedly. It is started again; "
            "training is not affected.",
        )

    def _take_devices(self, answer: Devices) -> None:
        self.window.form.set_devices(answer.devices)


def _unpack(layout: bytes) -> Layout | None:
    if not layout:
        return None
    try:
        return msgspec.msgpack.decode(layout, type=Layout)
    except msgspec.MsgspecError:
        return None
