"""The pace that budgets are planned by: measured on the very code that trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from metagui.config import apply_overrides, load_preset
from metagui.engine import pace
from metagui.errors import MetaguiError


def test_that_a_few_meta_steps_are_made_and_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []
    sample = pace.MetaLearner.sample_tasks

    def count(learner: pace.MetaLearner, n_tasks: int | None = None):  # type: ignore[no-untyped-def]
        steps.append(learner.step)
        return sample(learner, n_tasks)

    monkeypatch.setattr(pace.MetaLearner, "sample_tasks", count)
    config = apply_overrides(load_preset("sinusoid-maml").config, ["compute.device=cpu"])
    measured = pace.measure(config, tmp_path, 0.0)
    assert steps == [0, 1, 2]
    assert measured.step > 0
    assert measured.validation_task > 0


def test_that_data_that_is_not_there_is_said_and_not_measured(tmp_path: Path) -> None:
    with pytest.raises(MetaguiError):
        pace.measure(load_preset("omniglot-maml-5w1s").config, tmp_path, 0.0)
