"""Which networks can be evaluated, and which runs can be judged beside them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from metagui.config import ExperimentConfig
from metagui.config.changes import with_change
from metagui.events import Rival, RunEvent, SettingChanged, WeightsSnapshot
from metagui.gui.evaluation.settings import NetworkOption, RivalOption
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.runs_presenter import run_title
from metagui.runs.rivals import candidates_beside, rival_of, usual_among
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController

_MOST_RIVALS = 20
"""The newest runs on such tasks are offered; more would be a list to search."""


_SHORT = {"live": "in training", "last": "last", "best": "best"}


@dataclass(frozen=True)
class Candidate:
    """A network that can be evaluated: ``which`` of its run's, in words; ``key`` tells it from the others."""

    key: str
    run_id: str
    title: str
    which: str
    source: Source

    @property
    def option(self) -> NetworkOption:
        return NetworkOption(self.key, f"{self.run_id} · {_SHORT[self.key]} · step {self.source.step:,}")


class LiveNetwork(QObject):
    """The newest weights of the run in progress."""

    changed = Signal()

    def __init__(self, controller: ExperimentController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run_id = ""
        self.source: Source | None = None
        self._config: ExperimentConfig | None = None
        controller.run_started.connect(self._begin)
        controller.event.connect(self._take)
        controller.ended.connect(self._end)

    def _begin(self, run_id: str, config: ExperimentConfig) -> None:
        self.run_id, self._config, self.source = run_id, config, None

    def _take(self, _run_id: str, event: RunEvent) -> None:
        if self._config is None:
            return
        if isinstance(event, SettingChanged):
            self._config = with_change(self._config, event.path, event.value)
        elif isinstance(event, WeightsSnapshot):
            self.source = Source(self._config, event.step, event.weights)
            self.changed.emit()

    def _end(self, _run_id: str) -> None:
        self.run_id, self._config, self.source = "", None, None
        self.changed.emit()


def candidates(store: RunStore, live: LiveNetwork, run_id: str) -> list[Candidate]:
    """The networks of a run: in training, the last checkpoint, the best one where that is another.

    Raises MetaguiError where the run cannot be read.
    """
    if not run_id:
        return []
    record = store.get(run_id)
    config, title = record.experiment(), run_title(run_id, record)
    found = []
    if run_id == live.run_id and live.source is not None:
        found.append(Candidate("live", run_id, title, "in training", live.source))
    last, best = store.latest_checkpoint(run_id), store.best_checkpoint(run_id)
    for key, which, checkpoint in (("last", "last checkpoint", last), ("best", "best checkpoint", best)):
        if checkpoint is None or (key == "best" and last is not None and best == last):
            continue
        source = Source(config, checkpoint.step, checkpoint=str(checkpoint.path))
        found.append(Candidate(key, run_id, title, which, source))
    return found


def rivals_of(store: RunStore, candidate: Candidate) -> list[RivalOption]:
    """Other runs whose networks can be adapted to the same tasks, the newest first."""
    task = candidate.source.config.to_dict()["task"]
    records = candidates_beside(store, candidate.run_id, task, _MOST_RIVALS)
    wanted = {each.id for each in usual_among(records)}
    return [
        RivalOption(each.id, f"{run_title(each.id, each)}, step {each.step:,}", wanted=each.id in wanted)
        for each in records
    ]


def rival(store: RunStore, run_id: str, key: str) -> Rival:
    """A run as the engine is asked about it: its best checkpoint where the best is evaluated, else its last.

    Raises MetaguiError where the run has no checkpoint or that is damaged.
    """
    title = run_title(run_id, store.get(run_id)).rpartition(" · ")[0]
    return rival_of(store, run_id, title, best=key == "best")
