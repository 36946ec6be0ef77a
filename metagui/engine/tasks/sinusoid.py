"""Sine waves: y = A sin(x − φ), the first benchmark of gradient-based meta-learning."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from metagui.config.tasks import SinusoidTasks, TaskKind
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.tasks.base import Portrait, Split

X_LIMIT = 5.0
GRID_POINTS = 200


class Sinusoid:
    """Amplitude, phase and x uniform; noise on the support targets alone, so that the query judges the true wave.

    The splits share one distribution and differ by the generator they are given. ``identity``: ``amplitude`` and
    ``phase``, float32 [T].
    """

    kind: TaskKind = "regression"
    input_shape: tuple[int, ...] = (1,)
    output_size = 1

    def __init__(self, config: SinusoidTasks, datasets_dir: Path | None = None) -> None:
        self.config = config

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        """inputs and targets [T, n, 1]."""
        config = self.config
        drawn = torch.rand(n_tasks, 2, generator=random)
        amplitude = config.amplitude_min + (config.amplitude_max - config.amplitude_min) * drawn[:, 0]
        phase = config.phase_max * drawn[:, 1]
        x = (2 * torch.rand(n_tasks, config.k_shot + config.n_query, 1, generator=random) - 1) * X_LIMIT
        y = wave(x, amplitude[:, None, None], phase[:, None, None])
        k = config.k_shot
        noisy = y[:, :k]
        if config.noise > 0:
            noisy = noisy + config.noise * torch.randn(n_tasks, k, 1, generator=random)
        return EpisodeBatch(
            Examples(x[:, :k], noisy), Examples(x[:, k:], y[:, k:]), {"amplitude": amplitude, "phase": phase}
        )

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        """``grid`` [200, 1] over [-5, 5], ``truth`` [200]."""
        amplitude, phase = batch.identity["amplitude"][task], batch.identity["phase"][task]
        grid = torch.linspace(-X_LIMIT, X_LIMIT, GRID_POINTS)
        title = f"A = {amplitude.item():.2f}, φ = {phase.item():.2f}"
        return Portrait(title, grid=grid.unsqueeze(-1), truth=wave(grid, amplitude, phase))


def wave(x: Tensor, amplitude: Tensor, phase: Tensor) -> Tensor:
    """A sin(x − φ): the sign of the phase that the reference implementation of MAML uses."""
    return amplitude * torch.sin(x - phase)
