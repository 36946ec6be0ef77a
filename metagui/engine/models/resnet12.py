"""ResNet-12: the residual network that few-shot papers use on mini-ImageNet."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from metagui.config.models import ResNet12Model
from metagui.engine.models.base import Parameters, linear_bank
from metagui.engine.models.convolution import convolution, laid_out, side_by_side
from metagui.engine.models.normalisation import Normalise, by_batch
from metagui.errors import InvalidValueError

BLOCKS = 4
LAYERS = 3
"""Convolutions of a block, beside the 1x1 one of its shortcut."""
SLOPE = 0.1
"""Of the leaky ReLU below zero."""


class ResNet12:
    """Four residual blocks, widths w, 2w, 4w, 8w; mean over positions; linear head.

    A block is three 3x3 convolutions, each with batch norm and all but the last with leaky ReLU; added to it the
    block's input through a 1x1 convolution with batch norm; then leaky ReLU and a 2x2 max-pool. As in Oreshkin et al.
    2018 (TADAM) and Lee et al. 2019 (MetaOptNet), without drop-out. Convolutions have no bias: batch norm has one.
    """

    head = ("head.weight", "head.bias")
    query_task_by_task = True  # bound by arithmetic

    def __init__(self, channels: int, width: int, output_size: int, norm_mode: str = "transductive") -> None:
        self.norm_mode = norm_mode
        self.normalised_channels: list[int] = []
        self.shapes: dict[str, torch.Size] = {}
        incoming = channels
        for block in range(BLOCKS):
            outgoing = width << block
            before = incoming
            for layer in range(LAYERS):
                self._add(f"block{block}.conv{layer}", outgoing, before, 3)
                before = outgoing
            self._add(f"block{block}.shortcut", outgoing, incoming, 1)
            incoming = outgoing
        self.shapes["head.weight"] = torch.Size([output_size, incoming])
        self.shapes["head.bias"] = torch.Size([output_size])

    def _add(self, name: str, outgoing: int, incoming: int, side: int) -> None:
        """A convolution and the batch norm after it."""
        self.shapes[f"{name}.weight"] = torch.Size([outgoing, incoming, side, side])
        self.shapes[f"{name}.norm.weight"] = torch.Size([outgoing])
        self.shapes[f"{name}.norm.bias"] = torch.Size([outgoing])
        self.normalised_channels.append(outgoing)

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        """Convolutions He-normal by fan-out for leaky ReLU, batch norm identity, head normal with deviation 0.01."""
        parameters: Parameters = {}
        for name, shape in self.shapes.items():
            if len(shape) == 4:
                deviation = math.sqrt(2 / ((1 + SLOPE**2) * shape[0] * shape[2] * shape[3]))
                parameters[name] = torch.empty(shape).normal_(0, deviation, generator=random)
            elif name == "head.weight":
                parameters[name] = torch.empty(shape).normal_(0, 0.01, generator=random)
            elif name.endswith("norm.weight"):
                parameters[name] = torch.ones(shape)
            else:
                parameters[name] = torch.zeros(shape)
        return parameters

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """One task: [n, channels, H, W] -> [n, output_size]."""
        features = self._body(parameters, laid_out(inputs), normalise, groups=1)
        return functional.linear(features, parameters["head.weight"], parameters["head.bias"])

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        """T tasks: [T, n, channels, H, W] -> [T, n, output_size]."""
        return linear_bank(self.features_bank(parameters, inputs, normalise), *(parameters[name] for name in self.head))

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        """T tasks: [T, n, channels, H, W] -> [T, n, 8w], side by side in the channels, as :class:`Conv4` does it."""
        tasks, examples = inputs.shape[:2]
        beside = {
            name: side_by_side(value) if value.dim() == 5 else value.flatten(0, 1)
            for name, value in parameters.items()
            if name not in self.head
        }
        features = self._body(beside, laid_out(inputs.transpose(0, 1).flatten(1, 2)), normalise, groups=tasks)
        return features.view(examples, tasks, -1).transpose(0, 1)

    def _body(self, parameters: Mapping[str, Tensor], hidden: Tensor, normalise: Normalise, groups: int) -> Tensor:
        """[n, groups * channels, H, W] -> [n, groups * 8w]."""
        norm = 0

        def convolved(name: str, image: Tensor) -> Tensor:
            nonlocal norm
            weight = parameters[f"{name}.weight"]
            image = convolution(image, weight, padding=weight.shape[-1] // 2, groups=groups)
            norm += 1
            return normalise(norm - 1, image, parameters[f"{name}.norm.weight"], parameters[f"{name}.norm.bias"])

        for block in range(BLOCKS):
            through = hidden
            for layer in range(LAYERS):
                through = convolved(f"block{block}.conv{layer}", through)
                if layer < LAYERS - 1:
                    through = functional.leaky_relu(through, SLOPE)
            through = through + convolved(f"block{block}.shortcut", hidden)
            hidden = functional.max_pool2d(functional.leaky_relu(through, SLOPE), 2)
        return hidden.mean(dim=(2, 3))


def build(config: ResNet12Model, input_shape: tuple[int, ...], output_size: int) -> ResNet12:
    """The network of a configuration; raises InvalidValueError for examples that are no images, or too small ones."""
    if len(input_shape) != 3:
        raise InvalidValueError("model.name", "resnet12 works on images (channels, height, width): choose mlp")
    least = 2**BLOCKS
    if min(input_shape[1:]) < least:
        raise InvalidValueError(
            "model.name", f"ResNet-12 halves an image four times: it needs {least}x{least} pixels at least"
        )
    return ResNet12(input_shape[0], config.width, output_size, config.norm_mode)
