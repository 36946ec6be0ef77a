"""Few-shot regression over a person's own table of curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from metagui.config.tasks import CurveTasks, TaskKind
from metagui.datasets.library import read_array, read_description
from metagui.datasets.splits import SPLITS
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.tasks.base import Portrait, Split
from metagui.engine.tasks.provenance import as_data
from metagui.errors import DataError, InvalidValueError

GRID_POINTS = 200


class Curves:
    """Tasks of an installed table; x and y are standardised by the training tasks' mean and deviation.

    Tasks with fewer points than shots and queries together are left out. ``identity``, int64: ``tasks`` [T] numbers
    in the data set's order, ``points`` [T, k_shot + n_query] which of the task's points, support first.
    """

    kind: TaskKind = "regression"
    output_size = 1

    def __init__(self, config: CurveTasks, datasets_dir: Path) -> None:
        """Raises DataError where the data set is missing, damaged or no curves, InvalidValueError where no task has
        enough points."""
        self.config = config
        description = read_description(datasets_dir, config.dataset)
        if description.kind != "curves":
            raise DataError(f"task.dataset: {config.dataset} holds pictures: set task.name to images")
        self.data = as_data(description)
        points = read_array(datasets_dir, description)
        standard = (points - np.array(description.centre)) / np.array(description.scale)
        self._x = torch.from_numpy(standard[:, :-1]).float()
        self._y = torch.from_numpy(standard[:, -1:]).float()
        self.input_shape = (self._x.shape[1],)
        self._names = [group.name for group in description.groups]
        self._first = torch.tensor([group.first for group in description.groups])
        self._count = torch.tensor([group.count for group in description.groups])
        wanted = config.k_shot + config.n_query
        self._tasks = {
            split: torch.tensor(
                [
                    number
                    for number, group in enumerate(description.groups)
                    if group.split == split and group.count >= wanted
                ]
            )
            for split in SPLITS
        }
        for split, tasks in self._tasks.items():
            if not len(tasks):
                most = max((group.count for group in description.of_split(split)), default=0)
                raise InvalidValueError(
                    "task.n_query",
                    f"no {split} task of {config.dataset} has {wanted} points, shots and queries together; the longest "
                    f"has {most}: lower the shots or the queries",
                )

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        """inputs [T, n, columns] and targets [T, n, 1], standardised."""
        config, known = self.config, self._tasks[split]
        tasks = known[torch.randint(len(known), (n_tasks,), generator=random)]
        keys = torch.rand(n_tasks, int(self._count[known].max()), generator=random)
        keys[torch.arange(keys.shape[-1]) >= self._count[tasks].unsqueeze(-1)] = -1  # tasks differ in length
        points = keys.topk(config.k_shot + config.n_query).indices
        rows, k = self._first[tasks].unsqueeze(-1) + points, config.k_shot
        x, y = self._x[rows], self._y[rows]
        return EpisodeBatch(
            Examples(x[:, :k], y[:, :k]), Examples(x[:, k:], y[:, k:]), {"tasks": tasks, "points": points}
        )

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        """``grid`` [200, columns] along the first x column, the others at their mean over the task; ``truth`` [200],
        the task's own points joined by straight lines, where there is one x column."""
        number = int(batch.identity["tasks"][task])
        rows = slice(int(self._first[number]), int(self._first[number] + self._count[number]))
        x, y = self._x[rows], self._y[rows, 0]
        along = torch.linspace(float(x[:, 0].min()), float(x[:, 0].max()), GRID_POINTS)
        grid = x.mean(dim=0).repeat(GRID_POINTS, 1)
        grid[:, 0] = along
        truth = _joined(x[:, 0], y, along) if x.shape[1] == 1 else None
        return Portrait(f"{self.config.dataset}: {self._names[number]}", grid=grid, truth=truth)


def _joined(x: Tensor, y: Tensor, along: Tensor) -> Tensor:
    order = x.argsort()
    return torch.from_numpy(np.interp(along.numpy(), x[order].numpy(), y[order].numpy())).float()
