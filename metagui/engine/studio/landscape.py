"""A plane through the space of parameters, the loss on it, and the paths of adaptation seen from above."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from metagui.engine.bank import Bank
from metagui.engine.episode import Examples

TOGETHER = 64
"""Points of the plane whose losses are computed at once, where the network is small."""

MARGIN = 0.3
"""Of the paths' extent, added on every side."""

NEGLIGIBLE = 1e-5
"""Share of a vector's length that rounding alone may leave at right angles to another."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Points theta + a e1 + b e2: ``origin`` [P] theta, ``axes`` [2, P] orthonormal."""

    origin: Tensor
    axes: Tensor

    def coordinates(self, points: Tensor) -> Tensor:
        """Of the points' projections: [..., P] -> [..., 2], in units of parameter distance."""
        return (points - self.origin) @ self.axes.T

    def share_of(self, path: Tensor) -> float:
        """How much of a path's length [K + 1, P] lies in the plane; 1 for one that goes nowhere."""
        moves = path.diff(dim=0)
        length = float(moves.norm(dim=1).sum())
        return float((moves @ self.axes.T).norm(dim=1).sum()) / length if length > 0 else 1.0


def plane_of(paths: Tensor) -> Plane:
    """Through the start and the end of the first of T paths [T, K + 1, P], and towards the end of the second.

    Where there is no second, or it leads the same way, towards where the first one bends off farthest; where nothing
    bends either, a direction at random (always the same).
    """
    start, first = paths[0, 0], paths[0, -1] - paths[0, 0]
    random = torch.Generator().manual_seed(0)
    ahead = _unit(first, torch.zeros_like(first), random)
    bends = _without(paths[0] - start, ahead)
    aside = bends[bends.norm(dim=1).argmax()]
    if aside.norm() <= NEGLIGIBLE * first.norm():
        aside = torch.zeros_like(aside)
    if len(paths) > 1:
        other = _without(paths[1, -1] - start, ahead)
        if other.norm() > NEGLIGIBLE * (paths[1, -1] - start).norm():
            aside = other
    return Plane(start, torch.stack([ahead, _unit(aside, ahead, random)]))


def axes_around(trajectories: Tensor, resolution: int) -> Tensor:
    """Coordinates [2, resolution] that take in all trajectories [T, K + 1, 2] and hold 0 exactly."""
    low, high = trajectories.amin(dim=(0, 1)).clamp(max=0), trajectories.amax(dim=(0, 1)).clamp(min=0)
    widest = float((high - low).max()) or 1.0
    # A direction that hardly anything leads in is shown as wide as a third of the other.
    lacking = ((widest / 3 - (high - low)) / 2).clamp(min=0)
    low, high = low - lacking - MARGIN * (high - low + lacking), high + lacking + MARGIN * (high - low + lacking)
    # Two steps fewer than there are, so that nothing is cut off once 0 is made a point of the grid.
    step = (high - low) / max(resolution - 2, 1)
    before = torch.ceil(-low / step)
    return (torch.arange(resolution, dtype=step.dtype) - before[:, None]) * step[:, None]


def loss_on(plane: Plane, axes: Tensor, bank: Bank, support: Examples, look_up: Callable[[], None]) -> Tensor:
    """Support loss of one task at each point of the grid: [G, G], rows along the second axis, columns the first."""
    across, up = torch.meshgrid(axes[0], axes[1], indexing="xy")
    points = torch.stack([across.flatten(), up.flatten()], dim=1).to(plane.axes)
    together = 1 if bank.model.query_task_by_task else TOGETHER
    losses = []
    with torch.no_grad():
        for part in points.split(together):
            look_up()
            count = len(part)
            copies = Examples(
                support.inputs.expand(count, *support.inputs.shape[1:]),
                support.targets.expand(count, *support.targets.shape[1:]),
            )
            losses.append(bank.losses(plane.origin + part @ plane.axes, copies, 0))
    return torch.cat(losses).view(across.shape)


def _without(vectors: Tensor, direction: Tensor) -> Tensor:
    """What is left of them at right angles to a unit vector."""
    return vectors - (vectors @ direction).unsqueeze(-1) * direction


def _unit(vector: Tensor, away_from: Tensor, random: torch.Generator) -> Tensor:
    """Of length 1 and at right angles to ``away_from``; at random where the vector is none."""
    length = vector.norm()
    if not math.isfinite(float(length)) or float(length) == 0:
        drawn = torch.randn(len(vector), generator=random, dtype=torch.float64).to(vector)
        vector = _without(drawn, away_from)
        length = vector.norm()
    unit = vector / length
    return unit if not away_from.any() else torch.nn.functional.normalize(_without(unit, away_from), dim=0)
