"""Networks: for one task as in a textbook, and for a bank of tasks."""

from __future__ import annotations

import math

from metagui.config.models import Conv4Model, MLPModel, ModelConfig
from metagui.engine.models.base import Model, Parameters, ParameterSpace
from metagui.engine.models.conv4 import Conv4
from metagui.engine.models.mlp import MLP
from metagui.errors import InvalidValueError

__all__ = ["MLP", "Conv4", "Model", "ParameterSpace", "Parameters", "build_model"]


def build_model(config: ModelConfig, input_shape: tuple[int, ...], output_size: int) -> Model:
    """The network of a configuration for examples of ``input_shape``; raises InvalidValueError where it cannot fit."""
    match config:
        case MLPModel():
            return MLP(math.prod(input_shape), config.hidden, output_size, config.activation)
        case Conv4Model():
            if len(input_shape) != 3:
                raise InvalidValueError("model.name", "conv4 works on images (channels, height, width): choose mlp")
            return Conv4(input_shape[0], config.filters, output_size)
