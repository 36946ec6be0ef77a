"""Ctrl-C and SIGTERM: the first asks for a stop with a checkpoint, the second does not ask."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

_ALWAYS = [signal.SIGINT, signal.SIGTERM]
_SIGNALS = _ALWAYS + ([signal.SIGHUP] if sys.platform != "win32" else [])


@contextlib.contextmanager
def interrupts(stop: Callable[[], None]) -> Iterator[None]:
    """Inside, the first signal calls ``stop`` and the next raises KeyboardInterrupt. Main thread only.

    A hang-up that whoever started us has set to be ignored (``nohup``) stays ignored. An interrupt does not: a shell
    ignores it for its background jobs, and a script that sends one on purpose must get its checkpoint.
    """
    asked = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        stop()

    handled = [n for n in _SIGNALS if n in _ALWAYS or signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
