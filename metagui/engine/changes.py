"""Settings changed while a run goes on: applied between meta-steps, told, and recorded as series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from metagui.config.changes import changeable_paths, value_at, with_change, with_changes_of
from metagui.config.experiment import ExperimentConfig
from metagui.control import Control
from metagui.engine.learner import MetaLearner
from metagui.errors import InvalidValueError
from metagui.events import LogLine, RunEvent, SettingChanged


class LiveSettings:
    """The changeable settings of a learner in training."""

    def __init__(self, learner: MetaLearner, control: Control, emit: Callable[[RunEvent], None]) -> None:
        self._learner = learner
        self._control = control
        self._emit = emit
        self._started_with = learner.config
        self._restored: list[str] = []
        self._series: dict[str, Tensor] = {}
        self._note()

    @property
    def series(self) -> dict[str, Tensor]:
        """Their values by their names, 0-d, for every meta-step's record."""
        return self._series

    def apply(self) -> bool:
        """Take over what was asked for since the last time; whether anything changed.

        What breaks a rule is refused with a sentence, and the run goes on as it was.
        """
        changed = False
        for change in self._control.changes():
            try:
                config = with_change(self._learner.config, change.path, change.value)
            except InvalidValueError as error:
                self._emit(LogLine(level="warning", message=f"Nothing was changed: {error}"))
                continue
            before = self._learner.config
            self._adopt(config)
            event = self._event(change.path, before)
            self._emit(event)
            message = (
                f"After meta-step {event.step:,}: {event.path} changed from {_text(event.before)} to "
                f"{_text(event.value)}."
            )
            if event.value != event.before:
                self._emit(LogLine(level="info", message=message))
                changed = True
        return changed

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on with the values of a checkpoint's configuration, which may have been changed after the start."""
        before, config = self._started_with, with_changes_of(self._started_with, saved)
        self._restored = [path for path in changeable_paths(config) if value_at(config, path) != value_at(before, path)]
        if self._restored:
            self._adopt(config)

    def tell_restored(self) -> None:
        """Say which values are others than the run's record has."""
        for path in self._restored:
            self._emit(self._event(path, self._started_with))

    def _adopt(self, config: ExperimentConfig) -> None:
        self._learner.reconfigure(config)
        self._note()

    def _event(self, path: str, before: ExperimentConfig) -> SettingChanged:
        value = value_at(self._learner.config, path)
        return SettingChanged(step=self._learner.step, path=path, value=value, before=value_at(before, path))

    def _note(self) -> None:
        learner = self._learner
        values = {path.partition(".")[2]: value_at(learner.config, path) for path in changeable_paths(learner.config)}
        self._series = {
            name: torch.full((), value, dtype=learner.dtype, device=learner.device)
            for name, value in values.items()
            if isinstance(value, int | float)
        }


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
