"""Which runs are on show: the one in progress, those trained before it in this window, and the one chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject

from metagui.config import ExperimentConfig
from metagui.config.changes import with_change
from metagui.errors import MetaguiError
from metagui.events import Metrics, RunEvent, SettingChanged, WeightsSnapshot
from metagui.gui.main_window import MainWindow
from metagui.gui.presenters.adaptation_presenter import AdaptationPresenter, Source
from metagui.gui.presenters.curves import read_curves
from metagui.gui.presenters.runs_presenter import run_title
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController

_COMPARED = 3
"""So many earlier runs stay on the monitor beside the newest one."""


class SelectionPresenter(QObject):
    """Follows the choice in the list of runs, and the live run where none or that one is chosen."""

    def __init__(
        self,
        store: RunStore,
        controller: ExperimentController,
        window: MainWindow,
        adaptation: AdaptationPresenter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._controller = controller
        self._window = window
        self._adaptation = adaptation
        self._live_config: ExperimentConfig | None = None
        self._shown: dict[str, ExperimentConfig] = {}
        self._learned = False
        self._looked_at = ""
        """A stored run that is on show only because it is chosen."""
        self._aside = False
        """Whether a network that belongs to no run is on show, until a run is begun or chosen."""
        window.runs.selected.connect(self._select)
        controller.run_started.connect(self._begin)
        controller.event.connect(self._take)
        controller.ended.connect(self._end)

    @property
    def nothing_shown(self) -> bool:
        """Whether neither a run in progress nor a chosen one, nor any other network is on show."""
        return not (self._controller.current_run or self._window.runs.selected_run() or self._aside)

    def look_aside(self, source: Source) -> None:
        """Show a network that belongs to no run; the one in training does not take its place by itself."""
        self._aside = True
        self._adaptation.show(source)

    def _begin(self, run_id: str, config: ExperimentConfig) -> None:
        """Make room for a new run; what cannot be compared with it goes."""
        self._live_config = config
        self._learned = self._aside = False
        self._looked_at = ""
        self._shown.pop(run_id, None)
        unlike = [other for other, its in self._shown.items() if its.task.name != config.task.name]
        old = [other for other in self._shown if other not in unlike][:-_COMPARED]
        for other in (*unlike, *old):
            self._forget(other)
        self._shown[run_id] = config
        self._adaptation.say("")
        self._window.runs.select(run_id)

    def _take(self, run_id: str, event: RunEvent) -> None:
        self._learned = self._learned or isinstance(event, Metrics)
        if isinstance(event, SettingChanged) and self._live_config is not None:
            self._live_config = self._shown[run_id] = with_change(self._live_config, event.path, event.value)
        if not isinstance(event, WeightsSnapshot) or self._live_config is None:
            return
        if not self._aside and self._window.runs.selected_run() in ("", run_id):
            self._adaptation.show(Source(self._live_config, event.step, event.weights, run_id=run_id))

    def _end(self, run_id: str) -> None:
        if not self._learned:  # it failed before its first step: nothing to show, now or later
            self._forget(run_id)

    def _select(self, run_id: str) -> None:
        self._aside = False
        if run_id in self._shown:
            self._window.monitor.set_current(run_id)
        if not run_id or run_id == self._controller.current_run:
            return
        try:
            self._show_stored(run_id)
        except MetaguiError as error:
            self._window.banners.show_message("warning", f"{run_id} cannot be shown: {error}")

    def _show_stored(self, run_id: str) -> None:
        record = self._store.get(run_id)
        config = record.experiment()
        if run_id not in self._shown:
            if self._looked_at:
                self._forget(self._looked_at)
            curves = read_curves(self._store, run_id)
            self._window.monitor.load_run(run_id, run_title(run_id, record), config, curves)
            self._shown[run_id] = config
            self._looked_at = run_id
            self._window.monitor.set_current(run_id)
        checkpoint = self._store.latest_checkpoint(run_id)
        if checkpoint is None:
            self._adaptation.say(f"{run_id} saved no checkpoint: there is no network to adapt.")
        else:
            self._adaptation.show(Source(config, checkpoint.step, checkpoint=str(checkpoint.path), run_id=run_id))

    def _forget(self, run_id: str) -> None:
        self._shown.pop(run_id, None)
        if self._looked_at == run_id:
            self._looked_at = ""
        self._window.monitor.remove_run(run_id)
