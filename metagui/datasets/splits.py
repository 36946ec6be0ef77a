"""Which classes (or tasks) are trained on and which are held out: decided by their names, once and for all.

Neither the seed of an experiment nor the order of files plays a part, so a class can never be trained on in one run
and "held out" in the next.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Literal

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
SHARES = {"train": 0.64, "validation": 0.16, "test": 0.20}
"""mini-ImageNet's proportions: 64, 16 and 20 of 100 classes."""

SPELLINGS: Mapping[str, Split] = {
    "train": "train",
    "training": "train",
    "meta-train": "train",
    "background": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "meta-val": "validation",
    "test": "test",
    "testing": "test",
    "meta-test": "test",
    "evaluation": "test",
}
"""How folders and tables name the splits."""


def split_of(text: str) -> Split | None:
    """The split a word means, or None."""
    return SPELLINGS.get(text.strip().lower())


def pinned_splits(names: Iterable[str]) -> dict[str, Split]:
    """A split for each name, by its hash alone: 64 % train, 16 % validation, 20 % test.

    Where so few names fall into a split that it stays empty, the names are ranked by their hash instead and cut in
    the same proportions, at least one to each: then the assignment depends on the other names, too.
    """
    places = {name: place(name) for name in names}
    bounds = (SHARES["train"], SHARES["train"] + SHARES["validation"])
    assigned = {
        name: SPLITS[0] if place < bounds[0] else SPLITS[1] if place < bounds[1] else SPLITS[2]
        for name, place in places.items()
    }
    if set(assigned.values()) == set(SPLITS):
        return assigned
    ranked = sorted(places, key=lambda name: places[name])
    validation = max(1, round(len(ranked) * SHARES["validation"]))
    test = max(1, round(len(ranked) * SHARES["test"]))
    train = len(ranked) - validation - test
    return {
        name: SPLITS[0] if rank < train else SPLITS[1] if rank < train + validation else SPLITS[2]
        for rank, name in enumerate(ranked)
    }


def split_hash(assigned: Mapping[str, Split]) -> str:
    """Sixteen digits that two data sets share when the same names are held out in both."""
    content = json.dumps(sorted((_spelt(name), split) for name, split in assigned.items()), ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def place(name: str) -> float:
    """A number in [0, 1) that follows from the name."""
    return int.from_bytes(hashlib.blake2b(_spelt(name).encode(), digest_size=8).digest(), "big") / 2**64


def _spelt(name: str) -> str:
    """Systems spell an accented letter in one code or in two; to a person these are one name."""
    return unicodedata.normalize("NFC", name)
