"""Few-shot classification over a person's own pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from metagui.config.tasks import ImageTasks, TaskKind
from metagui.datasets.library import Group, read_array, read_description
from metagui.datasets.splits import SPLITS
from metagui.engine.episode import EpisodeBatch
from metagui.engine.tasks.base import Portrait, Split
from metagui.engine.tasks.images import split_drawings
from metagui.engine.tasks.provenance import as_data
from metagui.errors import DataError, InvalidValueError


class ImageSet:
    """Tasks of ``n_way`` classes of an installed data set; classes with too few pictures are left out.

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
        pixels = torch.from_numpy(np.array(read_array(datasets_dir, description)))
        self._pixels = pixels.unsqueeze(1) if pixels.dim() == 3 else pixels.permute(0, 3, 1, 2).contiguous()
        self.input_shape = tuple(self._pixels.shape[1:])
        self.n_classes = len(description.groups)
        self._names = [group.name for group in description.groups]
        self._first = torch.tensor([group.first for group in description.groups])
        self._count = torch.tensor([group.count for group in description.groups])
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
        return torch.tensor(usable)

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        """inputs [T, n_way * shots, C, side, side] in 0..1, labels int64 [T, n_way * shots]."""
        config, known = self.config, self._classes[split]
        classes = known[torch.rand(n_tasks, len(known), generator=random).topk(config.n_way).indices]
        shots, count = config.k_shot + config.n_query, self._count[classes]
        keys = torch.rand(n_tasks, config.n_way, int(self._count[known].max()), generator=random)
        keys[torch.arange(keys.shape[-1]) >= count.unsqueeze(-1)] = -1  # classes differ in size
        pictures = keys.topk(shots).indices
        images = self._pixels[self._first[classes].unsqueeze(-1) + pictures].float().div_(255)
        return split_drawings(
            images, config.k_shot, {"classes": classes, "pictures": pictures, "class_number": classes}
        )

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        names = tuple(self._names[number] for number in batch.identity["classes"][task].tolist())
        return Portrait(f"{self.config.n_way} classes of {self.title}", names)
