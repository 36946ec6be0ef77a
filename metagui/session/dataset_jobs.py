"""Long jobs with data sets beside the window: one at a time, measured, cancellable, and joined before it is told."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal

from metagui.datasets.reporting import Cancelled, Report, Step
from metagui.errors import MetaguiError

Work = Callable[[Report], Any]
"""Does the job and answers; it calls the report often, which raises Cancelled where it is to end."""

_TOLD_EVERY = 1 / 20
"""Seconds between two steps that the window is told of; a step of another kind is told at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended. ``result`` is its answer, ``message`` a sentence where it failed, ``detail`` what is behind."""

    key: str
    status: Literal["done", "failed", "cancelled"]
    result: Any = None
    message: str = ""
    detail: str = ""


class _JobThread(QThread):
    stepped = Signal(object)
    """reporting.Step"""

    def __init__(self, key: str, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(f"data: {key}")
        self.key = key
        self.outcome = Outcome(key, "failed", message="It did not begin.")
        self._work = work
        self._cancelled = threading.Event()
        self._told = ("", 0.0)

    def cancel(self) -> None:
        self._cancelled.set()

    def run(self) -> None:
        try:
            self.outcome = Outcome(self.key, "done", self._work(self._report))
        except Cancelled:
            self.outcome = Outcome(self.key, "cancelled")
        except MetaguiError as error:
            self.outcome = Outcome(self.key, "failed", message=str(error))
        except Exception as error:  # a mistake of ours must not take the window down
            detail = "".join(traceback.format_exception(error))
            self.outcome = Outcome(self.key, "failed", None, f"{type(error).__name__}: {error}", detail)

    def _report(self, step: Step) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        now, (doing, told) = time.monotonic(), self._told
        if step.doing != doing or now - told >= _TOLD_EVERY or step.done == step.total:
            self._told = (step.doing, now)
            self.stepped.emit(step)


class DatasetJobs(QObject):
    """Lives in the GUI thread. ``ended`` comes once for every job that was started, when its thread is gone."""

    stepped = Signal(object)
    """reporting.Step of the job that runs"""
    ended = Signal(object)
    """:class:`Outcome`"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: _JobThread | None = None
        self._closed = False
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)

    @property
    def running(self) -> str:
        """Key of the job that runs, empty while there is none."""
        return self._thread.key if self._thread is not None else ""

    def start(self, key: str, work: Work) -> bool:
        """Begin a job; False where another runs still, or nothing may begin any more."""
        if self._thread is not None or self._closed:
            return False
        self._thread = _JobThread(key, work, self)
        self._thread.stepped.connect(self.stepped)
        self._thread.finished.connect(self._end)
        self._thread.start()
        return True

    def cancel(self) -> None:
        """Ask the job to end; ``ended`` follows, as cancelled unless it was done already."""
        if self._thread is not None:
            self._thread.cancel()

    def shutdown(self) -> None:
        """Cancel what runs and wait for its thread; ``ended`` is not told any more. Idempotent."""
        self._closed = True
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.finished.disconnect(self._end)
            thread.cancel()
            thread.wait()
            thread.deleteLater()

    def _end(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()
            self.ended.emit(thread.outcome)
