"""How each column does on many tasks: one evaluation at a time, given up as soon as something else is wanted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from metagui.events import Evaluated, RequestFailed
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.studio.compare.contender import Verdict
from metagui.session.interactive import InteractiveWorker

N_TASKS = 100

FRESH_SECONDS = 10.0
"""So long is the verdict on a network in training good enough: judging takes cores from the training."""


@dataclass(frozen=True)
class _Known:
    source: Source
    steps: int | None
    verdict: Verdict
    at: float

    @property
    def age(self) -> float:
        return time.monotonic() - self.at


class Verdicts(QObject):
    """Judges what :meth:`want` was told last, those never judged first; a verdict is kept for as long as it is of the
    same weights and steps."""

    found = Signal(str)
    """Key of a column whose verdict is there."""
    failed = Signal(str, str)
    """Key, and why it could not be judged."""
    finished = Signal()
    """Nothing is being judged just now."""

    def __init__(self, worker: InteractiveWorker, data_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._data_dir = data_dir
        self._wanted: dict[str, Source] = {}
        self._steps: int | None = None
        self._found: dict[str, _Known] = {}
        self._refused: dict[str, Source] = {}
        self._request: int | None = None
        self._key = ""
        self._judged: Source | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._go_on)
        worker.evaluated.connect(self._take)
        worker.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        return self._request is not None

    def of(self, key: str) -> Verdict | None:
        """The last verdict on a column, be it of earlier weights of the same run; None for other steps."""
        known = self._found.get(key)
        return known.verdict if known is not None and known.steps == self._steps else None

    def want(self, sources: dict[str, Source], steps: int | None) -> None:
        """Judge these, one after the other."""
        self._wanted, self._steps = dict(sources), steps
        for key in [key for key in self._found if key not in sources]:
            del self._found[key]
        self._go_on()

    def hold(self) -> None:
        """Give up what is being judged, until :meth:`want` is called again."""
        self._wanted = {}
        self._again.stop()
        if self._request is not None:
            self._worker.cancel(self._request)
            self._request = None

    def forget(self) -> None:
        """Of other tasks: nothing known holds."""
        self.hold()
        self._found.clear()
        self._refused.clear()

    def _next(self) -> str | None:
        open_keys = [key for key, source in self._wanted.items() if not self._settled(key, source)]
        return min(open_keys, key=lambda key: key in self._found, default=None)

    def _settled(self, key: str, source: Source) -> bool:
        if self._refused.get(key) == source:
            return True
        known = self._found.get(key)
        if known is None or known.steps != self._steps:
            return False
        return known.source == source or (_same_run(known.source, source) and known.age < FRESH_SECONDS)

    def _come_back(self) -> None:
        """Judge newer weights of a run once the verdict on earlier ones is old."""
        pairs = [(self._found[key], source) for key, source in self._wanted.items() if key in self._found]
        waits = [FRESH_SECONDS - known.age for known, source in pairs if known.source != source]
        if waits:
            self._again.start(max(0, round(1000 * min(waits)) + 10))

    def _go_on(self) -> None:
        key = self._next()
        if self._request is not None:
            return
        if key is None:
            self._come_back()
            return
        source = self._wanted[key]
        self._key, self._judged = key, source
        self._request = self._worker.evaluate(
            source.config,
            self._data_dir,
            N_TASKS,
            weights=source.weights,
            checkpoint=source.checkpoint,
            inner_steps=self._steps,
        )

    def _take(self, answer: Evaluated) -> None:
        if answer.request != self._request or self._judged is None:
            return
        self._request = None
        verdict = Verdict(
            answer.metric, answer.mean, answer.ci95, answer.n_tasks, answer.inner_steps, self._judged.step
        )
        self._found[self._key] = _Known(self._judged, self._steps, verdict, time.monotonic())
        self.found.emit(self._key)
        self.finished.emit()
        self._go_on()

    def _fail(self, failure: RequestFailed) -> None:
        if failure.request != self._request or self._judged is None:
            return
        self._request = None
        self._refused[self._key] = self._judged
        self.failed.emit(self._key, failure.message)
        self.finished.emit()
        self._go_on()


def _same_run(one: Source, other: Source) -> bool:
    return bool(one.run_id) and one.run_id == other.run_id
