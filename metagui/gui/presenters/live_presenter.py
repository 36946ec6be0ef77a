"""Carries what a person changes of the run in progress to the controller, and what holds back to the window."""

from __future__ import annotations

from PySide6.QtCore import QObject

from metagui.config import ExperimentConfig
from metagui.errors import InvalidValueError
from metagui.events import RunEvent, SettingChanged
from metagui.gui.monitor.live import LiveSettings
from metagui.session.controller import ExperimentController


class LivePresenter(QObject):
    """Between the controller and the strip of live settings."""

    def __init__(self, controller: ExperimentController, strip: LiveSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._strip = strip
        strip.changed.connect(self._change)
        controller.run_started.connect(self._begin)
        controller.event.connect(self._take)
        controller.state_changed.connect(self._show_state)
        controller.ended.connect(strip.end)

    def _begin(self, _run_id: str, config: ExperimentConfig) -> None:
        self._strip.begin(config)

    def _change(self, path: str, value: object) -> None:
        try:
            if not isinstance(value, float):
                raise InvalidValueError(path, "write a number such as 0.5")
            self._controller.change(path, value)
        except InvalidValueError as error:
            self._strip.show_problem(path, error.message)
        else:
            self._strip.show_pending(path, value, held=self._controller.state == "paused")

    def _take(self, _run_id: str, event: RunEvent) -> None:
        if isinstance(event, SettingChanged) and isinstance(event.value, int | float):
            self._strip.show_value(event.path, float(event.value), event.step)

    def _show_state(self, state: str) -> None:
        self._strip.setEnabled(state != "stopping")
