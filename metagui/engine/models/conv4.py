"""The four-block convolutional network of the few-shot literature, in the MAML paper's two forms."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from metagui.config.models import Conv4Model
from metagui.engine.models.base import Parameters, linear_bank
from metagui.engine.models.normalisation import Normalise, by_batch
from metagui.errors import InvalidValueError

BLOCKS = 4


class Conv4:
    """Four blocks of stride-2 3x3 convolution, batch norm and ReLU; mean over positions; head: the form for Omniglot.

    Finn et al. 2017, appendix A.1. What batch norm normalises by is the caller's choice, pass by pass.
    """

    stride = 2

    head = ("head.weight", "head.bias")
    query_task_by_task = True  # bound by arithmetic: a plain convolution beats a grouped one

    def __init__(
        self, channels: int, filters: int, output_size: int, norm_mode: str = "transductive", positions: int = 1
    ) -> None:
        """``positions`` that each filter gives the head."""
        self.norm_mode = norm_mode
        self.normalised_channels = [filters] * BLOCKS
        self.shapes: dict[str, torch.Size] = {}
        for block in range(BLOCKS):
            incoming = channels if block == 0 else filters
            self.shapes[f"conv{block}.weight"] = torch.Size([filters, incoming, 3, 3])
            self.shapes[f"conv{block}.bias"] = torch.Size([filters])
            self.shapes[f"norm{block}.weight"] = torch.Size([filters])
            self.shapes[f"norm{block}.bias"] = torch.Size([filters])
        self.shapes["head.weight"] = torch.Size([output_size, filters * positions])
        self.shapes["head.bias"] = torch.Size([output_size])

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        """Convolutions Glorot-uniform, biases zero, batch norm identity, head normal with deviation 0.01."""
        parameters: Parameters = {}
        for name, shape in self.shapes.items():
            if name.startswith("conv") and name.endswith("weight"):
                bound = math.sqrt(6 / (9 * (shape[0] + shape[1])))
                parameters[name] = torch.empty(shape).uniform_(-bound, bound, generator=random)
            elif name == "head.weight":
                parameters[name] = torch.empty(shape).normal_(0, 0.01, generator=random)
            elif name.startswith("norm") and name.endswith("weight"):
                parameters[name] = torch.ones(shape)
            else:
                parameters[name] = torch.zeros(shape)
        return parameters

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """One task: [n, channels, H, W] -> [n, output_size]."""
        hidden = inputs
        for block in range(BLOCKS):
            hidden = functional.conv2d(
                hidden, parameters[f"conv{block}.weight"], parameters[f"conv{block}.bias"], self.stride, padding=1
            )
            hidden = normalise(block, hidden, parameters[f"norm{block}.weight"], parameters[f"norm{block}.bias"])
            hidden = self._downsampled(torch.relu(hidden))
        return functional.linear(self._features(hidden), parameters["head.weight"], parameters["head.bias"])

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """T tasks: [T, n, channels, H, W] -> [T, n, output_size]."""
        return linear_bank(self.features_bank(parameters, inputs, normalise), *(parameters[name] for name in self.head))

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        """T tasks: [T, n, channels, H, W] -> [T, n, d].

        Tasks lie side by side in the channel dimension: a grouped convolution keeps them apart, and batch norm, being
        per channel, is per task for free.
        """
        tasks, examples = inputs.shape[:2]
        hidden = inputs.transpose(0, 1).flatten(1, 2)
        for block in range(BLOCKS):
            hidden = functional.conv2d(
                hidden,
                parameters[f"conv{block}.weight"].flatten(0, 1),
                parameters[f"conv{block}.bias"].flatten(),
                self.stride,
                padding=1,
                groups=tasks,
            )
            weight, bias = parameters[f"norm{block}.weight"].flatten(), parameters[f"norm{block}.bias"].flatten()
            hidden = normalise(block, hidden, weight, bias)
            hidden = self._downsampled(torch.relu(hidden))
        return self._features(hidden).view(examples, tasks, -1).transpose(0, 1)

    def _downsampled(self, hidden: Tensor) -> Tensor:
        """[n, C, H, W] at the end of a block; here the convolution's stride has done it."""
        return hidden

    def _features(self, hidden: Tensor) -> Tensor:
        """[n, C, H, W] after the last block -> [n, C * positions]."""
        return hidden.mean(dim=(2, 3))


class PooledConv4(Conv4):
    """Stride 1 and 2x2 max-pool at the end of each block, all positions to the head: the form for mini-ImageNet."""

    stride = 1

    def _downsampled(self, hidden: Tensor) -> Tensor:
        return functional.max_pool2d(hidden, 2)

    def _features(self, hidden: Tensor) -> Tensor:
        return hidden.flatten(1)


def build(config: Conv4Model, input_shape: tuple[int, ...], output_size: int) -> Conv4:
    """The network of a configuration; raises InvalidValueError for examples that are no images."""
    if len(input_shape) != 3:
        raise InvalidValueError("model.name", "conv4 works on images (channels, height, width): choose mlp")
    channels, *sides = input_shape
    if config.downsampling == "stride":
        return Conv4(channels, config.filters, output_size, config.norm_mode)
    least = 2**BLOCKS
    if min(sides) < least:
        raise InvalidValueError(
            "model.downsampling", f"four max-pools need images of at least {least}x{least} pixels: choose stride"
        )
    positions = math.prod(side >> BLOCKS for side in sides)
    return PooledConv4(channels, config.filters, output_size, config.norm_mode, positions)
