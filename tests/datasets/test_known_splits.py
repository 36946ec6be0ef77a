from __future__ import annotations

from pathlib import Path

import pytest

from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.datasets.known_splits import KNOWN, known_split


def test_that_mini_imagenets_classes_are_split_as_in_the_papers(folder, data_dir: Path) -> None:
    names = sorted(KNOWN[0].of_class)
    added = add_dataset("mini", folder([f"pictures/{name}" for name in names]), data_dir, Options(side=8))
    assert [len(added.of_split(split)) for split in ("train", "validation", "test")] == [64, 16, 20]
    assert added.split_source == "of Ravi and Larochelle 2017"
    assert {group.name: group.split for group in added.groups} == dict(KNOWN[0].of_class)


@pytest.mark.parametrize("change", ["fewer", "more", "twice"])
def test_that_other_classes_are_split_by_their_names(change: str) -> None:
    names = sorted(KNOWN[0].of_class)
    assert known_split(names) is KNOWN[0]
    changed = {"fewer": names[1:], "more": [*names, "n99"], "twice": [*names, f"copy/{names[0]}"]}[change]
    assert known_split(changed) is None
