"""Presenter mode from the main window, which stands behind it untouched until the speaker comes back."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from metagui.errors import MetaguiError
from metagui.gui.main_window import MainWindow
from metagui.gui.presenters.theme_presenter import ThemePresenter
from metagui.gui.talk.presentation import Presentation
from metagui.gui.theme import resolve_theme
from metagui.runs.store import RunStore
from metagui.session.controller import HostKind
from metagui.walkthroughs.script import SHIPPED_TALK, load_script


class TalkPresenter(QObject):
    """One talk at a time. Its runs, pages and workers are its own; what it trained is in the list of runs after it."""

    def __init__(
        self,
        store: RunStore,
        window: MainWindow,
        theme: ThemePresenter,
        host: HostKind = "child",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._window = window
        self._theme = theme
        self._host = host
        self._dialog: QFileDialog | None = None
        self.presentation: Presentation | None = None
        """The talk that is being given."""
        window.actions_["talk.present"].triggered.connect(self._present_shipped)
        window.actions_["talk.open"].triggered.connect(self._ask_for_script)

    def present(self, given: str = SHIPPED_TALK) -> None:
        """Give the talk of a script, by its path or the name of a shipped one; say what is wrong with it otherwise."""
        if self.presentation is not None:
            self.presentation.audience.activateWindow()
            return
        try:
            script = load_script(given)
        except MetaguiError as error:
            first, _, rest = str(error).partition("\n")
            self._window.banners.show_message("error", f"The talk cannot be given: {first}", detail=rest)
            return
        self.presentation = Presentation(script, self._store, resolve_theme(self._theme.choice), self._host, self)
        self.presentation.ended.connect(self._come_back)
        self.presentation.open(self._window)

    def close(self) -> None:
        """End the talk, if there is one. Idempotent."""
        if self.presentation is not None:
            self.presentation.close()
            self.presentation.deleteLater()
            self.presentation = None

    def _present_shipped(self) -> None:
        self.present()

    def _ask_for_script(self) -> None:
        if self._dialog is None:
            self._dialog = QFileDialog(self._window, "Present a script")
            self._dialog.setNameFilters(["Talk scripts (*.toml)", "All files (*)"])
            self._dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            self._dialog.fileSelected.connect(self.present)
        self._dialog.open()

    def _come_back(self) -> None:
        self.close()
        self._window.activateWindow()
