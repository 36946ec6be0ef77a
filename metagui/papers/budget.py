"""An experiment cut down to the time there is: which fields have to change, and what may be expected of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from metagui.config.experiment import ExperimentConfig, parse
from metagui.errors import InvalidValueError

_UNITS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600}
_LEAST_SECONDS = 20.0
_MOST_SECONDS = 7 * 24 * 3600.0

_SHARE = 0.85
"""Of the time that is left, so much is planned: machines do other things, too."""

_START_AND_END = 4.0
"""Seconds for building, the first checkpoint and the last."""

_VALIDATIONS = 8
_VALIDATION_SHARE = 0.1
_FEWEST_TASKS = 20

_ENOUGH_STEPS = {"images": 2000, "points": 3000, "regression": 5000}
"""With fewer meta-steps than these, a smaller meta-batch learns more in the same time."""

_SHORT = 0.1
_SHORT_RATE = 3.0
"""Where less than a tenth of the meta-steps is left, Adam's rate is raised: on Omniglot 5-way 1-shot, MAML with 32
filters reached 76.3 ± 1.7 % after 1,225 meta-steps of 4 tasks with 0.003, and 73.5 ± 1.7 % with 0.001 (one seed, the
same 600 test tasks)."""

_SMALLEST_BATCH = 4
_NARROWEST = 32
_NARROWING = 2.6
"""How much quicker a convolutional network of half the filters is, about."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for one meta-step and for one task of a validation, here and now."""

    step: float
    validation_task: float


Measure = Callable[[ExperimentConfig], Pace]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that the time did not allow to stay."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Plan:
    """``seconds`` is how long training is expected to take."""

    config: ExperimentConfig
    changes: tuple[Change, ...]
    seconds: float
    expectation: str


def parse_budget(text: str) -> float:
    """``10min``, ``1h``, ``90s`` or ``1h30min`` in seconds. Raises InvalidValueError."""
    compact = text.replace(" ", "").lower()
    parts = re.findall(r"(\d+(?:\.\d+)?)(h|min|m|sec|s)", compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise InvalidValueError("--budget", f"write a time such as 10min, 1h or 90s, not {text!r}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        raise InvalidValueError("--budget", f"must be between {_LEAST_SECONDS:.0f} seconds and a week, not {text}")
    return seconds


def duration_words(seconds: float) -> str:
    """``45 s``, ``10 min``, ``1.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def plan(config: ExperimentConfig, seconds: float, measure: Measure, clock: Callable[[], float]) -> Plan:
    """What fits into ``seconds`` from now on, measuring included.

    First the experiment is measured, on pictures with a small meta-batch. Where too few meta-steps would fit, the
    meta-batch is halved again and again, then the filters; what is chosen is measured anew, and its meta-steps follow
    from that.
    Raises InvalidValueError where not even ten meta-steps fit.
    """
    began = clock()
    batch = config.outer.meta_batch_size
    small = min(batch, _SMALLEST_BATCH) if _is_heavy(config) else batch
    pace = measure(_with(config, {"outer.meta_batch_size": small}))
    chosen = config
    wanted = min(config.outer.steps, _ENOUGH_STEPS[config.task.kind])
    for candidate, quicker in _ladder(config):
        chosen = candidate
        predicted = pace.step * candidate.outer.meta_batch_size / small / quicker
        if _time_for_steps(seconds - (clock() - began)) / predicted >= wanted:
            break
    if chosen.outer.meta_batch_size != small or chosen.model != config.model:
        pace = measure(chosen)
    left = seconds - (clock() - began)
    chosen, expected = _fill(chosen, left, pace)
    changes = tuple(_changes(config, chosen))
    return Plan(chosen, changes, expected, _expectation(config, chosen, expected))


def _is_heavy(config: ExperimentConfig) -> bool:
    """Whether a meta-step takes the longer, the more tasks it has. Those of small networks are quick anyway, and fewer
    tasks make them hardly quicker."""
    return config.task.kind == "images"


def _time_for_steps(left: float) -> float:
    return max(0.0, (left * _SHARE - _START_AND_END) * (1 - _VALIDATION_SHARE))


def _ladder(config: ExperimentConfig) -> Iterator[tuple[ExperimentConfig, float]]:
    """Ever lighter forms of the experiment, each with how much quicker a task is than in the first."""
    batch = config.outer.meta_batch_size
    yield config, 1.0
    if not _is_heavy(config):
        return
    while batch // 2 >= _SMALLEST_BATCH:
        batch //= 2
        yield _with(config, {"outer.meta_batch_size": batch}), 1.0
    filters, quicker = getattr(config.model, "filters", 0), 1.0
    while filters // 2 >= _NARROWEST:
        filters //= 2
        quicker *= _NARROWING
        yield _with(config, {"outer.meta_batch_size": batch, "model.filters": filters}), quicker


def _fill(config: ExperimentConfig, left: float, pace: Pace) -> tuple[ExperimentConfig, float]:
    """As many meta-steps as fit, with validations that take no more than their share."""
    room = left * _SHARE - _START_AND_END
    for_validation = max(room, 0.0) * _VALIDATION_SHARE
    affordable = int(for_validation / (_VALIDATIONS * max(pace.validation_task, 1e-9)))
    n_tasks = max(2, min(config.outer.validation_tasks, max(affordable, _FEWEST_TASKS)))
    rounds = max(1, min(_VALIDATIONS, int(for_validation / max(n_tasks * pace.validation_task, 1e-9))))
    for_steps = room - rounds * n_tasks * pace.validation_task
    steps = min(config.outer.steps, int(for_steps / pace.step))
    if steps < 10:
        raise InvalidValueError(
            "--budget", f"is too short: a meta-step takes about {pace.step:.2g} s here, and ten would not fit"
        )
    wanted: dict[str, Any] = {"outer.steps": steps}
    if steps < config.outer.steps:
        wanted |= {"outer.validation_tasks": n_tasks, "outer.validation_every": max(1, -(-steps // rounds))}
        if config.outer.lr_schedule == "constant":
            wanted["outer.lr_schedule"] = "cosine"
        if _is_heavy(config) and config.outer.name == "adam" and steps < _SHORT * config.outer.steps:
            wanted["outer.outer_lr"] = _SHORT_RATE * config.outer.outer_lr
        steps_cut = wanted["outer.validation_every"]
        wanted["compute.checkpoint_every"] = max(config.compute.checkpoint_every, steps_cut)
    else:
        rounds = max(1, steps // config.outer.validation_every)
        too_many = rounds * config.outer.validation_tasks * pace.validation_task + steps * pace.step > room
        if too_many:
            rounds = _VALIDATIONS
            wanted |= {"outer.validation_tasks": n_tasks, "outer.validation_every": max(1, -(-steps // rounds))}
    filled = _with(config, wanted)
    expected = steps * pace.step + rounds * filled.outer.validation_tasks * pace.validation_task + _START_AND_END
    return filled, expected


def _with(config: ExperimentConfig, values: dict[str, Any]) -> ExperimentConfig:
    content = config.to_dict()
    for path, value in values.items():
        section, _, field = path.partition(".")
        content[section][field] = value
    return parse(content)


def _changes(before: ExperimentConfig, after: ExperimentConfig) -> Iterator[Change]:
    old, new = before.to_dict(), after.to_dict()
    for section, fields in new.items():
        for field, value in fields.items():
            if old[section][field] != value:
                yield Change(f"{section}.{field}", old[section][field], value)


def _expectation(before: ExperimentConfig, after: ExperimentConfig, expected: float) -> str:
    if after.outer.steps == before.outer.steps and after.outer.meta_batch_size == before.outer.meta_batch_size:
        return (
            f"All {after.outer.steps:,} meta-steps fit: they take about {duration_words(expected)}. Expect what the "
            "whole experiment gives."
        )
    tasks = after.outer.steps * after.outer.meta_batch_size
    whole = before.outer.steps * before.outer.meta_batch_size
    return (
        f"In about {duration_words(expected)} there is room for {after.outer.steps:,} of {before.outer.steps:,} "
        f"meta-steps: {tasks:,} tasks, {100 * tasks / whole:.2g} % of the whole experiment's. Expect a number below "
        "what the whole training reaches; the outer rate falls to zero, so that it is the best this time allows."
    )
