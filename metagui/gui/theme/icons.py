"""The icons of the window: one-colour drawings in ``resources/icons``, painted in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from metagui.gui.theme.style import mixed
from metagui.gui.theme.themes import Theme
from metagui.resources import resource

_SIZES = (16, 24, 32, 48)
_APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str, theme: Theme, colour: str = "") -> QIcon:
    """The icon ``name`` in ``colour`` (default: the text colour), faded where disabled, sharp at every scale.

    Raises FileNotFoundError for a name that has no drawing.
    """
    drawing = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    result = QIcon()
    normal = colour or theme.text
    faded = mixed(theme.window, theme.text, 0.34)
    for mode, paint in ((QIcon.Mode.Normal, normal), (QIcon.Mode.Disabled, faded)):
        renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", paint).encode()))
        for size in _SIZES:
            result.addPixmap(_rendered(renderer, size), mode)
    return result


def app_icon() -> QIcon:
    """The application's own icon."""
    renderer = QSvgRenderer(QByteArray(resource("icons", "metagui.svg").read_bytes()))
    result = QIcon()
    for size in _APP_SIZES:
        result.addPixmap(_rendered(renderer, size))
    return result


def _rendered(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
