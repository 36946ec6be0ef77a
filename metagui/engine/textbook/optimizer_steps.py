"""Two ways to step the outer optimizer without a loss of the network: towards a target, or with a given gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def move_toward_target(
    theta: Mapping[str, Tensor], target: Mapping[str, Tensor], optimizer: torch.optim.Optimizer, lam: float = 2.0
) -> None:
    """One optimizer step on the regularisation loss lam/2·‖θ − target‖², which pulls ``theta`` to ``target`` (slide 6).

    The gradient is lam·(θ − target), so plain SGD of rate ε moves ``lam``·ε of the way: twice ε with the default 2.0
    of the slide, and Reptile's θ ← θ + ε(target − θ) with 1.0. Adam's first step is the same for either, because it
    divides the factor out again.
    """
    optimizer.zero_grad()  # move_toward_target:1
    squares = [(theta[name] - target[name].detach()).square().sum() for name in theta]
    distance = torch.stack(squares).sum()  # move_toward_target:2 ‖θ − target‖²
    (lam / 2 * distance).backward()  # move_toward_target:3 λ (θ − target)
    optimizer.step()  # move_toward_target:4


def outer_step_with_grad(
    optimizer: torch.optim.Optimizer,
    parameters: Mapping[str, Tensor],
    grad: Sequence[Tensor] | Tensor,
    flat_grad: bool = False,
) -> None:
    """Step the outer optimizer with a given gradient instead of a backward pass (slide 7).

    ``grad`` is a list shaped like ``parameters``, or with ``flat_grad`` one vector [P] in the same order. Raises
    ValueError naming the first parameter that it does not fit.
    """
    gradients = _split(grad, parameters) if flat_grad else list(grad)  # outer_step:1
    _check_shapes(gradients, parameters)  # outer_step:2
    for parameter, gradient in zip(parameters.values(), gradients, strict=True):  # outer_step:3
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)  # outer_step:4 of its own type, device and layout
        parameter.grad.detach_().copy_(gradient.detach())  # outer_step:5
    optimizer.step()  # outer_step:6


def _split(vector: Sequence[Tensor] | Tensor, parameters: Mapping[str, Tensor]) -> list[Tensor]:
    if not isinstance(vector, Tensor) or vector.dim() != 1:
        given = f"has shape {list(vector.shape)}" if isinstance(vector, Tensor) else "is a list"
        raise ValueError(f"grad {given}; with flat_grad it must be one vector")
    position = 0
    for name, parameter in parameters.items():
        if position + parameter.numel() > len(vector):
            raise ValueError(f"grad has {len(vector)} numbers and ends within {name!r}; {_needed(parameters)}")
        position += parameter.numel()
    if position < len(vector):
        raise ValueError(
            f"grad has {len(vector)} numbers and goes on after {list(parameters)[-1]!r}; {_needed(parameters)}"
        )
    pieces = torch.split(vector, [parameter.numel() for parameter in parameters.values()])
    return [piece.view_as(parameter) for piece, parameter in zip(pieces, parameters.values(), strict=True)]


def _check_shapes(gradients: Sequence[Tensor], parameters: Mapping[str, Tensor]) -> None:
    names = list(parameters)
    if len(gradients) < len(names):
        raise ValueError(
            f"grad has {len(gradients)} tensors for {len(names)} parameters: none for {names[len(gradients)]!r}"
        )
    if len(gradients) > len(names):
        raise ValueError(
            f"grad has {len(gradients)} tensors for {len(names)} parameters: it goes on after {names[-1]!r}"
        )
    for (name, parameter), gradient in zip(parameters.items(), gradients, strict=True):
        if gradient.shape != parameter.shape:
            raise ValueError(
                f"grad of {name!r} has shape {list(gradient.shape)}; the parameter has {list(parameter.shape)}"
            )


def _needed(parameters: Mapping[str, Tensor]) -> str:
    return f"the parameters have {sum(parameter.numel() for parameter in parameters.values())}"
