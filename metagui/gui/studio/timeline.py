"""A run's networks in the order of training: choose one, or play through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.adaptation.scrubber import play_icon
from metagui.gui.theme import DARK, Theme, mixed

Kind = Literal["start", "snapshot", "checkpoint"]
_WORDS: dict[Kind, str] = {"start": "before training", "snapshot": "seen while training", "checkpoint": "checkpoint"}
_PLAY_MS = 450


@dataclass(frozen=True, slots=True)
class Moment:
    """A network of the run: its meta-step, and where it comes from."""

    step: int
    kind: Kind


class MomentSlider(QSlider):
    """A stop for every moment, placed by its meta-step; checkpoints are larger, for they outlive this window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = DARK
        self.moments: tuple[Moment, ...] = ()
        self.setPageStep(1)
        self.setMinimumSize(120, 22)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Network of the run on show")

    def sizeHint(self) -> QSize:
        return QSize(240, 22)

    def set_moments(self, moments: tuple[Moment, ...]) -> None:
        self.moments = moments
        self.setRange(0, max(len(moments) - 1, 0))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def position_of(self, place: int) -> float:
        """Pixels from the left."""
        first, last = self.moments[0].step, self.moments[-1].step
        share = (self.moments[place].step - first) / max(last - first, 1)
        return 9.0 + (self.width() - 18.0) * share

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.moments:
            return
        theme, middle = self._theme, self.height() / 2
        here = self.position_of(self.value())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(theme.panel, theme.text, 0.16)))
        painter.drawRoundedRect(QRectF(9, middle - 1, self.width() - 18, 2), 1, 1)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(QRectF(9, middle - 1, here - 9, 2), 1, 1)
        for place, moment in enumerate(self.moments):
            painter.setBrush(QColor(mixed(theme.panel, theme.text, 0.62 if moment.kind == "checkpoint" else 0.34)))
            centre = QPointF(self.position_of(place), middle)
            if moment.kind == "checkpoint":
                painter.drawRoundedRect(QRectF(centre.x() - 2.5, middle - 6, 5, 12), 1.5, 1.5)
            else:
                painter.drawEllipse(centre, 2.2, 2.2)
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.text), 1.8))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(here, middle), 6.0, 6.0)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.moments:
            self.setValue(self._nearest(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.moments:
            self.setValue(self._nearest(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _nearest(self, x: float) -> int:
        return min(range(len(self.moments)), key=lambda place: abs(self.position_of(place) - x))


class Timeline(QWidget):
    """Stays at the newest network while training goes on, unless an earlier one was chosen."""

    moment_chosen = Signal(int)
    """The place of the moment that is to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._trouble = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_PLAY_MS)
        self._timer.timeout.connect(self._advance)
        self.play = QToolButton()
        self.play.setCheckable(True)
        self.play.setAutoRaise(True)
        self.play.setToolTip("Play through the networks of this run, from before training to the newest")
        self.play.setAccessibleName("Play the training")
        self.play.toggled.connect(self._play_or_hold)
        self.name = QLabel("Network")
        self.name.setProperty("role", "muted")
        self.slider = MomentSlider()
        self.slider.valueChanged.connect(self._choose)
        self.caption = ElidedLabel()
        self.caption.setProperty("role", "muted")
        self.caption.setMinimumWidth(
            self.caption.fontMetrics().horizontalAdvance("meta-step 10,000 · before training ")
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.play)
        row.addWidget(self.name)
        row.addWidget(self.slider, 1)
        row.addWidget(self.caption)
        self.set_theme(DARK)
        self.set_moments((), keep=None)

    @property
    def following(self) -> bool:
        """Whether the newest network is on show, so that newer ones are as they come."""
        return self.slider.value() == self.slider.maximum()

    @property
    def place(self) -> int:
        return self.slider.value()

    def set_moments(self, moments: tuple[Moment, ...], keep: int | None) -> None:
        """The networks there are now; ``keep`` is the place of the one on show, None to go to the newest."""
        self.slider.blockSignals(True)
        self.slider.set_moments(moments)
        self.slider.setValue(self.slider.maximum() if keep is None else keep)
        self.slider.blockSignals(False)
        self._trouble = ""
        self._describe()
        self.setVisible(len(moments) > 1)
        self.slider.update()

    def say(self, trouble: str) -> None:
        """Why there is nothing to choose from."""
        self._trouble = trouble
        self._describe()
        self.setVisible(True)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.slider.set_theme(theme)
        self.play.setIcon(play_icon(theme, holding=not self.play.isChecked()))

    def _play_or_hold(self, playing: bool) -> None:
        self.play.setIcon(play_icon(self._theme, holding=not playing))
        if not playing:
            self._timer.stop()
            return
        if self.following:
            self.slider.setValue(0)
        self._timer.start()

    def _advance(self) -> None:
        self.slider.setValue(self.slider.value() + 1)
        if self.following:
            self.play.setChecked(False)

    def _choose(self, place: int) -> None:
        self._describe()
        self.moment_chosen.emit(place)

    def _describe(self) -> None:
        moments = self.slider.moments
        if self._trouble or not moments:
            self.caption.setText(self._trouble)
            return
        moment = moments[self.slider.value()]
        word = "newest" if self.following else _WORDS[moment.kind]
        text = f"meta-step {moment.step:,} · {word}"
        self.caption.setText(text)
        self.slider.setAccessibleDescription(text)
