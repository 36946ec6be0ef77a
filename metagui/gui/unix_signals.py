"""SIGINT and SIGTERM close the window as a person would, though Qt's loop keeps Python from hearing them."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier

_WANTED = ("SIGINT", "SIGTERM", "SIGHUP")


class UnixSignals(QObject):
    """Calls ``heard`` in the GUI thread for each of the signals that this system knows."""

    def __init__(self, heard: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heard = heard
        # The interpreter writes a byte when a signal arrives; the notifier wakes Qt's loop for it.
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._previous_fd = signal.set_wakeup_fd(self._write.fileno())
        self._previous: dict[int, Any] = {
            number: signal.signal(number, _only_wake)
            for number in (getattr(signal, name) for name in _WANTED if hasattr(signal, name))
        }
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_fd)
        self._read.close()
        self._write.close()

    def _wake(self) -> None:
        try:
            self._read.recv(64)
        except BlockingIOError:
            return
        self._heard()


def _only_wake(_number: int, _frame: object) -> None:
    """The byte in the socket says it all."""
