"""Chooses the inner step that all cards show, and plays from before adaptation to its end."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QIcon,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from metagui.gui.theme import DARK, Theme, mixed

_PLAY_SECONDS = 2.4
_MOST_DOTS = 64


class StepSlider(QSlider):
    """A slider whose stops carry the colours of the inner steps, so that it is the legend as well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = DARK
        self._mark: int | None = None
        self.setRange(0, 0)
        self.setPageStep(1)
        self.setMinimumSize(84, 26)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, 26)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_mark(self, step: int | None) -> None:
        """Mark the step at which training stops; None for no mark."""
        self._mark = step
        self.setToolTip("" if step is None else f"The mark: {step} steps, as many as in training")
        self.update()

    def position_of(self, step: int) -> float:
        """Where a step's stop is, in pixels from the left."""
        margin = 11.0
        return margin + (self.width() - 2 * margin) * (step / self.maximum() if self.maximum() else 0.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, middle, steps = self._theme, self.height() / 2, self.maximum()
        colours = theme.sequence(steps + 1)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        left, right, here = self.position_of(0), self.position_of(steps), self.position_of(self.value())
        painter.setBrush(QColor(mixed(theme.panel, theme.text, 0.16)))
        painter.drawRoundedRect(QRectF(left, middle - 1.5, right - left, 3), 1.5, 1.5)
        shades = QLinearGradient(left, 0, max(right, left + 1), 0)
        for index, colour in enumerate(theme.sequence(9)):
            shades.setColorAt(index / 8, QColor(colour))
        painter.setBrush(shades)
        painter.drawRoundedRect(QRectF(left, middle - 1.5, here - left, 3), 1.5, 1.5)
        if steps <= _MOST_DOTS:
            for step in range(steps + 1):
                reached = step <= self.value()
                painter.setBrush(QColor(colours[step] if reached else mixed(theme.panel, theme.text, 0.3)))
                painter.drawEllipse(QPointF(self.position_of(step), middle), 3.4, 3.4)
        if self._mark is not None and self._mark <= steps:
            painter.setBrush(QColor(theme.muted))
            painter.drawRoundedRect(QRectF(self.position_of(self._mark) - 1, middle - 10, 2, 20), 1, 1)
        edge = QColor(theme.accent if self.hasFocus() else theme.text)
        painter.setPen(QPen(edge if self.isEnabled() else QColor(theme.muted), 2.0))
        painter.setBrush(QColor(colours[self.value()]))
        painter.drawEllipse(QPointF(here, middle), 7.0, 7.0)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setValue(self._step_at(event.position().x()))
            self.setSliderDown(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.setValue(self._step_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def _step_at(self, x: float) -> int:
        left, right = self.position_of(0), self.position_of(self.maximum())
        return round((x - left) / max(right - left, 1.0) * self.maximum())


class Scrubber(QWidget):
    """Play button, slider and caption. Stays at the last step while live updates come, unless another was chosen."""

    step_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = QTimer(self)
        self._playing.timeout.connect(self._advance)
        self.play = QToolButton()
        self.play.setCheckable(True)
        self.play.setAutoRaise(True)
        self.play.setToolTip("Play the adaptation, step by step")
        self.play.setAccessibleName("Play the adaptation")
        self.play.toggled.connect(self._play_or_hold)
        self.slider = StepSlider()
        self.slider.setAccessibleName("Inner step shown")
        self.slider.valueChanged.connect(self._value_changed)
        self.caption = QLabel()
        self.caption.setMinimumWidth(self.caption.fontMetrics().horizontalAdvance("after step 100 of 100 "))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.play)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.caption)
        self._describe()
        self.set_theme(DARK)

    @property
    def step(self) -> int:
        return self.slider.value()

    def set_steps(self, steps: int) -> None:
        """The tasks now have ``steps`` inner steps; the choice stays, or stays the last."""
        was_last = self.slider.value() == self.slider.maximum()
        self.slider.blockSignals(True)
        changed = steps != self.slider.maximum()
        self.slider.setRange(0, steps)
        if was_last and changed and not self._playing.isActive():
            self.slider.setValue(steps)
        self.slider.blockSignals(False)
        self._describe()
        self.slider.update()

    def set_theme(self, theme: Theme) -> None:
        self.slider.set_theme(theme)
        self.play.setIcon(play_icon(theme, holding=not self.play.isChecked()))
        self._theme = theme

    def _play_or_hold(self, playing: bool) -> None:
        self.play.setIcon(play_icon(self._theme, holding=not playing))
        if not playing:
            self._playing.stop()
            return
        if self.slider.value() == self.slider.maximum():
            self.slider.setValue(0)
        interval = _PLAY_SECONDS * 1000 / max(self.slider.maximum(), 1)
        self._playing.start(round(min(450, max(40, interval))))

    def _advance(self) -> None:
        stride = max(1, round(self.slider.maximum() * 0.040 / _PLAY_SECONDS))
        self.slider.setValue(self.slider.value() + stride)
        if self.slider.value() == self.slider.maximum():
            self.play.setChecked(False)

    def _value_changed(self, step: int) -> None:
        self._describe()
        self.step_changed.emit(step)

    def _describe(self) -> None:
        step, steps = self.slider.value(), self.slider.maximum()
        text = "before adaptation" if step == 0 else f"after step {step} of {steps}"
        self.caption.setText(text)
        self.slider.setAccessibleDescription(text)


def play_icon(theme: Theme, holding: bool) -> QIcon:
    """A triangle while holding, two bars while playing."""
    pixmap = QPixmap(32, 32)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    if holding:
        painter.drawPolygon(QPolygonF([QPointF(4, 2), QPointF(14, 8), QPointF(4, 14)]))
    else:
        painter.drawRoundedRect(QRectF(3, 2, 3.6, 12), 1, 1)
        painter.drawRoundedRect(QRectF(9.4, 2, 3.6, 12), 1, 1)
    painter.end()
    return QIcon(pixmap)
