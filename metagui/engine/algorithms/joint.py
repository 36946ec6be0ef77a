"""Joint pretraining: ordinary training on pooled tasks, fine-tuned at test time. The baseline of every comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from metagui.config.algorithms import Joint as JointConfig
from metagui.engine.algorithms.base import MetaGradient
from metagui.engine.algorithms.reptile import pooled
from metagui.engine.bank import Bank, Boundary, accuracy_of, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.inner_loop import path
from metagui.engine.losses import bank_accuracy, bank_loss
from metagui.engine.models.derivatives import differentiated_once

WEIGHT, BIAS = "class_weight", "class_bias"


class Joint:
    """Gradient of the mean loss over all examples of all tasks at theta itself.

    Where training tasks draw from shared classes (``bank.n_classes``), the body learns to tell all of these apart
    through a last layer of its own, [classes, d], as in supervised pretraining; a new task begins with a last layer of
    zeros. Where they share none, the tasks' own targets are pooled as they are.
    """

    def __init__(self, bank: Bank, config: JointConfig) -> None:
        self.bank = bank
        self.inner_lr = config.inner_lr
        self.learned: Mapping[str, Tensor] = {}

    def initial_learned(self) -> dict[str, Tensor]:
        if not self.bank.n_classes:
            return {}
        width = self.bank.space.shapes[self.bank.model.head[0]][1]
        random = torch.Generator().manual_seed(0)
        weight = torch.empty(self.bank.n_classes, width).uniform_(-1, 1, generator=random) / math.sqrt(width)
        return {WEIGHT: weight, BIAS: torch.zeros(self.bank.n_classes)}

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """Fine-tuning: phi_0 .. phi_steps of gradient descent on the support loss, each [T, P]."""
        return path(self.bank, self._beginning(theta), support, iter([self.inner_lr] * steps))

    def _beginning(self, theta: Tensor) -> Tensor:
        """theta, with a last layer of zeros where training did not use it."""
        if not self.learned:
            return theta
        parameters = self.bank.space.unflatten(theta.detach())
        return self.bank.space.flatten(
            {
                name: torch.zeros_like(value) if name in self.bank.model.head else value
                for name, value in parameters.items()
            }
        )

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        leaf = theta.detach().requires_grad_()
        phi, examples = leaf.expand(len(batch), -1), pooled(batch)
        own = [self.learned[name].detach().requires_grad_() for name in self.learned]
        if own:
            with differentiated_once():
                features = self.bank.support_features(phi, examples, 0)
            outputs = functional.linear(features, *own)
            numbers = batch.identity["class_number"].to(examples.targets.device)
            losses = bank_loss(outputs, numbers.gather(1, examples.targets))
            accuracy: Tensor | None = bank_accuracy(outputs, numbers.gather(1, examples.targets))
        else:
            with differentiated_once():
                outputs = self.bank.support_outputs(phi, examples, 0)
            losses = bank_loss(outputs, examples.targets)
            accuracy = accuracy_of(outputs, examples)
        gradient, *others = torch.autograd.grad(losses.mean(), [leaf, *own])
        for task in range(len(batch)):  # one graph for all
            boundary("task", task)
        series = {"outer_loss": losses.detach().mean()}
        if accuracy is not None:
            series["outer_accuracy"] = accuracy.detach().mean()
        return MetaGradient(gradient, series, dict(zip(self.learned, others, strict=True)))
