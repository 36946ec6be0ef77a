"""How each column does on many tasks: one evaluation at a time, given up as soon as something else is wanted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from metagui.events import Evaluated, RequestFailed
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.studio.compare.contender import Verdict
from metagui.session.interactive import InteractiveWorker

N_TASKS = 100


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
        self._found: dict[str, tuple[Source, int | None, Verdict]] = {}
        self._refused: dict[str, Source] = {}
        self._request: int | None = None
        self._key = ""
        self._judged: Source | None = None
        worker.evaluated.connect(self._take)
        worker.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        return self._request is not None

    def of(self, key: str) -> Verdict | None:
        """The last verdict on a column, be it of earlier weights of the same run; None for other steps."""
        known = self._found.get(key)
        return known[2] if known is not None and known[1] == self._steps else None

    def want(self, sources: dict[str, Source], steps: int | None) -> None:
        """Judge these, one after the other."""
        self._wanted, self._steps = dict(sources), steps
        for key in [key for key in self._found if key not in sources]:
            del self._found[key]
        self._go_on()

    def hold(self) -> None:
        """Give up what is being judged, until :meth:`want` is called again."""
        self._wanted = {}
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
        return known is not None and known[0] == source and known[1] == self._steps

    def _go_on(self) -> None:
        key = self._next()
        if self._request is not None or key is None:
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
        self._found[self._key] = (self._judged, self._steps, verdict)
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
