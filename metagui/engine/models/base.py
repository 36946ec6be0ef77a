"""What a model is to the engine: pure functions of named parameters, for one task and for a bank of tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from metagui.engine.models.normalisation import Normalise, by_batch

Parameters = dict[str, Tensor]


class Model(Protocol):
    """A network without state."""

    @property
    def shapes(self) -> Mapping[str, torch.Size]:
        """Names and shapes of the parameters, in order."""
        ...

    @property
    def norm_mode(self) -> str:
        """Where normalisation layers take their statistics from: "transductive", "support", "per_step" (see
        :mod:`metagui.engine.models.normalisation`), "none" without such layers; reported with every number."""
        ...

    @property
    def normalised_channels(self) -> Sequence[int]:
        """Channels of each normalisation layer, in order; empty where there are none."""
        ...

    @property
    def head(self) -> tuple[str, str]:
        """Names of weight [output_size, d] and bias [output_size] of the last layer, a linear one; the rest is the
        body."""
        ...

    @property
    def query_task_by_task(self) -> bool:
        """Whether large query sets go faster through :meth:`forward`, one task after another, than through the bank."""
        ...

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        """Fresh float32 parameters on the CPU, decided by the generator alone."""
        ...

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """One task, as a textbook writes it: inputs [n, *input_shape] -> outputs [n, output_size]."""
        ...

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        """What the body makes of the examples of T tasks: inputs [T, n, *input_shape] -> [T, n, d]."""
        ...

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """T tasks, each with its own parameters [T, *shape]: inputs [T, n, *input_shape] -> [T, n, output_size]."""
        ...


def linear_bank(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A linear layer of each of T tasks: [T, n, d], [T, o, d], [T, o] -> [T, n, o]."""
    return torch.baddbmm(bias.unsqueeze(1), inputs, weight.transpose(1, 2))


class ParameterSpace:
    """Named parameters as one flat vector and back, with any leading dimensions."""

    def __init__(self, shapes: Mapping[str, torch.Size]) -> None:
        self.shapes = dict(shapes)
        self.sizes = [shape.numel() for shape in self.shapes.values()]
        self.size = sum(self.sizes)

    def flatten(self, parameters: Mapping[str, Tensor]) -> Tensor:
        """[P] (or [T, P] where every parameter has a leading task dimension), in the order of ``shapes``."""
        first, shape = next(iter(self.shapes.items()))
        lead = parameters[first].dim() - len(shape)
        return torch.cat([parameters[name].flatten(start_dim=lead) for name in self.shapes], dim=-1)

    def unflatten(self, vector: Tensor) -> Parameters:
        """Views into the vector [..., P], by name."""
        parts = torch.split(vector, self.sizes, dim=-1)  # its backward is one cat; narrow's fills zeros
        lead = vector.shape[:-1]
        return {
            name: part.reshape(*lead, *shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)
        }
