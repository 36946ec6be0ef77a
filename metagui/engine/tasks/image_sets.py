"""Few-shot classification over a person's own pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from metagui.config.tasks import ImageTasks, TaskKind
from metagui.datasets.library import Group, read_array, read_description
from metagui.datasets.splits import SPLITS
from metagui.engine.episode import EpisodeBatch
from metagui.engine.tasks.base import Portrait, Split
from metagui.engine.tasks.images import pick, split_drawings
from metagui.engine.tasks.provenance import as_data
from metagui.errors import DataError, InvalidValueError

_NAMED = 8
"""Classes that a sentence names."""

IN_MEMORY = 512 << 20
"""Bytes up to which pictures are held; of larger sets what a task shows is read from disk."""


class ImageSet:
    """Tasks of ``n_way`` classes of an installed data set; classes with too few pictures are left out, and ``notices``
    says so.

    Examples lie class by class, as in :class:`~metagui.engine.tasks.omniglot.Omniglot`. ``identity``, int64:
    ``classes`` [T, n_way] numbers in the data set's order, ``pictures`` [T, n_way, k_shot + n_query] which of the
    class, support first, ``class_number``, the classes again, below ``n_classes``.
    """

    kind: TaskKind = "images"

    def __init__(self, config: ImageTasks, datasets_dir: Path) -> None:
        """Raises DataError where the data set is missing, damaged or no pictures, InvalidValueError where the classes
        do not suffice."""
        self.config = config
        self.output_size = config.n_way
        description = read_description(datasets_dir, config.dataset)
        if description.kind != "images":
            raise DataError(f"task.dataset: {config.dataset} holds curves: set task.name to curves")
        self.title = description.title
        self.data = as_data(description)
        pixels = read_array(datasets_dir, description)
        self._pixels = np.array(pixels) if pixels.nbytes <= IN_MEMORY else pixels
        self.input_shape = (description.channels, description.side, description.side)
        self.n_classes = len(description.groups)
        self._names = [group.name for group in description.groups]
        self._first = torch.tensor([group.first for group in description.groups])
        self._count = torch.tensor([group.count for group in description.groups])
        self.notices: list[str] = []
        self._classes = {split: self._usable(description.groups, split) for split in SPLITS}

    def _usable(self, groups: tuple[Group, ...], split: Split) -> torch.Tensor:
        wanted = self.config.k_shot + self.config.n_query
        there = [number for number, group in enumerate(groups) if group.split == split]
        usable = [number for number in there if groups[number].count >= wanted]
        if len(usable) < self.config.n_way:
            few = len(there) - len(usable)
            short = f" ({few} more have fewer than {wanted} pictures, shots and queries together)" if few else ""
            raise InvalidValueError(
                "task.n_way",
                f"{self.config.n_way} ways are more than the {len(usable)} {split} classes of {self.config.dataset}"
                f"{short}: lower the ways, shots or queries, or add classes",
            )
        small = [f"{groups[number].name} ({groups[number].count})" for number in there if number not in set(usable)]
        if small:
            more = f" and {len(small) - _NAMED:,} more" if len(small) > _NAMED else ""
            self.notices.append(
                f"Left out of the {split} tasks, for having fewer than {wanted} pictures (shots and queries together): "
                f"{', '.join(small[:_NAMED])}{more}."
            )
        return torch.tensor(usable)

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        """inputs [T, n_way * shots, C, side, side] in 0..1, labels int64 [T, n_way * shots]."""
        config, known = self.config, self._classes[split]
        classes = known[pick(torch.full((n_tasks,), len(known)), config.n_way, random)]
        pictures = pick(self._count[classes], config.k_shot + config.n_query, random)
        images = self._images((self._first[classes].unsqueeze(-1) + pictures).numpy())
        return split_drawings(
            images, config.k_shot, {"classes": classes, "pictures": pictures, "class_number": classes}
        )

    def _images(self, rows: npt.NDArray[np.int64]) -> Tensor:
        """Float32 [*rows, C, side, side] in 0..1."""
        images = torch.from_numpy(np.asarray(self._pixels[rows])).float().div_(255)
        return images.movedim(-1, -3).contiguous() if self.input_shape[0] > 1 else images.unsqueeze(-3)

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        names = tuple(self._names[number] for number in batch.identity["classes"][task].tolist())
        return Portrait(f"{self.config.n_way} classes of {self.title}", names)
