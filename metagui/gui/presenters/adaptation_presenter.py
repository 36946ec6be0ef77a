"""Keeps the adaptation page and strip fresh: newest weights to the warm worker, its answers to the views."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from metagui.config import ExperimentConfig
from metagui.events import Adapted, Array, RequestFailed
from metagui.gui.adaptation.view import AdaptationView
from metagui.session.interactive import InteractiveWorker

SHORTEST_GAP_SECONDS = 0.5
"""Between two requests: the eye needs no more, and training shares the cores."""

PREVIEW_MS = 700
"""A form being typed into is shown once it rests."""


@dataclass(frozen=True)
class Source:
    """A network to adapt: the weights given, else those of a checkpoint, else random ones; ``run_id`` is its run."""

    config: ExperimentConfig
    step: int
    weights: Mapping[str, Array] = field(default_factory=dict)
    checkpoint: str = ""
    run_id: str = ""


class AdaptationPresenter(QObject):
    """One request at a time; whatever comes meanwhile replaces what waits, so the newest wins and nothing piles up."""

    source_changed = Signal(object)
    """The network that is to be shown from now on, a :class:`Source`."""

    said = Signal(str)
    """A message for every place where this network is shown."""

    def __init__(
        self,
        worker: InteractiveWorker,
        views: tuple[AdaptationView, ...],
        data_dir: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._views = views
        self._data_dir = data_dir
        self._tasks = views[0].tasks
        self._shown: Source | None = None
        self._waiting: Source | None = None
        self._request: int | None = None
        self._last_request_at = -SHORTEST_GAP_SECONDS
        self._answer: Adapted | None = None
        self._stale: set[AdaptationView] = set()
        self._resting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._send)
        self._preview = QTimer(self)
        self._preview.setSingleShot(True)
        self._preview.setInterval(PREVIEW_MS)
        self._preview.timeout.connect(self._show_preview)
        self._preview_config: ExperimentConfig | None = None
        worker.adapted.connect(self._take)
        worker.failed.connect(self._fail)
        for view in views:
            view.tasks_requested.connect(self._change_tasks)

    @property
    def request(self) -> int | None:
        """Number of the request that is being answered."""
        return self._request

    @property
    def settled_on(self) -> Source | None:
        """The network that the cards show, None while another one is still to be adapted."""
        busy = self._request is not None or self._waiting is not None
        return None if busy or self._answer is None else self._shown

    def show(self, source: Source) -> None:
        """Adapt this network, as soon as the worker is free."""
        self._preview.stop()
        if self._shown is not None and _differs(self._shown.config, source.config):
            self._clear()
        self._waiting = source
        self._schedule()
        self.source_changed.emit(source)

    def show_tasks(self, source: Source, tasks: tuple[int, ...]) -> None:
        """Adapt this network to these held-out tasks, and whatever follows it as well."""
        self.show(source)
        self._tasks = tasks

    def preview(self, config: ExperimentConfig) -> None:
        """Show what an untrained network makes of the tasks of this experiment, once the form rests."""
        self._preview_config = config
        self._preview.start()

    def say(self, text: str) -> None:
        """A message where the cards are."""
        self.said.emit(text)
        for view in self._views:
            view.set_message(text)

    def rest(self, resting: bool) -> None:
        """Ask nothing while no view can be seen; the newest network is asked for afterwards."""
        self._resting = resting
        self._schedule()

    def show_latest(self) -> None:
        """Bring the view that has just become visible up to date."""
        if self._answer is not None:
            for view in [view for view in self._stale if view.isVisible()]:
                self._stale.discard(view)
                view.show_adapted(self._answer)

    def close(self) -> None:
        """Ask nothing any more."""
        self._timer.stop()
        self._preview.stop()
        self._waiting = None

    def _show_preview(self) -> None:
        if self._preview_config is not None:
            self.show(Source(self._preview_config, step=0))

    def _change_tasks(self, tasks: tuple[int, ...]) -> None:
        self._tasks = tasks
        self._waiting = self._waiting or self._shown
        self._schedule()

    def _schedule(self) -> None:
        if self._resting or self._waiting is None or self._request is not None or self._timer.isActive():
            return
        gap = self._last_request_at + SHORTEST_GAP_SECONDS - time.monotonic()
        self._timer.start(max(0, round(gap * 1000)))

    def _send(self) -> None:
        source = self._waiting
        if source is None or self._request is not None or self._resting:
            return
        self._waiting = None
        self._shown = source
        self._last_request_at = time.monotonic()
        self._request = self._worker.adapt(
            source.config, self._data_dir, source.step, self._tasks, source.weights, source.checkpoint
        )

    def _take(self, answer: Adapted) -> None:
        if answer.request != self._request:
            return
        self._request = None
        shown = self._shown.config if self._shown is not None else None
        if self._waiting is None or not _differs(self._waiting.config, shown):
            self._answer = answer
            self._stale = set(self._views)
            self.show_latest()
        self._schedule()

    def _fail(self, failure: RequestFailed) -> None:
        if failure.request != self._request:
            return
        self._request = None
        self.say(failure.message)
        self._schedule()

    def _clear(self) -> None:
        self._tasks = tuple(range(len(self._tasks)))
        self._answer = None
        for view in self._views:
            view.clear()


def _differs(one: ExperimentConfig, other: ExperimentConfig | None) -> bool:
    """Whether cards of one experiment would be wrong for the other: another task family, or another network."""
    return other is None or one.task != other.task or one.model != other.model
