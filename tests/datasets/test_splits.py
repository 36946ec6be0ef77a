"""Splits by name: stable, disjoint, never empty."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from metagui.datasets.splits import SPLITS, pinned_splits, split_hash, split_of


@given(st.sets(st.text(min_size=1), min_size=3, max_size=60))
def test_that_every_name_gets_one_split_and_every_split_a_name(names: set[str]) -> None:
    assigned = pinned_splits(names)
    assert set(assigned) == names
    assert set(assigned.values()) == set(SPLITS)
    assert pinned_splits(sorted(names, reverse=True)) == assigned


def test_that_a_new_class_moves_no_other() -> None:
    names = [f"class {number}" for number in range(200)]
    before, after = pinned_splits(names), pinned_splits([*names, "a new one"])
    assert {name: after[name] for name in names} == before


def test_that_the_shares_are_about_those_of_mini_imagenet() -> None:
    assigned = list(pinned_splits(f"class {number}" for number in range(2000)).values())
    assert 0.60 < assigned.count("train") / 2000 < 0.68
    assert 0.13 < assigned.count("validation") / 2000 < 0.19
    assert 0.17 < assigned.count("test") / 2000 < 0.23


def test_that_the_hash_tells_splits_apart_and_ignores_order() -> None:
    one = {"a": SPLITS[0], "b": SPLITS[1]}
    assert split_hash(one) == split_hash(dict(reversed(one.items())))
    assert split_hash(one) != split_hash({"a": SPLITS[0], "b": SPLITS[2]})


def test_that_splits_are_known_by_their_usual_names() -> None:
    assert [split_of(word) for word in ("Train", " val ", "TEST", "evaluation", "dogs")] == [
        "train",
        "validation",
        "test",
        "test",
        None,
    ]
