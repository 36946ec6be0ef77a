"""Splits that papers compare on, known by the names of their classes: lists in ``resources/splits``, never pictures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from metagui.datasets.splits import SPLITS, Split
from metagui.resources import resource


@dataclass(frozen=True, slots=True)
class KnownSplit:
    """``of_class`` says for every class where it belongs; ``source`` whose split it is."""

    folder: str
    source: str

    @property
    def of_class(self) -> Mapping[str, Split]:
        return _read(self.folder)


KNOWN = (KnownSplit("mini-imagenet", "of Ravi and Larochelle 2017"),)


def known_split(classes: Collection[str]) -> KnownSplit | None:
    """The split for exactly these classes, by the last part of their names; None where no list has them."""
    last = {name.rpartition("/")[2] for name in classes}
    return next((known for known in KNOWN if len(classes) == len(last) and last == known.of_class.keys()), None)


@cache
def _read(folder: str) -> dict[str, Split]:
    return {
        name: split
        for split in SPLITS
        for name in resource("splits", folder, f"{split}.txt").read_text(encoding="utf-8").split()
    }
