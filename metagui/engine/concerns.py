"""What a training tells of itself: an algorithm that watches its own series has the run say so, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

import numpy as np

from metagui.engine.learner import MetaLearner
from metagui.events import LogLine, Metrics, RunEvent


@runtime_checkable
class Watchful(Protocol):
    """An algorithm with a series that is above 0 where something goes wrong."""

    @property
    def alarm(self) -> str:
        """Name of that series; empty while nothing can go wrong."""
        ...

    def concern(self, values: Mapping[str, float]) -> str:
        """What a person should know, by the values of such a step's series."""
        ...


class Watch:
    """Passes events on; after the first metrics that give reason to, and again once a setting helped for nothing, a
    warning. The values have left the device by then: nothing waits for them."""

    def __init__(self, learner: MetaLearner, emit: Callable[[RunEvent], None]) -> None:
        self._learner = learner
        self._emit = emit
        self._told: object = None

    def __call__(self, event: RunEvent) -> None:
        self._emit(event)
        algorithm = self._learner.algorithm
        if not isinstance(event, Metrics) or not isinstance(algorithm, Watchful) or self._told is algorithm:
            return
        if algorithm.alarm not in event.names:
            return
        values = event.values.numpy()
        wrong = np.flatnonzero(values[:, event.names.index(algorithm.alarm)] > 0)
        if wrong.size:
            self._told = algorithm
            row = dict(zip(event.names, values[wrong[0]].tolist(), strict=True))
            step = int(event.steps.numpy()[wrong[0]])
            self._emit(LogLine(level="warning", message=f"At meta-step {step:,} {algorithm.concern(row)}."))
