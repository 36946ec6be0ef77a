"""How far layers move, by their names."""

from __future__ import annotations

import math

import torch

from metagui.engine.models.base import ParameterSpace
from metagui.engine.studio.movement import Layers

SPACE = ParameterSpace(
    {
        "a.weight": torch.Size([2, 2]),
        "b.weight": torch.Size([3]),
        "b.bias": torch.Size([1]),
        "a.bias": torch.Size([2]),  # a layer whose parameters do not lie side by side
        "alone": torch.Size([1]),
    }
)


def test_that_the_parameters_of_a_layer_are_counted_together_wherever_they_lie() -> None:
    layers = Layers(SPACE)
    assert layers.names == ("a", "b", "alone")
    vector = torch.arange(11.0)[None]
    expected = [[0, 1, 2, 3, 8, 9], [4, 5, 6, 7], [10]]
    for norm, values in zip(layers.norms(vector)[0], expected, strict=True):
        assert math.isclose(float(norm), math.hypot(*values), rel_tol=1e-6)


def test_that_movement_is_relative_and_says_nothing_of_layers_that_were_zero() -> None:
    layers = Layers(SPACE)
    start = torch.ones(2, 11)
    start[:, -1] = 0
    phi = start.clone()
    phi[0, :4] += 0.5
    phi[1, -1] = 3
    moved = layers.relative(phi, start)
    assert math.isclose(float(moved[0, 0]), 1 / math.sqrt(6), rel_tol=1e-6)
    assert moved[0, 1:].tolist() == [0, 0]
    assert moved[1, :2].tolist() == [0, 0]
    assert math.isnan(float(moved[1, 2]))
