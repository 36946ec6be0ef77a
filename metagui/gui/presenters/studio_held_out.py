"""Keeps the held-out tasks of the studio fresh: the network that the timeline chose, on tasks that stay the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from metagui.events import Studied
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.studio_line import Question, StudyLine, network_of
from metagui.gui.studio.held_out import HeldOutPanel
from metagui.session.interactive import InteractiveWorker


class HeldOutPresenter(QObject):
    """Asks only while the panel is on show; what changed meanwhile is asked for when it comes back."""

    def __init__(
        self, worker: InteractiveWorker, panel: HeldOutPanel, data_dir: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._line = StudyLine(worker, data_dir, "held-out", self)
        self._tasks = panel.tasks
        self._steps: int | None = None
        self._source: Source | None = None
        self._active = False
        self._stale = False
        self._line.answered.connect(self._take)
        self._line.failed.connect(panel.set_message)
        panel.tasks_requested.connect(self._change_tasks)
        panel.steps_chosen.connect(self._change_steps)

    @property
    def settled(self) -> bool:
        """Whether the panel shows what was last asked of it."""
        return not self._stale and not self._line.busy

    def show(self, source: Source, by_choice: bool = False) -> None:
        """Adapt this network: after the answer in progress where a person chose it, else when the eye is ready too."""
        if self._source is not None and differs(self._source, source):
            self._line.drop()
            self._tasks = tuple(range(len(self._tasks)))
            self._panel.clear()
        self._source = source
        self._ask(self._line.ask_next if by_choice else self._line.ask_when_free)

    def show_tasks(self, tasks: tuple[int, ...]) -> None:
        """These held-out tasks from now on, whatever network is on show."""
        self._tasks = tasks
        self._ask(self._line.ask)

    def activate(self, active: bool) -> None:
        """Whether the panel is on show."""
        self._active = active
        if active and self._stale:
            self._ask(self._line.ask)

    def close(self) -> None:
        self._active = False
        self._line.drop()

    def _change_tasks(self, tasks: tuple[int, ...]) -> None:
        self.show_tasks(tasks)

    def _change_steps(self, steps: int | None) -> None:
        self._steps = steps
        self._ask(self._line.ask)

    def _ask(self, ask: Callable[[Question], None]) -> None:
        if self._source is None:
            return
        if not self._active:
            self._stale = True
            return
        self._stale = False
        ask(Question((network_of(self._source),), self._tasks, self._steps))

    def _take(self, answer: Studied) -> None:
        if self._source is not None and answer.columns:
            trained = self._source.config.algorithm.inner_steps
            self._panel.show_column(answer.request, answer.columns[0], trained)


def differs(one: Source, other: Source) -> bool:
    """Whether pictures of one would be wrong for the other: another task family, or another network."""
    return one.config.task != other.config.task or one.config.model != other.config.model
