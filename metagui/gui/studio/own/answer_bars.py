"""What a query is taken for: a sentence, and a bar a class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from metagui.gui.adaptation.points import class_colours
from metagui.gui.studio.own.judging import SURE_FROM, Verdict
from metagui.gui.theme import DARK, Theme, mixed

_HEAD, _BAR, _LEAST_BAR = 19, 13, 11
_NUMBER, _SHARE = 18, 34


class AnswerBars(QWidget):
    """Where there is no room for all classes, the likeliest ones are shown."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self.verdict: Verdict | None = None
        self._waiting = "Draw something here"
        self.setAccessibleName(name)
        self.setToolTip(f"“Not sure” where the likeliest class gets less than {SURE_FROM:.0%}")

    def sizeHint(self) -> QSize:
        return QSize(190, _HEAD + 5 * _BAR)

    def show_verdict(self, verdict: Verdict | None, waiting: str = "") -> None:
        """``waiting`` says why there is none."""
        self.verdict = verdict
        self._waiting = waiting
        self.setAccessibleDescription(waiting if verdict is None else verdict.words)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        verdict, theme = self.verdict, self._theme
        font = QFont(self.font())
        head = QRectF(0, 0, self.width(), _HEAD - 2)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if verdict is None:
            painter.setPen(QColor(theme.muted))
            top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(0, 0, self.width(), self.height()), top, self._waiting)
            painter.end()
            return
        colours = class_colours(theme, len(verdict.probabilities))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(colours[verdict.label] if verdict.sure else theme.warning))
        painter.drawText(head, left, verdict.words)
        font.setBold(False)
        font.setPixelSize(11)
        painter.setFont(font)
        for row, label in enumerate(self._shown(verdict)):
            top = _HEAD + row * self._pitch(verdict)
            self._paint_bar(painter, top, label, float(verdict.probabilities[label]), colours[label])
        painter.end()

    def _shown(self, verdict: Verdict) -> list[int]:
        room = max(1, int((self.height() - _HEAD) // self._pitch(verdict)))
        return sorted(np.argsort(-verdict.probabilities, kind="stable")[:room].tolist())

    def _pitch(self, verdict: Verdict) -> int:
        """Height of a bar with its room: closer together where that makes room for all."""
        return max(_LEAST_BAR, min(_BAR, (self.height() - _HEAD) // len(verdict.probabilities)))

    def _paint_bar(self, painter: QPainter, top: int, label: int, share: float, colour: str) -> None:
        theme = self._theme
        whole = QRectF(_NUMBER, top + 2.5, max(self.width() - _NUMBER - _SHARE, 10), _BAR - 5)
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRectF(0, top, _NUMBER - 5, _BAR), Qt.AlignmentFlag.AlignCenter, str(label + 1))
        painter.drawText(
            QRectF(self.width() - _SHARE, top, _SHARE, _BAR),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            f"{share:.0%}",
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(theme.plot_background, theme.text, 0.08)))
        painter.drawRoundedRect(whole, 2, 2)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(QRectF(whole.left(), whole.top(), whole.width() * share, whole.height()), 2, 2)
