"""What nobody foresaw: logged to a file and told in a banner, instead of ending the window or passing unseen."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

LOG_FILE = "window.log"
_LOG_BYTES = 1_000_000

_log = logging.getLogger("metagui.gui")

# What the offscreen platform says of windows that no window manager keeps.
_NOISE = ("This plugin does not support",)

Show = Callable[[str, str], None]
"""A sentence, and the details behind it."""

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Failures(QObject):
    """While open, catches exceptions that no slot and no thread handled, and Qt's own messages.

    Made in the GUI thread, where ``show`` is called whatever thread failed.
    """

    _happened = Signal(str, str)

    def __init__(self, data_dir: Path, show: Show) -> None:
        super().__init__()
        self._show = show
        self._happened.connect(self._tell)
        self._previous_hook: Any = sys.excepthook
        self._previous_thread_hook: Any = threading.excepthook
        self._handler = _log_handler(data_dir)
        _log.addHandler(self._handler)
        _log.setLevel(logging.INFO)
        self._previous_qt: Any = qInstallMessageHandler(self._take_qt)
        sys.excepthook = self._take_exception
        threading.excepthook = self._take_thread

    def close(self) -> None:
        """Put back what was there before. Idempotent."""
        if sys.excepthook == self._take_exception:
            sys.excepthook = self._previous_hook
            threading.excepthook = self._previous_thread_hook
            qInstallMessageHandler(self._previous_qt)
        _log.removeHandler(self._handler)
        self._handler.close()

    def _take_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._previous_hook(kind, error, trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        _log.error("unhandled in the window: %s", details)
        self._happened.emit(
            f"Something went wrong in the window: {error or kind.__name__}. A running training is not affected.",
            details,
        )

    def _take_thread(self, failure: threading.ExceptHookArgs) -> None:
        # As threading itself does it, what merely ends a thread is no failure.
        if failure.exc_value is not None and not issubclass(failure.exc_type, SystemExit):
            self._take_exception(failure.exc_type, failure.exc_value, failure.exc_traceback)

    def _tell(self, text: str, details: str) -> None:
        self._show(text, details)

    def _take_qt(self, kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if not message.startswith(_NOISE):
            _log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)


def _log_handler(data_dir: Path) -> logging.Handler:
    """A small rotating file; standard error where the folder cannot be written."""
    handler: logging.Handler
    try:
        handler = logging.handlers.RotatingFileHandler(
            data_dir / LOG_FILE, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=False
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler
