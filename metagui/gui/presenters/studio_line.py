"""One line of questions to the warm worker, of which only the newest counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from metagui.events import Network, OwnTask, RequestFailed, Studied
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.session.interactive import InteractiveWorker

GAP_MS = 400
"""Between two patient questions: the eye needs no more, and training shares the cores."""


@dataclass(frozen=True)
class Question:
    """These networks, on these tasks."""

    networks: tuple[Network, ...]
    tasks: tuple[int, ...]
    inner_steps: int | None = None
    own: OwnTask | None = None


class StudyLine(QObject):
    """``ask`` goes out at once and supersedes what is unanswered; ``ask_when_free`` waits until the worker has
    answered and a moment more, ``ask_next`` until it has answered. Whatever comes meanwhile replaces what waits."""

    answered = Signal(object)
    """events.Studied"""
    failed = Signal(str)

    def __init__(self, worker: InteractiveWorker, data_dir: Path, channel: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._data_dir = data_dir
        self._channel = channel
        self._request: int | None = None
        self._waiting: Question | None = None
        self._asked: Question | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(GAP_MS)
        self._pause.timeout.connect(self._send_waiting)
        worker.studied.connect(self._take)
        worker.failed.connect(self._fail)

    @property
    def asked(self) -> Question | None:
        """The question that was sent last: while ``answered`` is emitted, the one that it answers."""
        return self._asked

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._request is not None or self._waiting is not None

    def ask(self, question: Question) -> None:
        """Nobody waits any more for what was asked before."""
        self._waiting = None
        self._asked = question
        self._pause.start()
        self._request = self._worker.study(
            self._data_dir,
            question.networks,
            question.tasks,
            own=question.own,
            inner_steps=question.inner_steps,
            channel=self._channel,
        )

    def ask_next(self, question: Question) -> None:
        """For changes that follow each other faster than answers do, as while something is dragged: superseded by the
        next one each time, none would ever be answered."""
        self._pause.stop()
        self._waiting = question
        self._send_waiting()

    def ask_when_free(self, question: Question) -> None:
        self._waiting = question
        self._send_waiting()

    def drop(self) -> None:
        """Expect no answer."""
        self._waiting = None
        self._pause.stop()
        if self._request is not None:
            self._worker.cancel(self._request)
            self._request = None

    def _send_waiting(self) -> None:
        if self._waiting is not None and self._request is None and not self._pause.isActive():
            self.ask(self._waiting)

    def _take(self, answer: Studied) -> None:
        if answer.request == self._request:
            self._request = None
            self.answered.emit(answer)
            self._send_waiting()

    def _fail(self, failure: RequestFailed) -> None:
        if failure.request == self._request:
            self._request = None
            self.failed.emit(failure.message)
            self._send_waiting()


def network_of(source: Source, title: str = "") -> Network:
    """A network on show, as the engine is asked for it."""
    return Network(
        title=title or source.run_id,
        config=source.config.to_dict(),
        step=source.step,
        weights=dict(source.weights),
        checkpoint=source.checkpoint,
    )
