"""`metagui paper` and `metagui train --budget`, end to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metagui.cli.training import _deadline
from metagui.control import Control
from metagui.papers.presets import paper_presets

Metagui = Callable[..., Any]


def test_that_the_papers_numbers_are_listed_with_their_presets(metagui: Metagui) -> None:
    listed = metagui("paper", "--json").value
    assert [each["preset"] for each in listed] == [preset.name for preset in paper_presets()]
    told = metagui("paper")
    assert "MAML, Omniglot, 5-way 1-shot: 98.7 ± 0.4 %" in told.out
    assert metagui("presets", "--papers", "--json").value[0]["name"] == "paper-maml-omniglot-5w1s"
    assert "metagui presets --papers" in metagui("presets").out


def test_that_a_budget_is_kept_and_the_run_compared(metagui: Metagui, tmp_path: Path) -> None:
    arguments = ["--data-dir", tmp_path, "--preset", "paper-maml-sinusoid-10s", "--steps", "300", "--name", "short"]
    trained = metagui("train", *arguments, "--budget", "40s", "--json")
    assert trained.code == 0, trained.err
    assert "40 s: All 300 meta-steps fit: they take about" in trained.err
    compared = metagui("paper", "short", "--data-dir", tmp_path, "--tasks", "50", "--json")
    assert compared.code == 0, compared.err
    verdict = compared.value
    assert verdict["cell"] == "maml-sinusoid-10s"
    assert verdict["yours"]["inner_steps"] == 1
    assert verdict["relation"] == "worse"
    assert {each["path"] for each in verdict["differences"]} == {"outer.steps"}
    words = metagui("paper", "short", "--data-dir", tmp_path, "--tasks", "50").out
    assert "mean squared error 0.67 to 0.77, independent reruns" in words
    assert "Meta-steps trained: 70,000 in the paper, 300 here" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--budget", "soon"], ["--budget", "write a time such as 10min"]),
        (["train", "--preset", "paper-mamal-omniglot-5w1s"], ["did you mean paper-maml-omniglot-5w1s"]),
        (
            ["train", "--preset", "paper-maml-mini-imagenet-5w1s"],
            ["no data set 'mini-imagenet'", "metagui data add mini-imagenet --from PATH", "--set task.dataset=NAME"],
        ),
        (["paper", "nothing"], ["nothing"]),
    ],
)
def test_that_what_is_wrong_is_said(metagui: Metagui, tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    result = metagui(*arguments, "--data-dir", tmp_path)
    assert result.code in (2, 3)
    for each in words:
        assert each in result.err
    assert "Traceback" not in result.err


def test_that_training_is_asked_to_stop_when_the_time_is_over() -> None:
    control = Control()
    with _deadline(0.01, control) as over:
        assert over.wait(10)
        assert control.stopping
    control = Control()
    with _deadline(3600.0, control) as over:
        pass
    assert not over.is_set()
    assert not control.stopping
    with _deadline(None, control) as over:
        assert not over.is_set()
