"""The one QApplication: made only where Qt can open a window, and told who it is."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from metagui.errors import EnvironmentProblemError
from metagui.gui.theme import app_icon
from metagui.identity import APP_ID, APP_NAME, APP_TITLE, ORGANISATION, __version__
from metagui.screen import screen_problem


def make_application() -> QApplication:
    """The application, new or the one there is.

    Raises EnvironmentProblemError where no screen answers: Qt itself would abort the process.
    """
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    problem = screen_problem()
    if problem:
        raise EnvironmentProblemError(problem)
    QGuiApplication.setDesktopFileName(APP_ID)
    app = QApplication([APP_NAME])
    app.setApplicationName(APP_NAME)
    app.setApplicationDisplayName(APP_TITLE)
    app.setApplicationVersion(__version__)
    app.setOrganizationName(ORGANISATION)
    app.setWindowIcon(app_icon())
    return app
