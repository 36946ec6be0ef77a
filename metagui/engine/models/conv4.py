"""The four-block convolutional network of the few-shot literature, in the four forms that papers call by its name."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from metagui.config.models import Conv4Model
from metagui.engine.models.base import Parameters, linear_bank
from metagui.engine.models.convolution import convolution, laid_out, side_by_side
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
        hidden = laid_out(inputs)
        for block in range(BLOCKS):
            weight, bias = laid_out(parameters[f"conv{block}.weight"]), parameters[f"conv{block}.bias"]
            hidden = convolution(hidden, weight, bias, self.stride, padding=1)
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
        hidden = laid_out(inputs.transpose(0, 1).flatten(1, 2))
        for block in range(BLOCKS):
            hidden = convolution(
                hidden,
                side_by_side(parameters[f"conv{block}.weight"]),
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


class FlatConv4(Conv4):
    """Stride 2 and every position to the head: how the text of the MAML paper is often read (2x2 of 28x28)."""

    def _features(self, hidden: Tensor) -> Tensor:
        return hidden.flatten(1)


class PooledConv4(FlatConv4):
    """Stride 1, 2x2 max-pool at the end of each block, every position to the head: Vinyals et al. 2016, Snell et al.
    2017, and the MAML paper on mini-ImageNet."""

    stride = 1

    def _downsampled(self, hidden: Tensor) -> Tensor:
        return functional.max_pool2d(hidden, 2)


class PooledMeanConv4(PooledConv4):
    """Max-pool and the mean over positions: a head of one size for images of any."""

    def _features(self, hidden: Tensor) -> Tensor:
        return hidden.mean(dim=(2, 3))


FORMS: dict[str, type[Conv4]] = {
    "stride": Conv4,
    "stride-flatten": FlatConv4,
    "pool": PooledConv4,
    "pool-mean": PooledMeanConv4,
}


def build(config: Conv4Model, input_shape: tuple[int, ...], output_size: int) -> Conv4:
    """The network of a configuration; raises InvalidValueError for examples that are no images, or too small ones."""
    if len(input_shape) != 3:
        raise InvalidValueError("model.name", "conv4 works on images (channels, height, width): choose mlp")
    channels, *sides = input_shape
    form = FORMS[config.downsampling]
    pooled = issubclass(form, PooledConv4)
    if pooled and min(sides) < 2**BLOCKS:
        raise InvalidValueError(
            "model.downsampling",
            f"four max-pools need images of at least {2**BLOCKS}x{2**BLOCKS} pixels: choose stride",
        )
    # A convolution of stride 2 keeps the odd pixel at the edge, a max-pool drops it.
    at_the_end = [side >> BLOCKS if pooled else -(-side // 2**BLOCKS) for side in sides]
    positions = math.prod(at_the_end) if config.downsampling in ("stride-flatten", "pool") else 1
    return form(channels, config.filters, output_size, config.norm_mode, positions)
