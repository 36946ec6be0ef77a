"""A number on a slider with its symbol, its value and a way back."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from metagui.gui.monitor.slim_slider import SlimSlider

_STOPS = 400


class NumberSlider(QWidget):
    """``changed(value, done)`` while it is dragged and when it is let go. Logarithmic ones have a positive ``low``."""

    changed = Signal(float, bool)

    def __init__(
        self,
        title: str,
        symbol: str,
        low: float,
        high: float,
        *,
        logarithmic: bool = False,
        whole: bool = False,
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._logarithmic = logarithmic
        self._whole = whole
        self._low, self._high = low, high
        self._home: float | None = None
        self.value = low
        self.name = QLabel(f"{title} <i>{symbol}</i>" if symbol else title)
        self.reading = QLabel()
        self.reading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = QToolButton()
        self.back.setText("↺")
        self.back.setProperty("kind", "quiet")
        self.back.setStyleSheet("padding: 0px 4px;")
        self.back.setAccessibleName(f"{title}: back to the network's own")
        self.back.setToolTip("Back to the network's own")
        self.back.clicked.connect(self.go_home)
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(policy)
        self.back.hide()
        self.slider = SlimSlider()
        self.slider.setAccessibleName(title)
        self.slider.setToolTip(tip)
        self.slider.setRange(0, int(high - low) if whole else _STOPS)
        self.slider.setPageStep(max(1, self.slider.maximum() // 10))
        self.slider.valueChanged.connect(self._move)
        self.slider.sliderReleased.connect(lambda: self.changed.emit(self.value, True))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(4)
        layout.setVerticalSpacing(0)
        layout.addWidget(self.name, 0, 0)
        layout.addWidget(self.reading, 0, 1)
        layout.addWidget(self.back, 0, 2)
        layout.addWidget(self.slider, 1, 0, 1, 3)
        layout.setColumnStretch(0, 1)
        self._tell()

    def set_range(self, low: float, high: float) -> None:
        self._low, self._high = low, high
        self.set_value(self.value)

    def set_value(self, value: float) -> None:
        """Without telling anybody."""
        self.value = value
        self.slider.blockSignals(True)
        self.slider.setValue(self._stop_of(value))
        self.slider.blockSignals(False)
        self._tell()

    def set_home(self, value: float) -> None:
        """The network's own value, which it now has."""
        self._home = value
        self.set_value(value)

    def go_home(self) -> None:
        if self._home is not None:
            self.set_value(self._home)
            self.changed.emit(self.value, True)

    @property
    def away(self) -> float | None:
        """The value where it is another than the network's own."""
        return None if self._home is None or self.value == self._home else self.value

    def _stop_of(self, value: float) -> int:
        if self._whole:
            return round(value - self._low)
        if self._logarithmic:
            value = max(value, self._low)
            return round(_STOPS * math.log(value / self._low) / math.log(self._high / self._low))
        return round(_STOPS * (value - self._low) / (self._high - self._low))

    def _move(self, stop: int) -> None:
        share = stop / max(self.slider.maximum(), 1)
        if self._whole:
            self.value = self._low + stop
        elif self._logarithmic:
            self.value = self._low * (self._high / self._low) ** share
        else:
            self.value = self._low + (self._high - self._low) * share
        self._tell()
        self.changed.emit(self.value, not self.slider.isSliderDown())

    def _tell(self) -> None:
        text = f"{self.value:.0f}" if self._whole else f"{self.value:.3g}"
        self.reading.setText(text)
        self.slider.setAccessibleDescription(text)
        self.back.setVisible(self.away is not None)
