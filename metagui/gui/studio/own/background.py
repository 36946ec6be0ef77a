"""Short work beside the window: reading a photo, writing an animation."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from metagui.errors import MetaguiError


class Background(QObject):
    """One thing after the other, on one thread; it is waited for when this object goes."""

    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._finished.connect(lambda then, result: then(result))

    def run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """``then`` gets, in the window's thread, what ``work`` returned, or the MetaguiError that says why not."""

        def runner() -> None:
            try:
                result = work()
            except MetaguiError as error:
                result = error
            except Exception as error:  # fed with files from anywhere: the window goes on
                result = MetaguiError(f"this did not work ({type(error).__name__}: {error})")
            with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                self._finished.emit(then, result)

        self._pool.start(runner)

    def wait(self) -> None:
        """Until nothing is under way; what it found is told as soon as the window's thread is free."""
        self._pool.waitForDone()
