from __future__ import annotations

from pathlib import Path

import pytest

from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.datasets.episodes import draw_episode
from metagui.datasets.library import Description
from metagui.datasets.splits import SPLITS
from metagui.errors import DataError


@pytest.fixture
def birds(folder, data_dir: Path) -> Description:
    return add_dataset("birds", folder([f"bird {n}" for n in range(40)]), data_dir, Options())


@pytest.mark.parametrize("split", SPLITS)
def test_that_support_and_query_are_different_examples_of_different_classes(birds: Description, split) -> None:
    episode = draw_episode(birds, split, ways=4, shots=1, queries=2, seed=3)
    assert len({drawn.group.name for drawn in episode}) == 4
    for drawn in episode:
        assert drawn.group.split == split
        numbers = [*drawn.support, *drawn.query]
        assert len(set(numbers)) == 3
        assert all(drawn.group.first <= number < drawn.group.first + drawn.group.count for number in numbers)


def test_that_the_seed_decides(birds: Description) -> None:
    first, again, other = (draw_episode(birds, "train", 5, 1, 2, seed) for seed in (0, 0, 1))
    assert first == again != other


def test_that_a_folder_of_three_classes_for_five_ways_says_what_to_do(folder, data_dir: Path) -> None:
    few = add_dataset("few", folder(["a", "b", "c"]), data_dir, Options())
    with pytest.raises(
        DataError, match=r"^few has 1 test class: no episode of 5 ways can be drawn; lower ways, shots or"
    ):
        draw_episode(few, "test", 5, 1, 1, 0)


def test_that_too_small_classes_are_told_with_the_largest(birds: Description) -> None:
    with pytest.raises(DataError, match=r"train classes, 0 of them with the 6 pictures .*\(the largest has 3\): no ep"):
        draw_episode(birds, "train", 5, 1, 5, 0)
