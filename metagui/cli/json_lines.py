"""``--json``: a run as one JSON object a line. README.md documents the kinds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from metagui.cli.console import print_json
from metagui.cli.series import Mean, Values, is_held_out, rows
from metagui.events import CheckpointWritten, LogLine, Metrics, Progress, RunEnded, RunEvent, RunStarted

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.runs.records import RunRecord

METRICS_EVERY = 0.5
"""Seconds between two ``metrics`` lines; each holds the means over the steps since the last."""


class JsonLines:
    def __init__(self, record: RunRecord, config: ExperimentConfig) -> None:
        self._record = record
        self._config = config
        self._mean = Mean()
        self._rate: float | None = None
        self._eta: float | None = None
        self._due = 0.0
        self._validation: dict[str, Any] | None = None

    def show(self, event: RunEvent) -> None:
        match event:
            case RunStarted():
                self._started(event)
            case Metrics():
                self._metrics(event)
            case Progress():
                self._rate, self._eta = event.tasks_per_second, event.eta
            case CheckpointWritten():
                path = str(self._record.run_dir / event.path)
                _line("checkpoint", step=event.step, path=path, best=event.best, metric=event.metric)
            case LogLine():
                _line("log", level=event.level, message=event.message)
            case RunEnded():
                self._ended(event)

    def close(self) -> None:
        """Nothing to put away: every line went out when it was made."""

    def _started(self, event: RunStarted) -> None:
        _line(
            "started",
            run=self._record.id,
            name=self._record.name,
            path=str(self._record.run_dir),
            step=event.step,
            total_steps=event.total_steps,
            device=event.device,
            threads=event.threads,
            parameters=event.parameters,
            norm_mode=event.norm_mode,
            n_query=event.n_query,
            config=self._config.to_dict(),
        )

    def _metrics(self, event: Metrics) -> None:
        for step, _time, values in rows(event):
            held_out: Values = {name: value for name, value in values.items() if is_held_out(name)}
            if held_out:
                self._validation = {"step": step, **held_out}
                _line("validation", **self._validation)
            training = {name: value for name, value in values.items() if name not in held_out}
            if training:
                self._mean.add(step, training)
        if time.monotonic() >= self._due:
            self._flush()

    def _flush(self) -> None:
        if not self._mean.steps:
            return
        self._due = time.monotonic() + METRICS_EVERY
        steps = self._mean.steps
        _line(
            "metrics",
            step=self._mean.last_step,
            steps=steps,
            tasks_per_second=self._rate,
            eta=self._eta,
            **self._mean.take(),
        )

    def _ended(self, event: RunEnded) -> None:
        self._flush()
        _line(
            "ended",
            run=self._record.id,
            path=str(self._record.run_dir),
            status=event.status,
            step=event.step,
            reason=event.reason,
            validation=self._validation,
        )


def _line(kind: str, **content: Any) -> None:
    print_json({"event": kind, **content})
