"""The inner loop: gradient descent on the support set of one task (slides 3 and 4).

Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", 2017, algorithm 2.
"""

from __future__ import annotations

import torch

from metagui.engine.episode import Examples
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters


def adapted_parameters(
    model: Model, theta: Parameters, support: Examples, inner_lr: float, inner_steps: int, create_graph: bool
) -> tuple[Parameters, list[float]]:
    """θ' after ``inner_steps`` steps from ``theta``, and the support loss at inner step k = 0..K (K + 1 numbers).

    ``theta`` must require gradients. With ``create_graph`` the result remembers how it came from theta, second
    derivatives included, which MAML differentiates through; without it the steps taken count as constants.
    """
    phi, inner_losses = dict(theta), []
    for _ in range(inner_steps):
        outputs = model.forward(phi, support.inputs)  # maml:5 fomaml:5 f_θ(x) of the K support examples
        inner_loss = task_loss(outputs, support.targets)  # equation 2 (squared error) or 3 (cross-entropy)
        gradients = torch.autograd.grad(inner_loss, list(phi.values()), create_graph=create_graph)  # maml:6 fomaml:6
        phi = {  # maml:7 fomaml:7 θ' = θ − α ∇L(f_θ)
            name: value - inner_lr * gradient for (name, value), gradient in zip(phi.items(), gradients, strict=True)
        }
        inner_losses.append(inner_loss.item())
    inner_losses.append(task_loss(model.forward(phi, support.inputs), support.targets).item())  # for the plots alone
    return phi, inner_losses
