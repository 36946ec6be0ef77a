"""The picture of a data set before training."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.datasets.preview import draw_preview
from metagui.errors import DataError, StoreError


@pytest.fixture
def installed(folder, data_dir: Path) -> Path:
    add_dataset("mine", folder([f"class {k}" for k in range(20)]), data_dir, Options())
    return data_dir


def test_that_an_episode_is_drawn_and_follows_the_seed(installed: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"{k}.png" for k in range(3)]
    for path, seed in zip(paths, (0, 0, 1), strict=True):
        draw_preview(installed, "mine", path, ways=2, shots=1, queries=1, seed=seed)
    with Image.open(paths[0]) as picture:
        assert picture.width > 600
    assert paths[0].read_bytes() == paths[1].read_bytes() != paths[2].read_bytes()


def test_that_an_impossible_episode_says_what_there_is(installed: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="test classes"):
        draw_preview(installed, "mine", tmp_path / "x.png", ways=50)


def test_that_a_picture_that_cannot_be_written_is_told(installed: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        draw_preview(installed, "mine", tmp_path / "missing" / "x.png", ways=2, queries=1)
