"""The characters of Omniglot and how they are split, from the lists in ``resources/splits``. No torch.

A character is called ``part/Alphabet/characterNN``, for example ``background/Greek/character01``.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from metagui.resources import resource

Part = Literal["background", "evaluation"]
SplitName = Literal["vinyals", "lake"]
TaskSplit = Literal["train", "validation", "test"]

PARTS: tuple[Part, ...] = ("background", "evaluation")
SPLIT_NAMES: tuple[SplitName, ...] = ("vinyals", "lake")
TASK_SPLITS: tuple[TaskSplit, ...] = ("train", "validation", "test")
DRAWINGS = 20


@cache
def characters() -> tuple[str, ...]:
    """All 1,623, sorted: first the background part's 964, then the evaluation part's 659. The class numbers."""
    # Vinyals' split names every character; Lake's names alphabets.
    return tuple(sorted(name for split in TASK_SPLITS for name in _lines("vinyals", split)))


@cache
def characters_of(part: Part) -> tuple[str, ...]:
    """The characters that ``images_<part>.zip`` holds, sorted."""
    return tuple(name for name in characters() if name.startswith(f"{part}/"))


def split_characters(name: SplitName, split: TaskSplit) -> tuple[str, ...]:
    """The characters of one side of a split, sorted.

    ``vinyals``: 1,028 / 172 / 423, the split most papers compare on (it mixes both parts). ``lake``: the background
    part trains, but for four alphabets pinned for validation (Armenian, Bengali, Futurama, Hebrew: 135 characters);
    the evaluation part's 20 alphabets test: 829 / 135 / 659.
    """
    listed = frozenset(_lines(name, split))
    return tuple(entry for entry in characters() if entry in listed or entry.rpartition("/")[0] in listed)


def alphabet_of(name: str) -> str:
    """``background/Early_Aramaic/character03`` -> ``Early Aramaic``; no name of an alphabet is in both parts."""
    return name.split("/")[1].replace("_", " ")


def parts_of(names: tuple[str, ...]) -> tuple[Part, ...]:
    """The parts that hold these characters."""
    return tuple(part for part in PARTS if any(name.startswith(f"{part}/") for name in names))


def spoken(name: str) -> str:
    """For a person: ``background/Early_Aramaic/character03`` -> ``Early Aramaic 3``."""
    _, alphabet, character = name.split("/")
    return f"{alphabet.replace('_', ' ')} {int(character.removeprefix('character'))}"


def _lines(name: SplitName, split: TaskSplit) -> list[str]:
    return resource("splits", f"omniglot-{name}", f"{split}.txt").read_text(encoding="utf-8").split()
