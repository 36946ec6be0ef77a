"""A run as JSON lines: thinned, finite, in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metagui.cli.json_lines import JsonLines
from metagui.config import ExperimentConfig
from metagui.events import Array, Metrics, RunEnded
from metagui.runs.records import RunRecord
from metagui.runs.store import RunStore


@pytest.fixture
def record(data_dir: Path) -> RunRecord:
    with RunStore(data_dir) as store:
        return store.create(ExperimentConfig())


def metrics(first: int, values: dict[str, list[float]]) -> Metrics:
    columns = np.array(list(values.values())).T
    steps = np.arange(first, first + len(columns), dtype=np.int64)
    return Metrics(names=tuple(values), steps=Array.of(steps), times=Array.of(steps * 0.01), values=Array.of(columns))


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_that_a_flood_of_metrics_becomes_a_few_lines_of_means(
    record: RunRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    view = JsonLines(record, ExperimentConfig())
    for first in range(1, 2001, 2):
        view.show(metrics(first, {"outer_loss": [1.0, 3.0]}))
    view.show(RunEnded(status="finished", step=2000, reason="Finished."))
    told = lines(capsys.readouterr().out)
    means = [line for line in told if line["event"] == "metrics"]
    assert 1 <= len(means) < 200
    assert sum(line["steps"] for line in means) == 2000
    assert all(line["outer_loss"] == pytest.approx(2.0) for line in means)


def test_that_validation_is_told_at_once_and_again_at_the_end(
    record: RunRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    view = JsonLines(record, ExperimentConfig())
    view.show(metrics(0, {"query_loss/0": [4.0], "validation_loss": [2.0]}))
    (told,) = lines(capsys.readouterr().out)
    assert told == {"event": "validation", "step": 0, "query_loss/0": 4.0, "validation_loss": 2.0}
    view.show(RunEnded(status="stopped", step=0, reason="Stopped."))
    (ended,) = lines(capsys.readouterr().out)
    assert ended["validation"] == {"step": 0, "query_loss/0": 4.0, "validation_loss": 2.0}


def test_that_what_json_cannot_say_is_null(record: RunRecord, capsys: pytest.CaptureFixture[str]) -> None:
    view = JsonLines(record, ExperimentConfig())
    view.show(metrics(1, {"outer_loss": [1.0, float("nan")], "gradient_norm": [float("inf"), 1.0]}))
    text = capsys.readouterr().out
    assert "NaN" not in text
    assert "Infinity" not in text
    (told,) = lines(text)
    assert told["outer_loss"] is None
    assert told["gradient_norm"] is None
