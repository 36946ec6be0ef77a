"""Which theme is on: the person's choice, or the desktop's."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from metagui.gui.main_window import MainWindow
from metagui.gui.theme import THEMES, apply_theme, resolve_theme

CHOICES = ("system", *THEMES)


class ThemePresenter(QObject):
    """Applies a choice everywhere and follows the desktop while the choice is ``system``.

    ``choice`` is what the window was made with.
    """

    changed = Signal(object)
    """The theme that was put on."""

    def __init__(self, app: QApplication, window: MainWindow, choice: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._window = window
        self.choice = choice if choice in CHOICES else "system"
        for name in CHOICES:
            window.actions_[f"theme.{name}"].triggered.connect(self._take_choice)
        window.actions_["theme.toggle"].triggered.connect(self.toggle)
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        window.actions_[f"theme.{self.choice}"].setChecked(True)

    def choose(self, choice: str) -> None:
        """Put on a theme: ``system``, ``dark``, ``light`` or ``high-contrast``."""
        self.choice = choice
        theme = resolve_theme(choice)
        apply_theme(self._app, theme)
        self._window.set_theme(theme)
        self.changed.emit(theme)
        self._window.actions_[f"theme.{choice}"].setChecked(True)

    def toggle(self) -> None:
        """From dark to light and back."""
        self.choose("light" if resolve_theme(self.choice).is_dark else "dark")

    def _take_choice(self) -> None:
        for name in CHOICES:
            if self._window.actions_[f"theme.{name}"].isChecked():
                self.choose(name)
                return

    def _follow_system(self) -> None:
        if self.choice == "system":
            self.choose("system")
