"""The Keep menu: a task into a file or the clipboard and back, its picture or its animation into a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPoint, QPointF, QRect
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from metagui.errors import DataError, MetaguiError
from metagui.gui.studio.own.animation import steps_shown, write_gif
from metagui.gui.studio.own.background import Background
from metagui.gui.studio.own.keeping import LARGEST, read_task, written
from metagui.gui.studio.own.panel import OwnTaskPanel

_WIDEST = 900
"""Pixels of an animation: larger ones are slow to send and to look at."""


class Keeper(QObject):
    """Fills the panel's menu; what went wrong is told on the panel."""

    def __init__(self, panel: OwnTaskPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self.background = Background(self)
        menu = panel.commands.keep_menu
        menu.addAction("Save task…", self._ask_where_to_save)
        menu.addAction("Open task…", self._ask_what_to_open)
        menu.addSeparator()
        menu.addAction("Copy task as JSON", self.copy)
        menu.addAction("Paste task", self.paste)
        menu.addSeparator()
        menu.addAction("Export picture…", self._ask_for_picture)
        menu.addAction("Export animation…", self._ask_for_animation)

    def save(self, path: Path) -> None:
        if self._panel.sketch is not None:
            self._write(path, written(self._panel.sketch))

    def open(self, path: Path) -> None:
        """A file that was saved here; one of another kind of task waits for a network of that kind."""
        try:
            if path.stat().st_size > LARGEST:
                raise DataError(f"{path.name} is too large for a task: at most {LARGEST:,} bytes are read.")
            self._take(path.read_bytes())
        except OSError as error:
            self._panel.show_message(f"{path.name} cannot be read: {error.strerror or error}.")
        except DataError as error:
            self._panel.show_message(str(error))

    def copy(self) -> None:
        if self._panel.sketch is not None:
            QGuiApplication.clipboard().setText(written(self._panel.sketch).decode())
            self._panel.headline.set_news("The task is in the clipboard.")

    def paste(self) -> None:
        try:
            self._take(QGuiApplication.clipboard().text().encode(errors="replace"))
        except DataError as error:
            self._panel.show_message(str(error))

    def export_picture(self, path: Path) -> None:
        """As it is on show: lines as lines in an .svg, else pixels."""
        stage = self._panel.frame
        if path.suffix.lower() == ".svg":
            good = _draw_svg(stage, path)
        else:
            good = stage.grab().save(str(path), "PNG")
        if good:
            self._panel.headline.set_news(f"Saved as {path.name}.")
        else:
            self._panel.show_message(f"{path.name} cannot be written: choose another folder.")

    def export_animation(self, path: Path) -> None:
        """From before adaptation to its end. The file is written while the window goes on."""
        slider = self._panel.scrubber.slider
        before, frames = slider.value(), []
        for step in steps_shown(slider.maximum()):
            slider.setValue(step)
            frames.append(self._frame(step, slider.maximum()))
        slider.setValue(before)
        self._panel.headline.set_news("Writing the animation…")
        self.background.run(partial(write_gif, frames, path), self._told)

    def _told(self, result: Path | MetaguiError) -> None:
        if isinstance(result, MetaguiError):
            self._panel.show_message(f"{result}.")
        else:
            self._panel.headline.set_news(f"Saved as {result.name}.")

    def _frame(self, step: int, steps: int) -> npt.NDArray[np.uint8]:
        """[H, W, 3], with the step in its corner."""
        image = self._panel.frame.grab().toImage()
        if image.width() > _WIDEST:
            image = image.scaledToWidth(_WIDEST)
        image = image.convertToFormat(QImage.Format.Format_RGB888)
        painter = QPainter(image)
        painter.setPen(QColor(self._panel.theme.text))
        painter.drawText(
            QPointF(14, image.height() - 12), "before adaptation" if not step else f"step {step} of {steps}"
        )
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()

    def _take(self, data: bytes) -> None:
        self._panel.take_sketch(read_task(data))

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.write_bytes(data)
        except OSError as error:
            self._panel.show_message(f"{path.name} cannot be written: {error.strerror or error}.")
        else:
            self._panel.headline.set_news(f"Saved as {path.name}.")

    def _ask_where_to_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self._panel, "Save task", "my-task.json", "Tasks (*.json)")
        if name:
            self.save(_with_ending(name, ".json"))

    def _ask_what_to_open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._panel, "Open task", "", "Tasks (*.json)")
        if name:
            self.open(Path(name))

    def _ask_for_picture(self) -> None:
        kinds = "Picture (*.png);;Drawing (*.svg)"
        name, kind = QFileDialog.getSaveFileName(self._panel, "Export picture", "my-task.png", kinds)
        if name:
            self.export_picture(_with_ending(name, ".svg" if "svg" in kind else ".png"))

    def _ask_for_animation(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self._panel, "Export animation", "my-task.gif", "Animation (*.gif)")
        if name:
            self.export_animation(_with_ending(name, ".gif"))


def _draw_svg(stage: QWidget, path: Path) -> bool:
    """Whether it could be written."""
    if not path.parent.is_dir():
        return False
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(stage.size())
    generator.setViewBox(QRect(0, 0, stage.width(), stage.height()))
    generator.setTitle("A task of one's own")
    painter = QPainter()
    if not painter.begin(generator):
        return False
    try:
        stage.render(painter, QPoint())
    finally:
        painter.end()
    return True


def _with_ending(name: str, ending: str) -> Path:
    path = Path(name)
    return path if path.suffix else path.with_suffix(ending)
