"""data add and data list, with real and with bad files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Metagui = Callable[..., Any]


def test_that_nothing_installed_is_told(metagui: Metagui, data_dir: Path) -> None:
    assert "metagui data add omniglot" in metagui("data", "list", "--data-dir", data_dir).out
    assert metagui("data", "list", "--json", "--data-dir", data_dir).value == []


@pytest.mark.slow
def test_that_omniglot_is_installed_from_a_folder_and_listed(metagui: Metagui, data_dir: Path, real_data: Path) -> None:
    source = real_data / "omniglot"
    if not source.is_dir():
        pytest.skip("needs the real Omniglot")
    added = metagui("data", "add", "omniglot", "--from", source, "--data-dir", data_dir)
    assert added.code == 0, added.err
    assert "1,623 characters x 20 drawings" in added.out
    (listed,) = metagui("data", "list", "--json", "--data-dir", data_dir).value
    assert (listed["name"], listed["classes"], listed["examples"]) == ("omniglot", 1623, 32460)
    assert listed["problem"] == ""
    small = ["--set", "model.name=mlp", "--set", "model.hidden=[8]", "--set", "outer.validation_tasks=2"]
    trained = metagui(
        "train", "--preset", "omniglot-maml-5w1s", *small, "--steps", "2", "--json", "--data-dir", data_dir
    )
    assert trained.code == 0, trained.err
    assert trained.lines[-1]["validation"]["validation_accuracy"] >= 0
    evaluated = metagui("evaluate", "r-0001", "--tasks", "4", "--data-dir", data_dir)
    assert "guessing would reach 20.0 %" in evaluated.out


def test_that_a_missing_source_is_named(metagui: Metagui, data_dir: Path, tmp_path: Path) -> None:
    result = metagui("data", "add", "omniglot", "--from", tmp_path / "nowhere", "--data-dir", data_dir)
    assert result.code == 2
    assert str(tmp_path / "nowhere") in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("kind", ["truncated", "foreign"])
def test_that_a_bad_zip_is_named_and_nothing_is_installed(
    metagui: Metagui, data_dir: Path, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "images_background.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cats/tom.txt", "meow " * 500)
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[:-60])
    result = metagui("data", "add", "omniglot", "--from", path, "--data-dir", data_dir)
    assert result.code == 2
    assert "images_background.zip" in result.err
    assert "Traceback" not in result.err
    assert metagui("data", "list", "--json", "--data-dir", data_dir).value == []


def test_that_own_data_are_added_listed_checked_previewed_trained_on_and_removed(
    metagui: Metagui, tmp_path: Path, data_dir: Path
) -> None:
    def data(*words: object) -> Any:
        return metagui("data", *map(str, words), "--data-dir", data_dir)

    source = tmp_path / "weather.csv"
    source.write_text("task,x,y\n" + "\n".join(f"t{t},{x},{t * x}" for t in range(12) for x in range(12)))
    assert "12 tasks" in data("add", "weather", "--from", source).out
    assert "weather" in data("list").out
    assert "as it was added" in data("check", "weather").out
    data("preview", "weather", "--out", tmp_path / "w.png", "--shots", 2, "--queries", 2)
    assert (tmp_path / "w.png").stat().st_size > 1000
    changes = ["task.name=weather", "task.k_shot=3", "task.n_query=3", "outer.validation_tasks=2"]
    done = metagui(
        "train", "--steps", "3", *(word for change in changes for word in ("--set", change)), "--data-dir", data_dir
    )
    assert done.code == 0, done.err
    assert "removed" in data("remove", "weather").out
    assert "no data set 'weather'" in data("check", "weather").err
