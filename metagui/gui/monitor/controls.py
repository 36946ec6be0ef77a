"""The strip above the plots: smoothing, axes, outliers, and the way back to the automatic range."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from metagui.gui.monitor.curve import Style
from metagui.gui.monitor.slim_slider import SlimSlider
from metagui.gui.monitor.views import AXIS_TITLES, AxisChoice

_SPACING = 8
_TOP = 999  # of the slider; the weight there is 0.999
_DEFAULT_WEIGHT = 0.9


def weight_of(position: int) -> float:
    """Smoothing weight for a slider position 0..999: finer towards 1, where it matters."""
    return 0.0 if position <= 0 else 1.0 - 10.0 ** (-3.0 * min(position, _TOP) / _TOP)


def position_of(weight: float) -> int:
    """The slider position nearest to a weight."""
    return min(range(_TOP + 1), key=lambda position: abs(weight_of(position) - weight))


class SmoothingSlider(SlimSlider):
    """How strongly curves are smoothed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, _TOP)
        self.setSingleStep(20)
        self.setPageStep(100)
        self.setMinimumWidth(90)
        self.setMaximumWidth(170)
        self.setAccessibleName("Smoothing")


class MonitorControls(QWidget):
    """Emits ``changed`` when plots must be drawn differently, ``follow_requested`` for the automatic range."""

    changed = Signal()
    follow_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.smoothing = SmoothingSlider()
        self.smoothing.setValue(position_of(_DEFAULT_WEIGHT))
        self.smoothing.setToolTip("Weight of the past in the strong curves; the faint ones show every value")
        self._weight = QLabel()
        self._weight.setMinimumWidth(self._weight.fontMetrics().horizontalAdvance("0.9999"))
        self.axis = QComboBox()
        for choice, title in AXIS_TITLES.items():
            self.axis.addItem(title, choice)
        self.axis.setAccessibleName("Horizontal axis")
        self.axis.setToolTip("What runs along the horizontal axis")
        self.log = QCheckBox("Log")
        self.log.setToolTip("Decimal logarithm upwards; values that are not positive are left out and counted")
        self.robust = QCheckBox("Ignore outliers")
        self.robust.setToolTip("Fit the scale to 98 % of the points; those out of view are counted")
        self.follow = QPushButton()
        self.follow.setToolTip("Keep all points in view (F). Dragging or zooming a plot stops it.")
        caption = QLabel("Smoothing")
        caption.setProperty("role", "muted")
        along = QLabel("x axis")
        along.setProperty("role", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 4)
        layout.setSpacing(_SPACING)
        layout.addWidget(caption)
        layout.addWidget(self.smoothing)
        layout.addWidget(self._weight)
        layout.addSpacing(8)
        layout.addWidget(along)
        layout.addWidget(self.axis)
        layout.addSpacing(8)
        layout.addWidget(self.log)
        layout.addWidget(self.robust)
        layout.addStretch(1)
        layout.addWidget(self.follow)
        self.smoothing.valueChanged.connect(self._show_weight)
        self.smoothing.valueChanged.connect(self.changed)
        self.axis.currentIndexChanged.connect(self.changed)
        self.log.toggled.connect(self.changed)
        self.robust.toggled.connect(self.changed)
        self.follow.clicked.connect(self.follow_requested)
        self._captions = (caption, along)
        self._show_weight()
        self.show_following(True)

    def minimumSizeHint(self) -> QSize:
        """Without the captions: they give way where the window is narrow."""
        hint = super().minimumSizeHint()
        hint.setWidth(hint.width() - sum(_room_of(each) for each in self._captions if not each.isHidden()))
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = self.minimumSizeHint().width()
        # The slider's word is the last to go: a list names its own choice.
        for caption in self._captions:
            needed += _room_of(caption)
            caption.setVisible(self.width() >= needed)

    @property
    def style_chosen(self) -> Style:
        axis: AxisChoice = self.axis.currentData()
        return Style(axis=axis, weight=weight_of(self.smoothing.value()), log=self.log.isChecked())

    def show_following(self, following: bool) -> None:
        """Whether the range follows the data now: a quiet word while it does, the way back while it does not."""
        self.follow.setEnabled(not following)
        self.follow.setText("Auto-fit on" if following else "Resume auto-fit")
        self.follow.setProperty("kind", "quiet" if following else "primary")
        self.follow.style().unpolish(self.follow)
        self.follow.style().polish(self.follow)

    def _show_weight(self) -> None:
        weight = weight_of(self.smoothing.value())
        text = "off" if weight == 0 else f"{weight:.3f}" if weight > 0.985 else f"{weight:.2f}"
        self._weight.setText(text)
        self.smoothing.setAccessibleDescription(f"weight {text}")


def _room_of(caption: QLabel) -> int:
    """What a caption takes of the row: itself and the space beside it."""
    return caption.sizeHint().width() + _SPACING
