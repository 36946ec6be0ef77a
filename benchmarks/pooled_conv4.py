"""The mini-ImageNet form of the four-block network, for workload W4: 3x3 convolutions, batch norm, ReLU, max-pool."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn import functional

from metagui.config.models import ModelSection
from metagui.config.tasks import TaskKind
from metagui.engine.models.base import linear_bank
from metagui.engine.models.conv4 import BLOCKS, Conv4
from metagui.engine.models.normalisation import Normalise, by_batch


class PooledConv4Model(ModelSection):
    """Its configuration, as a plug-in package would write it."""

    title: ClassVar[str] = "Conv4, pooled"
    summary: ClassVar[str] = "Four convolutions with batch norm and max-pool, linear head."
    fits: ClassVar[frozenset[TaskKind]] = frozenset({"images"})
    implementation: ClassVar[str] = "benchmarks.pooled_conv4:build"
    name: Literal["pooled_conv4"] = "pooled_conv4"
    filters: int = 32


class PooledConv4(Conv4):
    """Ravi and Larochelle 2017: four blocks of convolution, batch norm, ReLU and 2x2 max-pool, flattened; head."""

    def __init__(self, input_shape: tuple[int, ...], filters: int, output_size: int) -> None:
        super().__init__(input_shape[0], filters, output_size)
        height, width = (side >> BLOCKS for side in input_shape[1:])
        self.shapes["head.weight"] = torch.Size([output_size, filters * height * width])

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """One task: [n, channels, H, W] -> [n, output_size]."""
        hidden = inputs
        for block in range(BLOCKS):
            hidden = functional.conv2d(
                hidden, parameters[f"conv{block}.weight"], parameters[f"conv{block}.bias"], padding=1
            )
            hidden = normalise(block, hidden, parameters[f"norm{block}.weight"], parameters[f"norm{block}.bias"])
            hidden = functional.max_pool2d(torch.relu(hidden), 2)
        return functional.linear(hidden.flatten(1), parameters["head.weight"], parameters["head.bias"])

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """T tasks: [T, n, channels, H, W] -> [T, n, output_size]."""
        return linear_bank(self.features_bank(parameters, inputs, normalise), *(parameters[name] for name in self.head))

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        """T tasks, side by side in the channel dimension: [T, n, channels, H, W] -> [T, n, d]."""
        tasks, examples = inputs.shape[:2]
        hidden = inputs.transpose(0, 1).flatten(1, 2)
        for block in range(BLOCKS):
            weight, bias = parameters[f"conv{block}.weight"].flatten(0, 1), parameters[f"conv{block}.bias"].flatten()
            hidden = functional.conv2d(hidden, weight, bias, padding=1, groups=tasks)
            scale, shift = parameters[f"norm{block}.weight"].flatten(), parameters[f"norm{block}.bias"].flatten()
            hidden = functional.max_pool2d(torch.relu(normalise(block, hidden, scale, shift)), 2)
        return hidden.view(examples, tasks, -1).transpose(0, 1)


def build(config: PooledConv4Model, input_shape: tuple[int, ...], output_size: int) -> PooledConv4:
    """The network of a configuration."""
    if len(input_shape) != 3 or min(input_shape[1:]) < 2**BLOCKS:
        raise ValueError(f"images of at least {2**BLOCKS}x{2**BLOCKS} pixels are needed, not {math.prod(input_shape)}")
    return PooledConv4(input_shape, config.filters, output_size)
