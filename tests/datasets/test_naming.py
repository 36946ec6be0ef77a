from __future__ import annotations

from pathlib import Path

import pytest

from metagui.datasets.naming import can_be_added, suggested_name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("My birds (2).zip", "my-birds-2"),
        ("été.csv", "ete"),
        ("птицы.zip", ""),
        ("images_background.zip", "omniglot"),
        ("all_runs.zip", "omniglot"),
        ("images_background_small1.zip", "omniglot-small1"),
        ("sinusoid.csv", "sinusoid-2"),
        ("weather.csv", "weather-3"),
        ("con.zip", "con-2"),
    ],
)
def test_that_a_name_is_made_from_the_files(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / file).write_bytes(b"")
    assert suggested_name(tmp_path / file, taken=["Weather", "weather-2"]) == name


def test_that_a_folder_with_omniglots_zips_is_omniglot(tmp_path: Path) -> None:
    folder = tmp_path / "v1.2 pictures"
    folder.mkdir()
    assert suggested_name(folder) == "v1-2-pictures"
    (folder / "images_evaluation.zip").write_bytes(b"")
    assert suggested_name(folder) == "omniglot"


def test_that_only_what_is_read_can_be_added(tmp_path: Path) -> None:
    assert can_be_added(tmp_path)
    assert can_be_added(Path("a.ZIP"))
    assert not can_be_added(Path("a.pkl"))
