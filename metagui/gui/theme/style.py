"""Puts a theme on the application: Fusion, an own palette and a small style sheet.

Qt's own colour schemes are not used: they do nothing on the offscreen platform and on bare X11.
"""

from __future__ import annotations

from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from metagui.gui.theme.themes import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme
from metagui.resources import resource


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Every widget, present and future, takes the theme's colours. Safe to call again with another theme."""
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(palette_of(theme))
    app.setStyleSheet(style_sheet(theme))


def resolve_theme(choice: str) -> Theme:
    """The theme for ``dark``, ``light``, ``high-contrast`` or ``system`` (what the desktop prefers)."""
    return THEMES.get(choice) or system_theme()


def system_theme() -> Theme:
    """What the desktop prefers; dark where it does not say."""
    hints = QGuiApplication.styleHints()
    accessibility = getattr(hints, "accessibility", None)  # Qt >= 6.10
    if accessibility is not None and accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return HIGH_CONTRAST
    return LIGHT if hints.colorScheme() == Qt.ColorScheme.Light else DARK


def palette_of(theme: Theme) -> QPalette:
    """The theme as Qt's colour roles."""
    palette = QPalette()
    role = QPalette.ColorRole
    for colour_role, colour in {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.Button: theme.field,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.ToolTipBase: theme.field,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.accent_text,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: mixed(theme.field, theme.text, 0.12),
        role.Midlight: mixed(theme.field, theme.text, 0.06),
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Shadow: "#000000",
    }.items():
        palette.setColor(colour_role, QColor(colour))
    faded = QColor(mixed(theme.window, theme.text, 0.42))
    for colour_role in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, colour_role, faded)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return palette


def mixed(colour: str, other: str, share: float) -> str:
    """``colour`` with a share (0..1) of ``other``, as #rrggbb."""
    a, b = QColor(colour), QColor(other)
    parts = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in parts)


def style_sheet(theme: Theme) -> str:
    """The few rules a palette cannot express."""
    icons = resource("icons")
    return Template(_RULES).substitute(
        window=theme.window,
        panel=theme.panel,
        field=theme.field,
        line=theme.line,
        text=theme.text,
        muted=theme.muted,
        accent=theme.accent,
        accent_text=theme.accent_text,
        good=theme.good,
        warning=theme.warning,
        bad=theme.bad,
        hover=mixed(theme.field, theme.text, 0.08),
        pressed=mixed(theme.field, theme.text, 0.15),
        ghost=mixed(theme.window, theme.text, 0.08),
        ghost_pressed=mixed(theme.window, theme.text, 0.15),
        edge=mixed(theme.line, theme.text, 0.18),
        handle=mixed(theme.window, theme.text, 0.22),
        handle_hover=mixed(theme.window, theme.text, 0.36),
        selected=mixed(theme.panel, theme.accent, 0.22),
        row_hover=mixed(theme.panel, theme.text, 0.05),
        accent_hover=mixed(theme.accent, theme.text, 0.16),
        disabled=mixed(theme.window, theme.text, 0.42),
        dock_close=(icons / "dock-close.svg").as_posix(),
        dock_float=(icons / "dock-float.svg").as_posix(),
        chevron_down=(icons / "chevron-down.svg").as_posix(),
        chevron_up=(icons / "chevron-up.svg").as_posix(),
        tick=(
            icons / ("tick-on-light.svg" if QColor(theme.accent).lightness() < 120 else "tick-on-dark.svg")
        ).as_posix(),
    )


_RULES = """
QToolTip { background: $field; color: $text; border: 1px solid $edge; padding: 6px 8px; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QToolBar { background: $window; border: none; border-bottom: 1px solid $line; padding: 5px 8px; spacing: 4px; }
QToolBar::separator { background: $line; width: 1px; margin: 6px 6px; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 5px 8px; color: $text; }
QToolButton:hover { background: $ghost; }
QToolButton:pressed, QToolButton:checked { background: $ghost_pressed; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $disabled; }
QToolButton[popupMode="1"], QToolButton[popupMode="2"] { padding-right: 20px; }
QToolButton::menu-button { border: none; width: 16px; border-radius: 6px; }
QToolButton::menu-button:hover { background: $ghost_pressed; }
QToolButton::menu-arrow, QToolButton::menu-indicator { image: url("$chevron_down"); width: 10px; height: 10px; }
QToolButton::menu-indicator { subcontrol-origin: padding; subcontrol-position: center right; right: 5px; }
QToolButton[kind="primary"] { background: $accent; color: $accent_text; font-weight: 600; padding: 5px 12px; }
QToolButton[kind="primary"]:hover { background: $accent_hover; }
QToolButton[kind="primary"]:focus { border-color: $text; }
QToolButton[kind="primary"]:disabled { background: $field; color: $disabled; }
QStatusBar { background: $window; border-top: 1px solid $line; color: $muted; }
QStatusBar::item { border: none; }
QDockWidget { color: $muted; font-weight: 600; titlebar-close-icon: url("$dock_close");
  titlebar-normal-icon: url("$dock_float"); }
QDockWidget::close-button, QDockWidget::float-button { border: none; border-radius: 4px; padding: 1px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $ghost_pressed; }
QDockWidget::title { background: $window; padding: 8px 12px; border-bottom: 1px solid $line; text-align: left; }
QMenuBar { background: $window; padding: 2px 6px; }
QMenuBar::item { padding: 4px 10px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $ghost_pressed; }
QMenu { background: $panel; border: 1px solid $edge; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 12px; border-radius: 5px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QTabWidget::pane { border: none; }
QTabBar { background: $window; border-bottom: 1px solid $line; }
QTabBar::tab { padding: 9px 16px; color: $muted; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; font-weight: 600; }
QTabBar::tab:focus { color: $accent; }
QPushButton { background: $field; border: 1px solid $edge; border-radius: 6px; padding: 6px 14px; color: $text; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border-color: $accent; }
QPushButton:checked { background: $selected; border-color: $accent; }
QPushButton:disabled { color: $disabled; border-color: $line; background: $window; }
QPushButton[kind="primary"] { background: $accent; color: $accent_text; border-color: $accent; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 5px 13px; }
QPushButton[kind="primary"]:disabled { background: $field; color: $disabled; border-color: $line; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { background: transparent; border-color: transparent; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: $ghost_pressed; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border-color: $accent; }
QPushButton[kind="link"] { background: transparent; border: 1px solid transparent; color: $accent; padding: 3px 4px;
  text-align: left; }
QPushButton[kind="link"]:hover { color: $text; }
QPushButton[kind="link"]:focus { border-color: $accent; }
QLineEdit, QAbstractSpinBox, QComboBox { background: $field; border: 1px solid $line; border-radius: 6px;
  padding: 3px 8px; min-height: 19px; color: $text; selection-background-color: $accent;
  selection-color: $accent_text; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $edge; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus { border-color: $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $disabled; background: $window; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QComboBox[invalid="true"] { border-color: $bad; }
QAbstractSpinBox { padding-right: 2px; }
QAbstractSpinBox QLineEdit { border: none; padding: 0; min-height: 0; background: transparent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 18px; border: none;
  background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; border-radius: 4px; }
QAbstractSpinBox::up-arrow { image: url("$chevron_up"); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url("$chevron_down"); width: 9px; height: 9px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$chevron_down"); width: 10px; height: 10px; }
QComboBox QLineEdit { border: none; padding: 0; min-height: 0; background: transparent; }
QComboBoxPrivateContainer { background: $panel; border: none; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $edge; padding: 4px; outline: none;
  selection-background-color: $selected; selection-color: $text; }
QCheckBox { spacing: 8px; padding: 3px 2px; }
QCheckBox::indicator { width: 16px; height: 16px; border: 1px solid $edge; border-radius: 4px; background: $field; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox:focus { color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$tick"); }
QProgressBar { background: $ghost_pressed; border: none; border-radius: 3px; min-height: 6px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QHeaderView { background: $window; }
QHeaderView::section { background: $window; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 8px 3px 7px 8px; font-weight: 500; }
QHeaderView::up-arrow, QHeaderView::down-arrow { subcontrol-origin: border; subcontrol-position: top center;
  width: 8px; height: 8px; top: 1px; }
QHeaderView::up-arrow { image: url("$chevron_up"); }
QHeaderView::down-arrow { image: url("$chevron_down"); }
QTableView, QTreeView, QListView { background: $panel; border: none; outline: none; gridline-color: transparent;
  selection-background-color: $selected; selection-color: $text; alternate-background-color: $panel; }
QTableView::item { padding: 4px 2px 4px 5px; border: none; }
QTableView::item:hover { background: $row_hover; }
QTableView::item:selected { background: $selected; color: $text; }
QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { width: 11px; background: transparent; margin: 0; }
QScrollBar:horizontal { height: 11px; background: transparent; margin: 0; }
QScrollBar::handle { background: $handle; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $handle_hover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="error"] { color: $bad; }
QLabel[role="good"] { color: $good; }
QLabel[role="warning"] { color: $warning; }
QFrame[role="rule"] { background: $line; border: none; }
QPushButton[kind="problem"] { background: transparent; border: none; border-top: 1px solid $line; border-radius: 0;
  color: $bad; font-weight: 600; padding: 8px 14px; text-align: left; }
QPushButton[kind="problem"]:hover, QPushButton[kind="problem"]:focus { background: $ghost; }
QSplitter::handle { background: $line; }
"""
