"""Networks: for one task as in a textbook, and for a bank of tasks."""

from __future__ import annotations

from metagui.config.models import ModelSection
from metagui.engine.implementation import implementation_of
from metagui.engine.models.base import ChannelsInnermost, Model, Parameters, ParameterSpace, space_of
from metagui.engine.models.conv4 import Conv4
from metagui.engine.models.mlp import MLP
from metagui.engine.models.resnet12 import ResNet12

__all__ = [
    "MLP",
    "ChannelsInnermost",
    "Conv4",
    "Model",
    "ParameterSpace",
    "Parameters",
    "ResNet12",
    "build_model",
    "space_of",
]


def build_model(config: ModelSection, input_shape: tuple[int, ...], output_size: int) -> Model:
    """The network of a configuration for examples of ``input_shape``; raises InvalidValueError where it cannot fit."""
    model: Model = implementation_of("model.name", config)(config, input_shape, output_size)
    return model
