"""What runs in the worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from metagui.engine.algorithms.base import MetaGradient
from metagui.engine.algorithms.fomaml import FOMAML
from metagui.engine.bank import Bank, Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.models.base import Parameters, linear_bank
from metagui.engine.models.normalisation import Normalise, by_batch
from metagui.engine.tasks.base import Portrait, Split
from metagui_example.config import FourierModel, LineTasks
from metagui_example.config import SignFOMAML as SignFOMAMLConfig


class SignFOMAML(FOMAML):
    def __init__(self, bank: Bank, config: SignFOMAMLConfig) -> None:
        super().__init__(bank, config)
        self.scale = config.scale

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        meta = super().meta_gradient(theta, batch, step=step, boundary=boundary)
        return MetaGradient(self.scale * meta.gradient.sign(), meta.series | {"sign_scale": torch.tensor(self.scale)})


class Lines:
    kind = "regression"
    input_shape = (1,)
    output_size = 1

    def __init__(self, config: LineTasks, datasets_dir: Path) -> None:
        self.config = config

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        slope, offset = 2 * torch.rand(2, n_tasks, 1, 1, generator=random) - 1
        x = 2 * torch.rand(n_tasks, self.config.k_shot + self.config.n_query, 1, generator=random) - 1
        y, k = slope * x + offset, self.config.k_shot
        return EpisodeBatch(
            Examples(x[:, :k], y[:, :k]), Examples(x[:, k:], y[:, k:]), {"slope": slope, "offset": offset}
        )

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        grid = torch.linspace(-1, 1, 50)
        slope, offset = (batch.identity[name][task].item() for name in ("slope", "offset"))
        return Portrait(f"y = {slope:.2f} x + {offset:.2f}", grid=grid.unsqueeze(-1), truth=slope * grid + offset)


class Fourier:
    norm_mode = "none"
    normalised_channels = ()
    query_task_by_task = False
    head = ("head.weight", "head.bias")

    def __init__(self, frequencies: int, output_size: int) -> None:
        self.frequencies = torch.arange(1, frequencies + 1)
        self.shapes = {
            "head.weight": torch.Size([output_size, 2 * frequencies]),
            "head.bias": torch.Size([output_size]),
        }

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        return {name: 0.1 * torch.randn(shape, generator=random) for name, shape in self.shapes.items()}

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        return self.forward_bank({name: value[None] for name, value in parameters.items()}, inputs[None])[0]

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        angles = inputs * self.frequencies.to(inputs)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        return linear_bank(self.features_bank(parameters, inputs), parameters["head.weight"], parameters["head.bias"])


def build_fourier(config: FourierModel, input_shape: tuple[int, ...], output_size: int) -> Fourier:
    return Fourier(config.frequencies, output_size)
