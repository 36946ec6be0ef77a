"""evaluate beside others and in detail: two short runs on invented characters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Metagui = Callable[..., Any]

SMALL = [
    *("--preset", "glyphs-maml-5w1s", "--steps", "2", "--seed", "3"),
    *("--set", "model.filters=4", "--set", "outer.validation_tasks=2", "--set", "outer.meta_batch_size=2"),
]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two_runs(metagui: Metagui, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``mine`` and a jointly pretrained ``joint``."""
    data_dir: Path = tmp_path_factory.mktemp("evaluated") / "data"
    for name, extra in (("mine", []), ("joint", ["--set", "algorithm.name=joint"])):
        result = metagui("train", *SMALL, *extra, "--name", name, "--data-dir", data_dir)
        assert result.code == 0, result.err
    return data_dir


def test_that_comparisons_and_details_are_in_the_object(metagui: Metagui, two_runs: Path) -> None:
    result = metagui(
        *("evaluate", "mine", "--tasks", "12", "--queries", "2", "--baselines", "--against", "joint", "--detail"),
        *("--json", "--data-dir", two_runs),
    )
    assert result.code == 0, result.err
    told = result.value
    assert told["n_query"] == 2
    assert [rival["title"] for rival in told["rivals"]] == ["Guessing", "Random start", "Raw pixels", "joint"]
    for rival in told["rivals"]:
        assert rival["problem"] == ""
        assert rival["difference"] == pytest.approx(told["mean"] - rival["mean"], abs=1e-6)
    assert sum(told["calibration"]["count"]) == 12 * 5 * 2
    assert told["confusion"] is None, "invented characters never meet again"
    assert told["calibration"]["temperature"] > 0
    assert [task["after"] for task in told["worst"]] == sorted(task["after"] for task in told["worst"])


def test_that_comparisons_and_details_can_be_read(metagui: Metagui, two_runs: Path) -> None:
    result = metagui(
        *("evaluate", "mine", "--tasks", "6", "--against", "joint", "joint", "--baselines", "chance", "--detail"),
        *("--data-dir", two_runs),
    )
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert sum(line.strip().startswith("joint ") and line.count("±") == 2 for line in lines) == 1
    assert not any("Random start" in line for line in lines)
    assert "calibration error" in result.out
    assert "r-0001 minus it" in result.out
    assert "higher is better" in result.out
    assert "worst tasks" in result.out


def test_that_without_being_asked_nothing_more_is_told(metagui: Metagui, two_runs: Path) -> None:
    told = metagui("evaluate", "mine", "--tasks", "2", "--json", "--data-dir", two_runs).value
    assert (told["rivals"], told["calibration"], told["confusion"], told["worst"]) == ([], None, None, [])


def test_that_an_unknown_rival_or_baseline_is_named(metagui: Metagui, two_runs: Path) -> None:
    unknown = metagui("evaluate", "mine", "--tasks", "2", "--against", "nobody", "--data-dir", two_runs)
    assert unknown.code == 2
    assert "--against: " in unknown.err
    assert "nobody" in unknown.err
    wrong = metagui("evaluate", "mine", "--tasks", "2", "--baselines", "luck", "--data-dir", two_runs)
    assert wrong.code == 2
    assert "luck" in wrong.err
    many = metagui("evaluate", "mine", "--tasks", "2", "--queries", "4000", "--data-dir", two_runs)
    assert many.code == 2
    assert "--queries: " in many.err


def test_that_without_names_the_newest_joint_run_is_compared_with(metagui: Metagui, two_runs: Path) -> None:
    told = metagui("evaluate", "mine", "--tasks", "2", "--against", "--json", "--data-dir", two_runs).value
    assert [rival["title"] for rival in told["rivals"]] == ["r-0002"]
