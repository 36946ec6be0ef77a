"""Pictures from outside: what was dropped or pasted, as something that can be prepared off the window's thread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QImage

from metagui.errors import DataError

_LARGEST_SIDE = 1024
"""A picture from the clipboard is shrunk to this first: it is in memory already, and need not be there twice."""

Brought = Path | npt.NDArray[np.uint8]


def is_offered(data: QMimeData) -> bool:
    """Whether there may be a picture in it; what is in a file is known when it is read."""
    return data.hasImage() or any(url.isLocalFile() for url in data.urls())


def brought(data: QMimeData) -> list[Brought]:
    """Files by their path, pictures by their pixels; raises DataError where there is neither."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path.name} is no file: drop pictures, not folders")
    if paths:
        return list(paths)
    image = data.imageData() if data.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        return [pixels_of(image)]
    raise DataError("what came is no picture: copy or drop a picture, or a file that holds one")


def pixels_of(image: QImage) -> npt.NDArray[np.uint8]:
    """uint8 [H, W, 4], no side longer than a thousand pixels or so."""
    if max(image.width(), image.height()) > _LARGEST_SIDE:
        image = image.scaled(
            _LARGEST_SIDE,
            _LARGEST_SIDE,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()
