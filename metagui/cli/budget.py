"""``metagui train --budget``: cut an experiment to the time there is, and say what that means."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig

_MEASURING = 0.02
"""Of the budget, for one measurement; never less than two meta-steps, never more than some seconds."""

_LONGEST_MEASUREMENT = 10.0


def fitted(config: ExperimentConfig, seconds: float, began: float, datasets_dir: Path) -> ExperimentConfig:
    """The experiment that ends within ``seconds`` of ``began`` (time.monotonic); tells on stderr what was changed.

    Raises InvalidValueError where the time is too short for it.
    """
    from metagui.engine.pace import measure
    from metagui.papers.budget import Pace, duration_words, plan
    from metagui.papers.verdict import flat
    from metagui.papers.words import field_of, value_words

    def pace(candidate: ExperimentConfig) -> Pace:
        return measure(candidate, datasets_dir, min(_MEASURING * seconds, _LONGEST_MEASUREMENT))

    _say("measuring how quick it is here")
    made = plan(config, seconds - (time.monotonic() - began), pace, time.monotonic)
    _say(f"{duration_words(seconds)}: {made.expectation}")
    fields = flat(made.config)
    for change in made.changes:
        field = field_of(change.path, fields)
        before, after = (value_words(value, field, change.path) for value in (change.before, change.after))
        _say(f"  {change.path}: {after} instead of {before}")
    return made.config


def _say(line: str) -> None:
    print(f"metagui: {line}", file=sys.stderr, flush=True)
