"""Lambda, the diagonal that ties phi to theta: given, or learned as its logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from metagui.engine.models.base import ParameterSpace

Shape = Literal["scalar", "layer", "element"]

LOG_LAMBDA = "log_lambda"
"""Name of what is learned."""


@dataclass(frozen=True, slots=True)
class LearnedStrength:
    """Lambda = max(exp(log_lambda), floor), with one log_lambda [] for all parameters, [layers] one for each layer, or
    [P] one for each parameter."""

    space: ParameterSpace
    shape: Shape
    initial: float
    floor: float

    @property
    def layer_sizes(self) -> list[int]:
        """Parameters of each layer, in order: names up to their last dot name it, as in ``linear0.weight``."""
        sizes: dict[str, int] = {}
        for name, size in zip(self.space.shapes, self.space.sizes, strict=True):
            layer = name.rpartition(".")[0] or name
            sizes[layer] = sizes.get(layer, 0) + size
        return list(sizes.values())

    def initial_log(self) -> Tensor:
        """Where learning begins, on the CPU."""
        size = {"scalar": [], "layer": [len(self.layer_sizes)], "element": [self.space.size]}[self.shape]
        return torch.full(size, math.log(self.initial), dtype=torch.float64)

    def of(self, log_lambda: Tensor) -> Tensor:
        """Lambda [] or [P]."""
        strength = log_lambda.detach().exp().clamp_min(self.floor)
        if self.shape != "layer":
            return strength
        return torch.cat([part.expand(size) for part, size in zip(strength, self.layer_sizes, strict=True)])

    def gradient(self, by_parameter: Tensor, log_lambda: Tensor) -> Tensor:
        """From the gradient by each parameter's own log lambda [P] to that by what is learned, shaped like it.

        At the floor a gradient that would push further down is taken away.
        """
        match self.shape:
            case "scalar":
                gradient = by_parameter.sum()
            case "layer":
                gradient = torch.stack([part.sum() for part in by_parameter.split(self.layer_sizes)])
            case "element":
                gradient = by_parameter
        at_floor = log_lambda.detach() <= math.log(self.floor)
        return torch.where(at_floor & (gradient > 0), 0.0, gradient)

    def series(self, log_lambda: Tensor) -> dict[str, Tensor]:
        """``proximal_lambda``, the mean over the parameters, and the smallest and largest where there are several."""
        strength = self.of(log_lambda)
        if self.shape == "scalar":
            return {"proximal_lambda": strength}
        low, high = strength.aminmax()
        return {"proximal_lambda": strength.mean(), "proximal_lambda_min": low, "proximal_lambda_max": high}
