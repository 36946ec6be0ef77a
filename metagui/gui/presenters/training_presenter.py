"""Shows the run in progress: curves, state in words, speed, and how it ended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from metagui.config import ExperimentConfig
from metagui.config.changes import with_change
from metagui.errors import MetaguiError
from metagui.events import LogLine, Metrics, Paused, Progress, Resumed, RunEnded, RunEvent, RunStarted, SettingChanged
from metagui.gui.main_window import MainWindow
from metagui.gui.presenters.curves import read_curves
from metagui.gui.words import paused_text, state_text, step_text
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController

_ENDED_BADLY = ("failed", "diverged", "crashed")


class TrainingPresenter(QObject):
    """From the controller's events to monitor, toolbar, status bar and messages."""

    def __init__(
        self,
        store: RunStore,
        controller: ExperimentController,
        window: MainWindow,
        continue_run: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._controller = controller
        self._window = window
        self._continue_run = continue_run
        self._config: ExperimentConfig | None = None
        self._title = ""
        self._progress: Progress | None = None
        self._end: RunEnded | None = None
        controller.state_changed.connect(self._show_state)
        controller.run_started.connect(self._begin)
        controller.event.connect(self._take)
        controller.ended.connect(self._finish)
        self._show_state(controller.state)

    @property
    def config(self) -> ExperimentConfig | None:
        """Of the run in progress or the last one."""
        return self._config

    def _begin(self, run_id: str, config: ExperimentConfig) -> None:
        self._config = config
        self._end = None
        self._progress = None
        self._title = f"{run_id} · {config.algorithm.title} · {config.task.title}"
        self._window.monitor.begin_run(run_id, self._title, config)
        self._window.progress.show_busy(self._title, "starting the engine…")
        self._window.status.clear_figures()

    def _show_state(self, state: str) -> None:
        self._window.status.set_state(state_text(state, self._controller.current_run or ""))
        if state == "stopping":
            self._window.progress.show_busy(self._title, "stopping and saving…")

    def _take(self, run_id: str, event: RunEvent) -> None:
        match event:
            case Metrics():
                self._window.monitor.add_metrics(run_id, event)
            case Progress():
                self._show_progress(event)
            case RunStarted():
                self._show_beginning(run_id, event)
            case Paused():
                self._show_pause(event)
            case Resumed():
                self._show_state(self._controller.state)
            case LogLine(level="warning" | "error" as level, message=message):
                self._window.banners.show_message(level, message)
            case SettingChanged() if self._config is not None:
                self._config = with_change(self._config, event.path, event.value)
            case RunEnded():
                self._end = event

    def _show_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._window.status.show_progress(progress)
        if self._controller.state != "stopping":
            self._window.progress.show_progress(self._title, progress)

    def _show_beginning(self, run_id: str, event: RunStarted) -> None:
        assert self._config is not None
        if event.step:  # it goes on: the curve so far is cut at the checkpoint, without a zigzag
            try:
                curves = read_curves(self._store, run_id, until=event.step)
            except MetaguiError as error:
                self._window.banners.show_message("warning", f"The curves so far cannot be read: {error}")
            else:
                self._window.monitor.load_run(run_id, self._title, self._config, curves)
        threads = f"{event.threads} thread{'s' if event.threads != 1 else ''}"
        self._window.status.set_state(
            f"Training {run_id} on {event.device}, {threads}, {event.parameters:,} parameters"
        )

    def _show_pause(self, event: Paused) -> None:
        assert self._config is not None
        self._window.status.set_state(
            paused_text(event, self._config.algorithm.inner_steps, self._config.outer.meta_batch_size)
        )

    def _finish(self, run_id: str, status: str, reason: str) -> None:
        where = f" at {step_text(self._end.step, 0)}" if self._end and self._end.step else ""
        self._window.progress.show_idle(f"{self._title}: {status}{where}")
        self._window.status.clear_figures()
        self._window.status.set_state(f"{run_id} {status}{where}")
        if status in _ENDED_BADLY:
            self._window.banners.show_message(
                "error",
                f"{run_id} {status}: {reason}",
                detail=self._end.detail if self._end else "",
                choices=self._way_on(run_id),
            )

    def _way_on(self, run_id: str) -> dict[str, Callable[[], None]]:
        try:
            checkpoint = self._store.latest_checkpoint(run_id)
        except MetaguiError:
            return {}
        if checkpoint is None:
            return {}
        return {f"Continue from step {checkpoint.step:,}": lambda: self._continue_run(run_id)}
