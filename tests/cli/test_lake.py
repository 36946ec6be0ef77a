"""metagui lake: a run's error beside people's, from files to the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Metagui = Callable[..., Any]


@pytest.mark.slow
def test_that_a_run_is_put_to_the_real_runs(metagui: Metagui, data_dir: Path, real_data: Path) -> None:
    source = real_data / "omniglot" / "all_runs.zip"
    if not source.is_file():
        pytest.skip("needs the real all_runs.zip")
    quick = ["--set", "model.filters=4", "--set", "outer.validation_tasks=2", "--steps", "2", "--data-dir", data_dir]
    trained = metagui("train", "--preset", "glyphs-protonet-5w1s", *quick)
    assert trained.code == 0, trained.err
    missing = metagui("lake", "r-0001", "--data-dir", data_dir)
    assert missing.code == 2
    assert "metagui data add omniglot --from" in missing.err
    added = metagui("data", "add", "omniglot", "--from", source, "--data-dir", data_dir)
    assert added.code == 0, added.err
    told = metagui("lake", "r-0001", "--json", "--data-dir", data_dir)
    assert told.code == 0, told.err
    assert told.err == ""
    transductive, support = told.value["results"]
    assert (transductive["norm_mode"], support["norm_mode"]) == ("transductive", "support")
    assert 0 < support["error"] < 0.95
    assert len(support["error_by_run"]) == 20
    assert told.value["pixels"] == pytest.approx(0.79, abs=0.05)
    table = metagui("lake", "r-0001", "--data-dir", data_dir).out
    for line in ("4.5 %         people", "3.3 %", "38.8 %", "guessing would err in 95.0 %"):
        assert line in table


def test_that_an_unknown_run_and_a_wrong_number_are_named(metagui: Metagui, data_dir: Path) -> None:
    assert "r-0009" in metagui("lake", "r-0009", "--data-dir", data_dir).err
    wrong = metagui("lake", "r-0001", "--inner-steps", "0", "--data-dir", data_dir)
    assert wrong.code == 2
    assert "--inner-steps" in wrong.err
