"""Families over a person's own data: episodes from the right split, no example on both sides, the same every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from metagui.config.tasks import CurveTasks, ImageTasks
from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.datasets.library import read_description
from metagui.engine.seeding import generator
from metagui.engine.tasks.base import Split
from metagui.engine.tasks.curves import Curves
from metagui.engine.tasks.image_sets import ImageSet
from metagui.errors import DataError, InvalidValueError

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@pytest.fixture
def pictures(tmp_path: Path, data_dir: Path) -> Path:
    """Thirty classes of 4 to 9 pictures; the shade of a picture tells class and number."""
    labels = np.repeat(np.arange(30), [4 + k % 6 for k in range(30)])
    inner = np.concatenate([np.arange((labels == k).sum()) for k in range(30)])
    shades = (labels * 8 + inner % 8).astype(np.uint8)
    np.savez(
        tmp_path / "p.npz",
        images=np.broadcast_to(shades[:, None, None], (len(labels), 6, 6)),
        label=labels,
        split=np.repeat(["train", "val", "test"], [12, 6, 12]),
    )
    add_dataset("mine", tmp_path / "p.npz", data_dir, Options())
    return data_dir


@pytest.fixture
def table(tmp_path: Path, data_dir: Path) -> Path:
    """Thirty lines y = task * x of 3 to 12 points."""
    lines = [f"t{task},{x},{task * x}" for task in range(30) for x in range(3 + task % 10)]
    (tmp_path / "t.csv").write_text("\n".join(["task,x,y", *lines]))
    add_dataset("mine", tmp_path / "t.csv", data_dir, Options())
    return data_dir


@pytest.mark.parametrize("split", SPLITS)
def test_that_episodes_hold_classes_of_their_split_and_no_picture_twice(pictures: Path, split: Split) -> None:
    family = ImageSet(ImageTasks(dataset="mine", n_way=3, k_shot=2, n_query=2), pictures)
    batch = family.sample(200, generator(0, "train"), split)
    groups = read_description(pictures, "mine").groups
    assert batch.support.inputs.shape == (200, 6, 1, 6, 6)
    assert {groups[number].split for number in batch.identity["classes"].unique()} == {split}
    for drawn in batch.identity["pictures"].flatten(0, 1).tolist():
        assert len(set(drawn)) == 4
    sizes = torch.tensor([group.count for group in groups])[batch.identity["classes"]]
    assert (batch.identity["pictures"] < sizes.unsqueeze(-1)).all()
    shades = (batch.support.inputs[:, :, 0, 0, 0] * 255).round().long()
    labels = batch.support.targets
    assert torch.equal(shades // 8, batch.identity["classes"].gather(1, labels))


def test_that_classes_with_too_few_pictures_are_left_out_and_too_many_ways_refused(pictures: Path) -> None:
    family = ImageSet(ImageTasks(dataset="mine", n_way=2, k_shot=4, n_query=3), pictures)
    groups = read_description(pictures, "mine").groups
    drawn = family.sample(300, generator(0, "train")).identity["classes"].unique()
    assert min(groups[number].count for number in drawn) >= 7
    with pytest.raises(InvalidValueError, match="fewer than 9 pictures"):
        ImageSet(ImageTasks(dataset="mine", n_way=5, k_shot=4, n_query=5), pictures)


def test_that_curves_are_standardised_and_tasks_of_their_split(table: Path) -> None:
    family = Curves(CurveTasks(dataset="mine", k_shot=2, n_query=1), table)
    description = read_description(table, "mine")
    for split in SPLITS:
        batch = family.sample(100, generator(0, "train"), split)
        assert {description.groups[number].split for number in batch.identity["tasks"].unique()} == {split}
        x = batch.support.inputs * description.scale[0] + description.centre[0]
        y = batch.support.targets * description.scale[1] + description.centre[1]
        slopes = torch.tensor([float(group.name[1:]) for group in description.groups])[batch.identity["tasks"]]
        torch.testing.assert_close(y, slopes[:, None, None] * x, rtol=1e-4, atol=1e-3)
    portrait = family.portrait(batch, 0)
    assert portrait.grid is not None
    assert portrait.truth is not None
    assert portrait.grid.shape == (200, 1)


def test_that_tables_too_short_for_an_episode_are_refused(table: Path) -> None:
    with pytest.raises(InvalidValueError, match="the longest has"):
        Curves(CurveTasks(dataset="mine", k_shot=10, n_query=10), table)


def test_that_the_kind_of_data_and_its_presence_are_checked(table: Path) -> None:
    with pytest.raises(DataError, match=r"set task\.name to curves"):
        ImageSet(ImageTasks(dataset="mine"), table)
    with pytest.raises(DataError, match="there is no data set 'other'"):
        Curves(CurveTasks(dataset="other"), table)


def test_that_classes_left_out_for_too_few_pictures_are_named(pictures: Path) -> None:
    family = ImageSet(ImageTasks(dataset="mine", n_way=3, k_shot=2, n_query=3), pictures)
    train = next(notice for notice in family.notices if "train tasks" in notice)
    groups = [group for group in read_description(pictures, "mine").groups if group.split == "train"]
    assert "fewer than 5 pictures" in train
    for group in groups:
        assert (f"{group.name} ({group.count})" in train) == (group.count < 5)
    assert ImageSet(ImageTasks(dataset="mine", n_way=3, k_shot=2, n_query=2), pictures).notices == []


def test_that_pictures_read_from_disk_are_those_held_in_memory(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = ImageTasks(dataset="mine", n_way=3, k_shot=2, n_query=2)
    held = ImageSet(config, pictures).sample(5, generator(0, "train"))
    monkeypatch.setattr("metagui.engine.tasks.image_sets.IN_MEMORY", 0)
    mapped = ImageSet(config, pictures).sample(5, generator(0, "train"))
    assert torch.equal(held.support.inputs, mapped.support.inputs)
    assert torch.equal(held.query.inputs, mapped.query.inputs)


def test_that_colours_are_channels_first(tmp_path: Path, data_dir: Path) -> None:
    images = np.zeros((40, 6, 6, 3), np.uint8)
    images[..., 1] = 255
    np.savez(tmp_path / "c.npz", images=images, label=np.repeat(np.arange(10), 4))
    add_dataset("green", tmp_path / "c.npz", data_dir, Options())
    family = ImageSet(ImageTasks(dataset="green", n_way=2, k_shot=1, n_query=1), data_dir)
    inputs = family.sample(2, generator(0, "train")).support.inputs
    assert inputs.shape[2:] == (3, 6, 6) == family.input_shape
    assert inputs.mean(dim=(0, 1, 3, 4)).tolist() == [0, 1, 0]
