"""Fully connected network."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from metagui.config.models import MLPModel
from metagui.engine.models.base import Parameters, linear_bank
from metagui.engine.models.normalisation import Normalise, by_batch


@dataclass(frozen=True, slots=True)
class Activation:
    """A nonlinearity f and its derivatives, told by what comes out of it: a = f(z)."""

    function: Callable[[Tensor], Tensor]
    overwriting: Callable[[Tensor], Tensor]
    """The same, which may put its result in the place of what it is given."""
    slope: Callable[[Tensor], Tensor]
    """f'(z) from a."""
    bend: Callable[[Tensor, Tensor], Tensor] | None
    """f''(z) / f'(z) from a and f'(z); None where it is zero everywhere."""

    def __call__(self, before: Tensor) -> Tensor:
        return self.function(before)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(torch.relu, torch.relu_, slope=torch.sign, bend=None),
    "tanh": Activation(torch.tanh, torch.tanh_, slope=lambda a: 1 - a * a, bend=lambda a, slope: -2 * a),
    "softplus": Activation(
        functional.softplus, functional.softplus, slope=lambda a: -torch.expm1(-a), bend=lambda a, slope: 1 - slope
    ),
}


class MLP:
    """Linear layers with a nonlinearity between them; inputs are flattened."""

    norm_mode = "none"
    normalised_channels = ()
    query_task_by_task = False

    def __init__(self, input_size: int, hidden: Sequence[int], output_size: int, activation: str = "relu") -> None:
        widths = [input_size, *hidden, output_size]
        self.depth = len(widths) - 1
        self.activation = ACTIVATIONS[activation]
        self.head = (f"linear{self.depth - 1}.weight", f"linear{self.depth - 1}.bias")
        self.weight_shapes = tuple(zip(widths[1:], widths[:-1], strict=True))  # outputs and inputs of each layer
        self.shapes: dict[str, torch.Size] = {}
        for layer in range(self.depth):
            self.shapes[f"linear{layer}.weight"] = torch.Size([widths[layer + 1], widths[layer]])
            self.shapes[f"linear{layer}.bias"] = torch.Size([widths[layer + 1]])

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        """Weights and biases uniform in ±1/sqrt(fan-in), torch's default for linear layers."""
        parameters: Parameters = {}
        for layer in range(self.depth):
            for name in (f"linear{layer}.weight", f"linear{layer}.bias"):
                bound = 1 / math.sqrt(self.shapes[f"linear{layer}.weight"][1])
                parameters[name] = torch.empty(self.shapes[name]).uniform_(-bound, bound, generator=random)
        return parameters

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """One task: [n, *] -> [n, output_size]."""
        hidden = inputs.flatten(start_dim=1)
        for layer in range(self.depth):
            hidden = functional.linear(hidden, parameters[f"linear{layer}.weight"], parameters[f"linear{layer}.bias"])
            if layer < self.depth - 1:
                hidden = self.activation(hidden)
        return hidden

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """T tasks: [T, n, *] -> [T, n, output_size], one batched product a layer."""
        return linear_bank(self.features_bank(parameters, inputs), *(parameters[name] for name in self.head))

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        """T tasks: [T, n, *] -> [T, n, width of the last hidden layer]."""
        hidden = inputs.flatten(start_dim=2)
        for layer in range(self.depth - 1):
            weight, bias = parameters[f"linear{layer}.weight"], parameters[f"linear{layer}.bias"]
            hidden = self.activation(linear_bank(hidden, weight, bias))
        return hidden


def build(config: MLPModel, input_shape: tuple[int, ...], output_size: int) -> MLP:
    """The network of a configuration."""
    return MLP(math.prod(input_shape), config.hidden, output_size, config.activation)
