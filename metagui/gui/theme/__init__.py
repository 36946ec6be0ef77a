"""Colours, palette, style sheet and icons of the window."""

from metagui.gui.theme.icons import app_icon, icon
from metagui.gui.theme.style import apply_theme, mixed, resolve_theme, system_theme
from metagui.gui.theme.themes import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme

__all__ = [
    "DARK",
    "HIGH_CONTRAST",
    "LIGHT",
    "THEMES",
    "Theme",
    "app_icon",
    "apply_theme",
    "icon",
    "mixed",
    "resolve_theme",
    "system_theme",
]
