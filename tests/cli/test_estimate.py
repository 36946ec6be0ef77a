"""``metagui train --estimate``, and what is refused before a run is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

TOO_LARGE = ["--set", "model.hidden=[4096,4096]", "--set", "outer.meta_batch_size=4096"]


def test_that_an_estimate_trains_nothing(metagui: Callable[..., Any], data_dir: Path) -> None:
    told = metagui("train", "--estimate", "--device", "cpu", "--data-dir", data_dir)
    assert told.code == 0
    assert told.out.startswith("Needs about 0.")
    object_ = metagui("train", "--estimate", "--json", "--device", "cpu", "--data-dir", data_dir).value
    assert object_["verdict"] == "fits"
    assert 0 < object_["needed"] < object_["available"] <= object_["total"]
    assert metagui("runs", "list", "--json", "--data-dir", data_dir).value == []


def test_that_what_cannot_fit_is_refused_before_a_run_is_made(metagui: Callable[..., Any], data_dir: Path) -> None:
    refused = metagui("train", *TOO_LARGE, "--device", "cpu", "--data-dir", data_dir)
    assert refused.code == 2
    assert "Lower the meta-batch" in refused.err
    assert metagui("runs", "list", "--json", "--data-dir", data_dir).value == []
