"""Waiting for something to become true while the window goes on living: for scripts that drive it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

from metagui.errors import MetaguiError

_LOOK_MS = 15


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Run the event loop until ``condition`` holds; raises MetaguiError naming ``what`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(_LOOK_MS)

    def look() -> None:
        if condition() or time.monotonic() > deadline:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    if not condition():
        raise MetaguiError(f"waited {seconds:g} s in vain: {what}")


def wait(seconds: float) -> None:
    """Let the window live for a while."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= end, seconds + 1.0, "the clock stands still")
