"""The same networks as modules, for peers that work on modules; parameters have the engine's names, in its order."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.workloads import Problem
from metagui.engine.models import Parameters

BLOCKS = 4


class MeanOverPositions(nn.Module):
    """[n, C, H, W] -> [n, C]."""

    def forward(self, hidden: Tensor) -> Tensor:
        return hidden.mean(dim=(2, 3))


def module_of(problem: Problem) -> nn.Module:
    """A fresh module with the problem's theta."""
    shapes = {name: tuple(value.shape) for name, value in problem.theta.items()}
    match problem.workload.network:
        case "mlp":
            module = mlp(shapes)
        case "conv4":
            module = convolutions(shapes, stride=2, pool=False)
        case "pooled_conv4":
            module = convolutions(shapes, stride=1, pool=True)
    module.to(problem.dtype).load_state_dict(problem.theta)
    assert [name for name, _ in module.named_parameters()] == list(problem.theta)
    return module


def mlp(shapes: dict[str, tuple[int, ...]]) -> nn.Module:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    depth = len(shapes) // 2
    for layer in range(depth):
        outgoing, incoming = shapes[f"linear{layer}.weight"]
        layers[f"linear{layer}"] = nn.Linear(incoming, outgoing)
        if layer < depth - 1:
            layers[f"relu{layer}"] = nn.ReLU()
    return nn.Sequential(layers)


def convolutions(shapes: dict[str, tuple[int, ...]], *, stride: int, pool: bool) -> nn.Module:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for block in range(BLOCKS):
        outgoing, incoming = shapes[f"conv{block}.weight"][:2]
        layers[f"conv{block}"] = nn.Conv2d(incoming, outgoing, 3, stride=stride, padding=1)
        layers[f"norm{block}"] = nn.BatchNorm2d(outgoing, track_running_stats=False)
        layers[f"relu{block}"] = nn.ReLU()
        if pool:
            layers[f"pool{block}"] = nn.MaxPool2d(2)
    layers["features"] = nn.Flatten() if pool else MeanOverPositions()
    outgoing, incoming = shapes["head.weight"]
    layers["head"] = nn.Linear(incoming, outgoing)
    return nn.Sequential(layers)


def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy for labels, mean squared error for real targets."""
    return (
        functional.mse_loss(outputs, targets)
        if targets.is_floating_point()
        else functional.cross_entropy(outputs, targets)
    )


def flat(tensors: Iterable[Tensor | None]) -> Tensor:
    """One vector [P] of gradients in the order of theta."""
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors if tensor is not None])


def flat_parameters(parameters: Parameters) -> Tensor:
    return flat(parameters.values())
