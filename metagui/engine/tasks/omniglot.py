"""Omniglot: handwritten characters of 50 alphabets, 20 people's drawings of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from metagui.config.tasks import OmniglotTasks, TaskKind
from metagui.datasets.omniglot_install import omniglot_folder
from metagui.datasets.omniglot_names import (
    DRAWINGS,
    PARTS,
    SPLIT_NAMES,
    TASK_SPLITS,
    alphabet_of,
    characters,
    characters_of,
    parts_of,
    split_characters,
    spoken,
)
from metagui.datasets.parts import part_names, read_description, read_images
from metagui.datasets.splits import Split as DataSplit
from metagui.datasets.splits import split_hash
from metagui.engine.episode import EpisodeBatch
from metagui.engine.tasks.base import Portrait, Split
from metagui.engine.tasks.images import split_drawings
from metagui.errors import DataError, InvalidValueError

SIDE = 28
_QUARTERS = 4
_NAME = "omniglot"


class Omniglot:
    """Few-shot tasks over the installed characters, held in memory (25 MB).

    With ``rotations`` a *training* character turned by a quarter is a class of its own, as in the papers; validation
    and test characters stay upright, so that reported numbers mean the same with and without. Within alphabets, every
    alphabet is equally likely, and it is the whole task that is turned; ``notices`` names the alphabets that are too
    small. Examples lie class by class: example i has label ``i // k_shot`` (query: ``i // n_query``). ``identity``,
    all int64: ``classes``
    [T, n_way] numbers of the characters (0..1622), ``quarters`` [T, n_way] quarter turns anticlockwise,
    ``drawings`` [T, n_way, k_shot + n_query] which of the 20, support first, ``class_number`` [T, n_way] one number
    below ``n_classes`` for character and turn together.
    """

    kind: TaskKind = "images"
    input_shape: tuple[int, ...] = (1, SIDE, SIDE)
    n_classes = _QUARTERS * 1623

    def __init__(self, config: OmniglotTasks, datasets_dir: Path) -> None:
        """Raises DataError when the characters to train on are not installed, InvalidValueError for too many ways."""
        self.config = config
        self.output_size = config.n_way
        assigned: dict[str, DataSplit] = {
            name: split for split in TASK_SPLITS for name in split_characters(config.split, split)
        }
        # No hash of the pictures: a part that is added later makes other examples of none.
        self.data = {"name": _NAME, "split": config.split, "split_hash": split_hash(assigned)}
        self._pixels, self._row = _installed(omniglot_folder(datasets_dir))
        square = torch.arange(SIDE * SIDE).view(SIDE, SIDE)
        self._turned = torch.stack([torch.rot90(square, quarter).flatten() for quarter in range(_QUARTERS)])
        numbers = {name: number for number, name in enumerate(characters())}
        self._classes: dict[Split, Tensor] = {
            split: torch.tensor([numbers[name] for name in split_characters(config.split, split)])
            for split in TASK_SPLITS
        }
        self._require("train")
        self.notices: list[str] = []
        self._alphabets: dict[Split, Alphabets] = {}
        for split in TASK_SPLITS:
            self._check_ways(split)
            if config.within == "alphabet":
                self._alphabets[split] = self._usable_alphabets(split)

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        """inputs [T, n_way * shots, 1, 28, 28] with ink 1 on 0, labels int64 [T, n_way * shots].

        Raises DataError when the split needs a part of Omniglot that is not installed.
        """
        self._require(split)
        config = self.config
        classes, quarters = self._drawn_classes(n_tasks, random, split)
        shots = config.k_shot + config.n_query
        drawings = torch.rand(n_tasks, config.n_way, DRAWINGS, generator=random).topk(shots).indices

        images = self._pixels[self._row[classes].unsqueeze(-1), drawings]  # [T, N, D, 784]
        if self._turns(split) > 1:
            images = images.gather(-1, self._turned[quarters].unsqueeze(2).expand(images.shape))
        images = images.float().div_(255).view(*images.shape[:3], 1, SIDE, SIDE)
        identity = {"classes": classes, "quarters": quarters, "drawings": drawings}
        identity["class_number"] = quarters * len(characters()) + classes
        return split_drawings(images, config.k_shot, identity)

    def _drawn_classes(self, n_tasks: int, random: torch.Generator, split: Split) -> tuple[Tensor, Tensor]:
        """Characters and their quarter turns, both int64 [T, n_way]."""
        n_way, turns = self.config.n_way, self._turns(split)
        if self.config.within == "alphabet":
            classes = self._alphabets[split].sample(n_tasks, n_way, random)
            quarters = torch.randint(turns, (n_tasks, 1), generator=random).expand(n_tasks, n_way).contiguous()
            return classes, quarters
        known = self._classes[split]
        drawn = torch.rand(n_tasks, len(known) * turns, generator=random).topk(n_way).indices
        return known[drawn % len(known)], drawn // len(known)

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        names = [spoken(characters()[number]) for number in batch.identity["classes"][task].tolist()]
        quarters = batch.identity["quarters"][task].tolist()
        turned = [f"{name}, turned {90 * q}°" if q else name for name, q in zip(names, quarters, strict=True)]
        title = f"{self.config.n_way} characters of Omniglot"
        if self.config.within == "alphabet":
            title = f"{self.config.n_way} characters of {alphabet_of(characters()[batch.identity['classes'][task, 0]])}"
        return Portrait(title, tuple(turned))

    def leak_from(self, trained_on: Mapping[str, str]) -> str:
        """A sentence where a run on another split was trained on some of this one's test characters."""
        other = trained_on.get("split", "")
        if trained_on.get("name") != _NAME or other not in SPLIT_NAMES or other == self.config.split:
            return ""
        tested = split_characters(self.config.split, "test")
        seen = len(set(split_characters(other, "train")) & set(tested))
        if not seen:
            return ""
        return (
            f"this run was trained on {seen} of the {len(tested)} test characters of Omniglot's {self.config.split} "
            f"split, as its own is {other}: set task.split={other}, or train a new run"
        )

    def _turns(self, split: Split) -> int:
        return _QUARTERS if split == "train" and self.config.rotations else 1

    def _require(self, split: Split) -> None:
        if (self._row[self._classes[split]] >= 0).all():
            return
        needed = parts_of(split_characters(self.config.split, split))
        lacking = [part for part in needed if self._row[characters().index(characters_of(part)[0])] < 0]
        raise DataError(
            f"task.split: the {self.config.split} split's {split} characters need the {' and '.join(lacking)} part of "
            f"Omniglot, which is not installed: add it with 'metagui data add omniglot --from FOLDER', naming the "
            f"folder of {' and '.join(f'images_{part}.zip' for part in lacking)}"
        )

    def _usable_alphabets(self, split: Split) -> Alphabets:
        """Those with enough characters; raises InvalidValueError where there are none."""
        n_way, members = self.config.n_way, _by_alphabet(self._classes[split])
        usable = [numbers for numbers in members.values() if len(numbers) >= n_way]
        if not usable:
            most = max(members, key=lambda name: len(members[name]))
            raise InvalidValueError(
                "task.n_way",
                f"no alphabet of the {self.config.split} split's {split} characters has {n_way}; the largest, {most}, "
                f"has {len(members[most])}: lower the ways, or set task.within to split",
            )
        small = [f"{name} ({len(numbers)})" for name, numbers in members.items() if len(numbers) < n_way]
        if small:
            self.notices.append(
                f"Left out of the {split} tasks, for having fewer than {n_way} characters there: {', '.join(small)}."
            )
        return Alphabets.of(usable)

    def _check_ways(self, split: Split) -> None:
        available = len(self._classes[split]) * self._turns(split)
        if self.config.n_way > available:
            raise InvalidValueError(
                "task.n_way",
                f"{self.config.n_way} ways are more than the {available:,} classes of the {self.config.split} split's "
                f"{split} characters: at most {available:,}",
            )


@dataclass(frozen=True, slots=True)
class Alphabets:
    """The characters of A alphabets: ``members`` int64 [A, most], the first ``count`` [A] of each row its own."""

    members: Tensor
    count: Tensor

    @classmethod
    def of(cls, alphabets: Sequence[list[int]]) -> Alphabets:
        count = [len(numbers) for numbers in alphabets]
        rows = [numbers + [0] * (max(count) - len(numbers)) for numbers in alphabets]
        return cls(torch.tensor(rows), torch.tensor(count))

    def sample(self, n_tasks: int, n_way: int, random: torch.Generator) -> Tensor:
        """Different characters of one alphabet a task, int64 [T, n_way]."""
        alphabet = torch.randint(len(self.count), (n_tasks,), generator=random)
        keys = torch.rand(n_tasks, self.members.shape[1], generator=random)
        keys[torch.arange(keys.shape[1]) >= self.count[alphabet].unsqueeze(1)] = -1
        return self.members[alphabet].gather(1, keys.topk(n_way).indices)


def _by_alphabet(classes: Tensor) -> dict[str, list[int]]:
    """Numbers of the characters by the name of their alphabet."""
    found: dict[str, list[int]] = {}
    for number in classes.tolist():
        found.setdefault(alphabet_of(characters()[number]), []).append(number)
    return found


def _installed(folder: Path) -> tuple[Tensor, Tensor]:
    """Pixels uint8 [rows, 20, 784] of all installed parts, and the row of each of the 1,623 characters (-1: none)."""
    there = part_names(folder)
    parts = [part for part in PARTS if part in there]
    if not parts:
        raise DataError(
            "Omniglot is not installed: 'metagui data add omniglot' downloads it, 'metagui data add omniglot --from "
            "FOLDER' takes images_background.zip and images_evaluation.zip, or the folders unpacked from them, from "
            "there"
        )
    row = torch.full((len(characters()),), -1)
    numbers = {name: number for number, name in enumerate(characters())}
    arrays, rows = [], 0
    for part in parts:
        description = read_description(folder, part)
        if description.class_names != characters_of(part):
            raise DataError(
                f"{folder / part}.json does not list Omniglot's characters: add the data set again with "
                "'metagui data add omniglot'"
            )
        images = read_images(folder, description)
        if images.shape[1:] != (DRAWINGS, SIDE, SIDE):
            raise DataError(
                f"{folder / part}.npy holds pictures of another size: add the data set again with "
                "'metagui data add omniglot'"
            )
        arrays.append(images.reshape(len(images), DRAWINGS, SIDE * SIDE))
        row[[numbers[name] for name in description.class_names]] = torch.arange(rows, rows + len(images))
        rows += len(images)
    return torch.from_numpy(np.concatenate(arrays)), row
