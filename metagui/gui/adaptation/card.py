"""One held-out task on the board: its title, what adaptation did to its loss, and its picture."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from metagui.events import Adaptation
from metagui.gui.adaptation.content import (
    Floats,
    Images,
    MalformedAdaptationError,
    Points,
    Regression,
    read,
)
from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.adaptation.images import ImagesPicture
from metagui.gui.adaptation.points import PointsPicture
from metagui.gui.adaptation.regression import RegressionPicture
from metagui.gui.monitor.ticks import reading
from metagui.gui.theme import DARK, Theme

Picture = RegressionPicture | PointsPicture | ImagesPicture

_ROOM_FOR_TITLE = 220
_ROOM_FOR_WORDS = 340  # pixels of card, below which the figures stand without their name


class AdaptationCard(QFrame):
    """Keeps one picture widget a kind and updates it in place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("adaptationCard")
        self._theme = DARK
        self._step = 0
        self.content: Regression | Points | Images | None = None
        self._pictures: dict[type, Picture] = {}
        self.title = ElidedLabel()
        self.change = QLabel()
        self.change.setTextFormat(Qt.TextFormat.RichText)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.problem.setProperty("role", "muted")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.problem)
        head = QHBoxLayout()
        head.setContentsMargins(2, 0, 4, 0)
        head.addWidget(self.title, 1)
        head.addWidget(self.change)
        self.change.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)
        self.set_theme(DARK)

    @property
    def picture(self) -> Picture | None:
        """The widget that shows the present task, None while there is only a message."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, RegressionPicture | PointsPicture | ImagesPicture) else None

    def show_adaptation(self, adaptation: Adaptation, step: int) -> None:
        """Show the task at ``step``; where the message is malformed, say so instead."""
        self.title.setText(adaptation.title or f"Task {adaptation.task + 1}")
        self._give_way()
        try:
            self.content = read(adaptation)
        except MalformedAdaptationError as error:
            self.content = None
            self.change.clear()
            self.problem.setText(f"This task cannot be shown.\n{error}")
            self.stack.setCurrentWidget(self.problem)
            return
        picture = self._picture_for(self.content)
        picture.show_content(self.content, min(step, self.content.steps))  # type: ignore[arg-type]
        if self.stack.currentWidget() is not picture:
            self.stack.setCurrentWidget(picture)
        self.show_step(step)

    def show_step(self, step: int) -> None:
        """Show another inner step; the last one where the task has fewer."""
        self._step = step
        if self.content is None or self.picture is None:
            return
        step = min(step, self.content.steps)
        self.picture.show_step(step)
        self.change.setText(self._change_text(step))
        self.setAccessibleName(self.title.text())
        self.setAccessibleDescription(_summary(self.content, step))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()
        self.show_step(self._step)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setStyleSheet(
            f"#adaptationCard {{ background: {theme.plot_background}; border: 1px solid {theme.line};"
            " border-radius: 8px; }"
        )
        self.title.setStyleSheet(f"color: {theme.text}; font-weight: 600;")
        for picture in self._pictures.values():
            picture.set_theme(theme)
        self.show_step(self._step)

    def _picture_for(self, content: Regression | Points | Images) -> Picture:
        if type(content) not in self._pictures:
            makers: dict[type, type[Picture]] = {
                Regression: RegressionPicture,
                Points: PointsPicture,
                Images: ImagesPicture,
            }
            picture = makers[type(content)]()
            picture.set_theme(self._theme)
            self._pictures[type(content)] = picture
            self.stack.addWidget(picture)
        return self._pictures[type(content)]

    def _give_way(self) -> None:
        """In a narrow card the title becomes the tip."""
        narrow = self.width() < _ROOM_FOR_TITLE
        self.title.setVisible(not narrow)
        self.setToolTip(self.title.text() if narrow else "")

    def _change_text(self, step: int) -> str:
        content, theme = self.content, self._theme
        assert content is not None
        if content.query_accuracy is not None:
            before, after = (f"{content.query_accuracy[index]:.0%}" for index in (0, step))
            better, worse, name = *_compared(content.query_accuracy, step), "accuracy"
        else:
            before, after = (reading(float(content.query_loss[index])) for index in (0, step))
            worse, better, name = *_compared(content.query_loss, step), "query loss"
        colour = theme.good if better else theme.bad if worse else theme.text
        arrow = "" if step == 0 else f" → <b style='color:{colour}'>{after}</b>"
        words = f"{name} " if self.width() >= _ROOM_FOR_WORDS else ""
        return f"<span style='color:{theme.muted}'>{words}{before}{arrow}</span>"


def _compared(values: Floats, step: int) -> tuple[bool, bool]:
    """Whether the value at ``step`` is larger, or smaller, than before adaptation."""
    return bool(values[step] > values[0]), bool(values[step] < values[0])


def _summary(content: Regression | Points | Images, step: int) -> str:
    text = (
        f"Query loss {reading(float(content.query_loss[0]))} before adaptation, "
        f"{reading(float(content.query_loss[step]))} after {step} of {content.steps} inner steps."
    )
    if content.query_accuracy is not None:
        text += f" Accuracy {content.query_accuracy[0]:.0%}, then {content.query_accuracy[step]:.0%}."
    return text
