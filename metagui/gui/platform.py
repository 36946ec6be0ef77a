"""The one QApplication: made only where Qt can open a window, and told who it is."""

from __future__ import annotations

import os
import sys

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from metagui.errors import EnvironmentProblemError
from metagui.gui.theme import app_icon
from metagui.identity import APP_ID, APP_NAME, APP_TITLE, ORGANISATION, __version__

_NEED_NO_SCREEN = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")


def make_application() -> QApplication:
    """The application, new or the one there is.

    Raises EnvironmentProblemError where no screen answers: Qt itself would abort the process.
    """
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    if not _has_screen():
        raise EnvironmentProblemError(
            "there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): "
            "train with `metagui train` instead, or give the window a virtual screen: `xvfb-run -a metagui`"
        )
    QGuiApplication.setDesktopFileName(APP_ID)
    app = QApplication([APP_NAME])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName(APP_TITLE)
    app.setApplicationVersion(__version__)
    app.setOrganizationName(ORGANISATION)
    app.setWindowIcon(app_icon())
    return app


def _has_screen() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    return platform in _NEED_NO_SCREEN or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
