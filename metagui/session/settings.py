"""What the window remembers between two starts: ``window.ini`` in the data folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

FILE_NAME = "window.ini"


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """``experiment`` is the JSON form of a configuration, or empty; ``geometry`` and ``layout`` are Qt's own bytes.

    ``resume`` is the id of a run that closing the window interrupted and that the next start offers to resume.
    ``welcome`` says whether the next start shows the welcome page.
    """

    experiment: dict[str, Any] = field(default_factory=dict)
    theme: str = "system"
    geometry: bytes = b""
    layout: bytes = b""
    resume: str = ""
    welcome: bool = True


def settings_path(data_dir: Path) -> Path:
    return data_dir / FILE_NAME


def load_settings(data_dir: Path) -> tuple[WindowSettings, str]:
    """The settings and a notice, empty where all went well. What cannot be read falls back to the default."""
    path = settings_path(data_dir)
    if not path.exists():
        return WindowSettings(), ""
    try:
        path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return WindowSettings(), f"The window's settings in {path} cannot be read ({error}); defaults are used."
    stored = QSettings(str(path), QSettings.Format.IniFormat)
    if stored.status() is not QSettings.Status.NoError:
        return WindowSettings(), f"The window's settings in {path} cannot be understood; defaults are used."
    experiment, sound = _experiment(stored.value("experiment", "{}"))
    settings = WindowSettings(
        experiment=experiment,
        theme=_text(stored.value("theme"), "system"),
        geometry=_bytes(stored.value("geometry")),
        layout=_bytes(stored.value("layout")),
        resume=_text(stored.value("resume"), ""),
        welcome=_text(stored.value("welcome"), "yes") != "no",
    )
    return settings, "" if sound else f"The last experiment in {path} cannot be read; the default is used."


def save_settings(data_dir: Path, settings: WindowSettings) -> str:
    """Write all; a sentence on what went wrong, else empty. Settings are no reason to fail."""
    path = settings_path(data_dir)
    stored = QSettings(str(path), QSettings.Format.IniFormat)
    stored.setValue("experiment", json.dumps(settings.experiment))
    stored.setValue("theme", settings.theme)
    stored.setValue("geometry", QByteArray(settings.geometry))
    stored.setValue("layout", QByteArray(settings.layout))
    stored.setValue("resume", settings.resume)
    stored.setValue("welcome", "yes" if settings.welcome else "no")
    stored.sync()
    if stored.status() is not QSettings.Status.NoError:
        return f"The window's settings could not be written to {path}."
    return ""


def _experiment(value: object) -> tuple[dict[str, Any], bool]:
    try:
        content = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        content = None
    return (content, True) if isinstance(content, dict) else ({}, False)


def _text(value: object, default: str) -> str:
    return value if isinstance(value, str) else default


def _bytes(value: object) -> bytes:
    return bytes(value.data()) if isinstance(value, QByteArray) else b""
