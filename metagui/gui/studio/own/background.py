"""Short work beside the window: reading a photo, writing an animation."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from metagui.errors import MetaguiError


class Background(QObject):
    """One thing after the other, each on a thread that does not keep the program from ending."""

    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turn = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._finished.connect(self._tell)

    def run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """``then`` gets, in the window's thread, what ``work`` returned, or the MetaguiError that says why not."""

        def runner() -> None:
            with self._turn:
                result = _result_of(work)
            with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                self._finished.emit(then, result)

        thread = threading.Thread(target=runner, name="own-task", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def wait(self) -> None:
        """Until nothing is under way; what it found is told as soon as the window's thread is free."""
        for thread in self._threads:
            thread.join()

    def _tell(self, then: Callable[[Any], None], result: Any) -> None:
        then(result)


def _result_of(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except MetaguiError as error:
        return error
    except Exception as error:  # fed with files from anywhere: the window goes on
        return MetaguiError(f"this did not work ({type(error).__name__}: {error})")
