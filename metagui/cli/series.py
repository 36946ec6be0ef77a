"""Series of metrics, thinned out for a reader: means over the steps since the last look."""

from __future__ import annotations

from collections.abc import Mapping

from metagui.events import Metrics

Values = dict[str, float]


def is_held_out(name: str) -> bool:
    """Whether a series is of validation tasks rather than of the meta-batch trained on."""
    return name.startswith(("validation_", "query_loss/", "query_accuracy/"))


def rows(metrics: Metrics) -> list[tuple[int, float, Values]]:
    """``(step, time, values by name)`` for each step; a series without a point at a step is left out."""
    steps, times, values = metrics.steps.numpy(), metrics.times.numpy(), metrics.values.numpy()
    return [
        (int(step), float(time), {name: float(value) for name, value in zip(metrics.names, row, strict=True)})
        for step, time, row in zip(steps, times, values, strict=True)
    ]


class Mean:
    """Running means by name. A value that is not finite makes its mean so: divergence is not averaged away."""

    def __init__(self) -> None:
        self._sums: Values = {}
        self._counts: dict[str, int] = {}
        self.steps = 0
        self.last_step = 0

    def add(self, step: int, values: Mapping[str, float]) -> None:
        self.steps += 1
        self.last_step = step
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def take(self) -> Values:
        """The means since the last call."""
        means = {name: total / self._counts[name] for name, total in self._sums.items()}
        self._sums, self._counts, self.steps = {}, {}, 0
        return means
