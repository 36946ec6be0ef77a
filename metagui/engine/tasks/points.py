"""Clouds of points in the plane: few-shot classification whose decision boundary can be seen."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from metagui.config.tasks import PointTasks, TaskKind
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.tasks.base import Portrait, Split

GRID_SIDE = 48
GRID_LIMIT = 1.2
CENTRE_LIMIT = 0.8  # so that most of a cloud stays inside the [-1, 1] square
_LAYOUTS = 32  # tried for each task


class Points:
    """Every class is a few Gaussian clouds; examples are shared out evenly among the clouds of a class.

    Examples lie class by class: example i has label ``i // k_shot`` (query: ``i // n_query``), and which place in
    the plane gets which label is random. The splits share one distribution. ``identity``: ``centres``, float32
    [T, n_way, clusters, 2].
    """

    kind: TaskKind = "points"
    input_shape: tuple[int, ...] = (2,)

    def __init__(self, config: PointTasks, datasets_dir: Path | None = None) -> None:
        self.config = config
        self.output_size = config.n_way

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        """inputs [T, n_way * shots, 2], labels int64 [T, n_way * shots]."""
        centres = self._centres(n_tasks, random)
        support = self._examples(centres, self.config.k_shot, random)
        query = self._examples(centres, self.config.n_query, random)
        return EpisodeBatch(support, query, {"centres": centres})

    def _centres(self, n_tasks: int, random: torch.Generator) -> Tensor:
        """Of several random layouts the one whose classes keep furthest apart: [T, n_way, clusters, 2]."""
        n_way, clusters = self.config.n_way, self.config.clusters
        drawn = torch.rand(n_tasks, _LAYOUTS, n_way * clusters, 2, generator=random)
        layouts = (2 * drawn - 1) * CENTRE_LIMIT
        owner = torch.arange(n_way).repeat_interleave(clusters)
        same_class = owner[:, None] == owner
        gaps = (layouts.unsqueeze(3) - layouts.unsqueeze(2)).square().sum(-1).masked_fill(same_class, torch.inf)
        best = gaps.amin((2, 3)).argmax(1)
        chosen: Tensor = layouts[torch.arange(n_tasks), best]
        return chosen.view(n_tasks, n_way, clusters, 2)

    def _examples(self, centres: Tensor, shots: int, random: torch.Generator) -> Examples:
        n_tasks, n_way, clusters, _ = centres.shape
        noise = torch.randn(n_tasks, n_way, shots, 2, generator=random) * self.config.spread
        points = centres[:, :, torch.arange(shots) % clusters] + noise
        labels = torch.arange(n_way).repeat_interleave(shots).expand(n_tasks, -1).contiguous()
        return Examples(points.flatten(1, 2), labels)

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        """``grid`` that of :func:`square`; ``truth`` [48 * 48] the likeliest class."""
        grid, config = square(), self.config
        names = tuple(f"class {label + 1}" for label in range(config.n_way))
        clouds = "one cloud" if config.clusters == 1 else f"{config.clusters} clouds"
        title = f"{config.n_way} classes, {clouds}"
        return Portrait(title, names, grid, likeliest_class(grid, batch.identity["centres"][task], config.spread))


def square() -> Tensor:
    """[48 * 48, 2]: the (x, y) at which boundaries are drawn, row by row from y = -1.2 up."""
    side = torch.linspace(-GRID_LIMIT, GRID_LIMIT, GRID_SIDE)
    y, x = torch.meshgrid(side, side, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=-1)


def likeliest_class(points: Tensor, centres: Tensor, spread: float) -> Tensor:
    """Bayes-optimal labels int64 [n] of points [n, 2], given the clouds' centres [n_way, clusters, 2]."""
    distances = (points[:, None, None] - centres).square().sum(-1)  # [n, n_way, clusters]
    return (-distances / (2 * spread**2)).logsumexp(-1).argmax(-1)
