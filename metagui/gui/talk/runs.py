"""The trainings of a talk: runs of their own, on the pages of the talk, apart from the main window's."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject

from metagui.config import ExperimentConfig
from metagui.errors import MetaguiError
from metagui.events import Metrics, Progress, RequestFailed, RunEvent, RunStarted, WeightsSnapshot
from metagui.gui.adaptation.page import AdaptationPage
from metagui.gui.monitor.page import MonitorPage
from metagui.gui.presenters.adaptation_presenter import AdaptationPresenter, Source
from metagui.gui.presenters.curves import read_curves
from metagui.gui.talk.performance import Key
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController
from metagui.session.interactive import InteractiveWorker

LOSS = "outer_loss"
_MEAN_OF = 20
"""A loss is waited for as the mean of so many meta-steps: single ones jump."""


@dataclass
class TalkRun:
    """One training of the talk, as far as it is known."""

    id: str
    title: str
    config: ExperimentConfig
    step: int = 0
    begun: bool = False
    status: str = ""
    reason: str = ""
    losses: deque[float] = field(default_factory=lambda: deque(maxlen=_MEAN_OF))
    source: Source | None = None

    @property
    def over(self) -> bool:
        return bool(self.status)

    @property
    def well(self) -> bool:
        return self.status in ("", "finished", "stopped")

    @property
    def loss(self) -> float:
        """Mean of the newest outer losses; infinite before the first."""
        return math.fsum(self.losses) / len(self.losses) if self.losses else math.inf


class TalkRuns(QObject):
    """Trains what slides ask for, each action once: shown again, a slide shows the run that it had."""

    def __init__(
        self,
        store: RunStore,
        controller: ExperimentController,
        worker: InteractiveWorker,
        pages: tuple[MonitorPage, AdaptationPage],
        data_dir: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._controller = controller
        self._monitor, self._page = pages
        self._runs: dict[Key, TalkRun] = {}
        self._watching_adaptation = False
        self.current: TalkRun | None = None
        """The run of the last train action that was played."""
        self.adaptation_trouble = ""
        worker.failed.connect(self._note_trouble)  # before the presenter, which forgets its request
        self.adapting = AdaptationPresenter(worker, (self._page,), data_dir, self)
        controller.event.connect(self._take)
        controller.ended.connect(self._end)

    @property
    def busy(self) -> bool:
        """Whether something is being trained, or just being stopped."""
        return self._controller.state != "idle"

    def known(self, key: Key) -> TalkRun | None:
        """The run of an action that was played before, unless it failed."""
        run = self._runs.get(key)
        return run if run is not None and run.well else None

    def launch(self, key: Key, config: ExperimentConfig, title: str) -> TalkRun:
        """Start a run for an action; errors as of the controller's start."""
        run_id = self._controller.start(config, f"talk: {title}")
        run = TalkRun(run_id, title, config)
        self._runs[key] = run
        self.bring_on(key, run)
        self._monitor.begin_run(run_id, title, config)
        return run

    def bring_on(self, key: Key, run: TalkRun) -> None:
        """Show a run beside the earlier ones of the same task, and none that the talk comes to later."""
        shown = [one for at, one in sorted(self._runs.items()) if at <= key and _comparable(one, run)]
        for run_id in self._monitor.runs:
            if run_id not in [one.id for one in shown]:
                self._monitor.remove_run(run_id)
        for one in shown:
            if one.id not in self._monitor.runs and one is not run:
                self._load(one)
        if run.id not in self._monitor.runs and run.begun:
            self._load(run)
        self._monitor.set_current(run.id)
        self.current = run
        self._adapt()

    def steer(self, command: str) -> None:
        """``pause``, ``resume`` or ``stop`` the run in progress; raises MetaguiError where there is none."""
        if not self.busy:
            raise MetaguiError(f"{command}: no run is in progress")
        {"pause": self._controller.pause, "resume": self._controller.resume, "stop": self._controller.stop}[command]()

    def clear_way(self) -> None:
        """End whatever is in progress, so that another run can start once :attr:`busy` is over."""
        if self._controller.state not in ("idle", "stopping"):
            self._controller.stop()

    @property
    def paused(self) -> bool:
        return self._controller.state in ("paused", "idle")

    def watch_adaptation(self, watched: bool) -> None:
        """Whether the adaptation page is on show: only then is anything adapted."""
        self._watching_adaptation = watched
        self._adapt()
        self.adapting.show_latest()

    @property
    def adapted(self) -> bool:
        """Whether the cards show the current run's network, for a run that is over its last one."""
        shown, run = self.adapting.settled_on, self.current
        if shown is None or run is None or shown.config != run.config:
            return False
        return not run.over or (run.source is not None and shown.step == run.source.step)

    def close(self) -> None:
        self.adapting.close()

    # --- following ------------------------------------------------------------------------------------------------

    def _take(self, run_id: str, event: RunEvent) -> None:
        run = self._of(run_id)
        if run is None:
            return
        match event:
            case RunStarted():
                run.begun = True
            case Metrics():
                if run_id in self._monitor.runs:  # a run of a later slide stays away from an earlier one
                    self._monitor.add_metrics(run_id, event)
                if LOSS in event.names:
                    values = event.values.numpy()[:, event.names.index(LOSS)]
                    run.losses.extend(float(value) for value in values if not math.isnan(value))
                run.step = max(run.step, int(event.steps.numpy().max(initial=0)))
            case Progress():
                run.step = max(run.step, event.step)
            case WeightsSnapshot():
                run.source = Source(run.config, event.step, event.weights)
                self._adapt()

    def _end(self, run_id: str, status: str, reason: str) -> None:
        run = self._of(run_id)
        if run is None:
            return
        run.status, run.reason = status, reason
        checkpoint = self._store.latest_checkpoint(run_id)
        if checkpoint is not None:
            run.step = max(run.step, checkpoint.step)
            run.source = Source(run.config, checkpoint.step, checkpoint=str(checkpoint.path))
        self._adapt()

    def _of(self, run_id: str) -> TalkRun | None:
        return next((run for run in self._runs.values() if run.id == run_id), None)

    def _adapt(self) -> None:
        run = self.current
        if self._watching_adaptation and run is not None:
            self.adaptation_trouble = ""
            self.adapting.show(run.source or Source(run.config, step=0))

    def _load(self, run: TalkRun) -> None:
        self._monitor.load_run(run.id, run.title, run.config, read_curves(self._store, run.id))

    def _note_trouble(self, failure: RequestFailed) -> None:
        if failure.request == self.adapting.request:
            self.adaptation_trouble = failure.message


def _comparable(one: TalkRun, other: TalkRun) -> bool:
    return one.config.task.name == other.config.task.name
