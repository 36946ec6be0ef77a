"""Invented characters: a few-shot image family in the manner of Omniglot that needs no download."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from metagui.config.tasks import GlyphTasks, TaskKind
from metagui.engine.episode import EpisodeBatch
from metagui.engine.tasks.base import Portrait, Split
from metagui.engine.tasks.glyph_drawing import SIDE, draw
from metagui.engine.tasks.glyph_programs import glyph_programs
from metagui.engine.tasks.images import split_drawings

# A class is a number; each split owns 2**32 of them, so no class can ever be in two splits.
CLASSES_PER_SPLIT = 2**32
_FIRST_CLASS: dict[Split, int] = {"train": 0, "validation": CLASSES_PER_SPLIT, "test": 2 * CLASSES_PER_SPLIT}


class Glyphs:
    """Every task has n_way new characters, every drawing is made anew: support and query never share one.

    Examples lie class by class: example i has label ``i // k_shot`` (query: ``i // n_query``). ``identity``:
    ``classes``, int64 [T, n_way]: the class numbers, which alone decide the characters.
    """

    kind: TaskKind = "images"
    input_shape: tuple[int, ...] = (1, SIDE, SIDE)

    def __init__(self, config: GlyphTasks, datasets_dir: Path | None = None) -> None:
        self.config = config
        self.output_size = config.n_way

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        """inputs [T, n_way * shots, 1, 28, 28] with ink 1 on 0, labels int64 [T, n_way * shots]."""
        config = self.config
        classes = _class_numbers(n_tasks, config.n_way, random) + _FIRST_CLASS[split]
        drawings = draw(glyph_programs(classes.flatten()), config.k_shot + config.n_query, random, config.jitter)
        images = drawings.view(n_tasks, config.n_way, -1, 1, SIDE, SIDE)
        return split_drawings(images, config.k_shot, {"classes": classes})

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        names = tuple(f"glyph {number:x}" for number in batch.identity["classes"][task].tolist())
        return Portrait(f"{self.config.n_way} invented characters", names)


def _class_numbers(n_tasks: int, n_way: int, random: torch.Generator) -> Tensor:
    """Different numbers below CLASSES_PER_SPLIT for the classes of a task: int64 [T, n_way].

    Steps of at least one that together stay below a full turn of the ring of numbers cannot meet.
    """
    start = torch.randint(CLASSES_PER_SPLIT, (n_tasks, 1), generator=random)
    steps = torch.randint(1, CLASSES_PER_SPLIT // n_way + 1, (n_tasks, n_way), generator=random)
    return (start + steps.cumsum(1)) % CLASSES_PER_SPLIT
