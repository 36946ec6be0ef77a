"""Keeps the look inside fresh: the network on show, while the panel can be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from metagui.events import Inside, OwnTask, RequestFailed
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.studio_held_out import differs
from metagui.gui.presenters.studio_line import network_of
from metagui.gui.studio.inside.panel import InsidePanel
from metagui.session.interactive import InteractiveWorker

_GAP_MS = 1500
"""Looking inside is worth more time than a glance, and costs more of the worker's."""


class InsidePresenter(QObject):
    """A person is answered at once, newer weights when the last answer has been looked at for a while."""

    def __init__(
        self, worker: InteractiveWorker, panel: InsidePanel, data_dir: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._panel = panel
        self._data_dir = data_dir
        self._source: Source | None = None
        self._tasks: tuple[int, ...] = (0, 1, 2)
        self._steps: int | None = None
        self._request: int | None = None
        self._active = False
        self._stale = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_GAP_MS)
        self._pause.timeout.connect(self._ask_if_stale)
        worker.looked_inside.connect(self._take)
        worker.failed.connect(self._fail)
        panel.tasks_requested.connect(self._change_tasks)
        panel.steps_chosen.connect(self._change_steps)
        panel.own.chosen.connect(self._ask)
        self.own_task: Callable[[Source], OwnTask | None] = lambda _source: None
        """Asked for the task that a person made, for a network."""

    @property
    def settled(self) -> bool:
        """Whether the panel shows what was last asked of it."""
        return self._request is None and not self._stale

    def show(self, source: Source, by_choice: bool = False) -> None:
        """Look into this network."""
        if self._source is not None and differs(self._source, source):
            self._panel.clear()
            self._tasks = tuple(range(len(self._tasks)))
            self._panel.own.offer(self.own_task(source) is not None)
            by_choice = True
        self._source = source
        self._stale = True
        if by_choice:
            self._ask()
        else:
            self._ask_if_stale()

    def activate(self, active: bool) -> None:
        """Whether the panel is on show."""
        self._active = active
        if active and self._source is not None:
            self._panel.own.offer(self.own_task(self._source) is not None)
        if active and (self._stale or self._panel.own.isChecked()):
            self._ask()

    def close(self) -> None:
        self._active = False
        self._pause.stop()
        if self._request is not None:
            self._worker.cancel(self._request)
            self._request = None

    def _change_tasks(self, tasks: tuple[int, ...]) -> None:
        self._panel.own.setChecked(False)
        self._tasks = tasks
        self._ask()

    def _change_steps(self, steps: int | None) -> None:
        self._steps = steps
        self._ask()

    def _ask_if_stale(self) -> None:
        if self._stale and self._request is None and not self._pause.isActive():
            self._ask()

    def _ask(self) -> None:
        if not self._active or self._source is None:
            return
        self._stale = False
        self._pause.start()
        own = self.own_task(self._source) if self._panel.own.isChecked() else None
        self._request = self._worker.look_inside(
            self._data_dir, network_of(self._source), self._tasks, own, inner_steps=self._steps
        )

    def _take(self, answer: Inside) -> None:
        if answer.request == self._request:
            self._request = None
            self._panel.show_inside(answer, self._tasks)
            self._ask_if_stale()

    def _fail(self, failure: RequestFailed) -> None:
        if failure.request == self._request:
            self._request = None
            self._panel.show_message(failure.message)
            self._ask_if_stale()
