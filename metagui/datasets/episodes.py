"""Sample episodes of an installed data set before any training: which examples are support and which are query."""

from __future__ import annotations

import random
from dataclasses import dataclass

from metagui.datasets.library import Description, Group
from metagui.datasets.splits import Split
from metagui.errors import DataError


@dataclass(frozen=True, slots=True)
class Drawn:
    """One class (pictures) or task (curves) of an episode; ``support`` and ``query`` number rows of the whole array."""

    group: Group
    support: tuple[int, ...]
    query: tuple[int, ...]


def draw_episode(
    description: Description, split: Split, ways: int, shots: int, queries: int, seed: int
) -> tuple[Drawn, ...]:
    """``ways`` different classes (of curves: tasks, each of them an episode of its own); the same for the same seed.

    Raises DataError that says what there is, and what to lower, where they do not suffice.
    """
    there, wanted = description.of_split(split), shots + queries
    usable = [group for group in there if group.count >= wanted]
    if len(usable) < ways:
        raise DataError(_too_few(description, split, there, usable, ways, wanted))
    draw = random.Random(f"{seed} {split}")
    drawn = []
    for group in draw.sample(usable, ways):
        rows = [group.first + index for index in draw.sample(range(group.count), wanted)]
        drawn.append(Drawn(group, tuple(rows[:shots]), tuple(rows[shots:])))
    return tuple(drawn)


def _too_few(
    description: Description, split: Split, there: list[Group], usable: list[Group], ways: int, wanted: int
) -> str:
    images = description.kind == "images"
    noun, each, one = ("classes", "pictures", "class") if images else ("tasks", "points", "task")
    text = f"{description.name} has {len(there):,} {split} {one if len(there) == 1 else noun}"
    if len(usable) < len(there):
        most = max(group.count for group in there)
        text += (
            f", {len(usable):,} of them with the {wanted} {each} that shots and queries need together (the largest has "
            f"{most:,})"
        )
    lower = f"no episode of {ways} ways can be drawn; lower ways, shots or queries" if images else "lower them"
    return f"{text}: {lower}, or add more {noun}"
