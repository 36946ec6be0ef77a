"""Prototypical networks (Snell, Swersky, Zemel 2017, algorithm 1), batched over tasks.

With c_n the mean support feature of class n, the paper's logits are -|f - c_n|^2 = 2 c_n . f - |c_n|^2 - |f|^2. The
last term is the same for all classes and drops out of the softmax: the prototypes *are* a linear last layer, with
weight 2 c_n and bias -|c_n|^2. So to adapt is to write that layer, and everything that judges or shows an adapted
network works for this one, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from metagui.config.algorithms import ProtoNet as ProtoNetConfig
from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.bank import Bank, Boundary, Verdict, accuracy_of, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.losses import bank_loss
from metagui.engine.models.derivatives import differentiated_once


class ProtoNet:
    """Meta-gradient of the query loss under the prototypes, through the support features they are made of."""

    def __init__(self, bank: Bank, config: ProtoNetConfig) -> None:
        self.bank = bank
        self.learned: Mapping[str, Tensor] = {}
        sizes = [shape.numel() for shape in bank.space.shapes.values()]
        self._parts = dict(zip(bank.space.shapes, sizes, strict=True))
        self._n_way = bank.space.shapes[bank.model.head[1]].numel()

    def initial_learned(self) -> dict[str, Tensor]:
        return {}

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """phi_0 = theta, whose last layer knows nothing of the task, then the one with the prototypes, again and
        again."""
        phi = theta.detach().expand(support.inputs.shape[0], -1)
        yield phi
        with torch.no_grad():
            adapted = self.with_prototypes(phi, support)
        for _ in range(steps):
            yield adapted

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        leaf = theta.detach().requires_grad_()
        start = leaf.expand(len(batch), -1)
        with differentiated_once():
            phi = self.with_prototypes(start, batch.support)
        boundary("inner_step", 0)
        with differentiated_once():
            outputs = self.bank.query_outputs(phi, batch.support, batch.query.inputs, 1)
        losses = bank_loss(outputs, batch.query.targets)
        (gradient,) = torch.autograd.grad(losses.mean(), leaf)
        for task in range(len(batch)):  # one graph for all
            boundary("task", task)
        query = Verdict(losses.detach(), accuracy_of(outputs.detach(), batch.query))
        with torch.no_grad():
            before, after = (self.bank.losses(at.detach(), batch.support, k) for k, at in enumerate((start, phi)))
        return MetaGradient(gradient, outer_series(query) | inner_series([before], after))

    def with_prototypes(self, phi: Tensor, support: Examples) -> Tensor:
        """[T, P]: the same body, and the last layer that measures distances to the class means of the support set."""
        features = self.bank.support_features(phi, support, 0)  # [T, n, d]
        members = torch.nn.functional.one_hot(support.targets, self._n_way).to(features)  # [T, n, N]
        shares = members / members.sum(dim=1, keepdim=True).clamp_min(1)
        prototypes = shares.transpose(1, 2) @ features  # [T, N, d]
        head = dict(zip(self.bank.model.head, (2 * prototypes, -prototypes.square().sum(dim=-1)), strict=True))
        parameters = self.bank.space.unflatten(phi)
        return self.bank.space.flatten({name: head.get(name, value) for name, value in parameters.items()})
