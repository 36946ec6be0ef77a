"""A plain loop over tasks, written as in the papers: metagui's own textbook, and the reference of every check."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from benchmarks.networks import flat_parameters
from benchmarks.peers.base import Gradient, Peer
from benchmarks.workloads import Problem
from metagui.engine.textbook import fomaml, imaml, maml, reptile


class Textbook(Peer):
    name = "plain loop"
    algorithms: ClassVar[frozenset[str]] = frozenset({"maml", "fomaml", "reptile", "imaml"})

    def prepare(self, problem: Problem) -> Gradient:
        workload, model, batch = problem.workload, problem.model, problem.batch
        theta = {name: value.clone().requires_grad_() for name, value in problem.theta.items()}
        inner = (workload.inner_lr, workload.inner_steps)

        def gradient() -> Tensor:
            match workload.algorithm:
                case "maml":
                    result = maml.meta_gradient(model, theta, batch, *inner)
                case "fomaml":
                    result = fomaml.meta_gradient(model, theta, batch, *inner)
                case "reptile":
                    result = reptile.meta_gradient(model, theta, batch, *inner, training_set=reptile.support_alone)
                case "imaml":
                    implicit = (workload.proximal_lambda, workload.cg_steps)
                    result = imaml.meta_gradient(model, theta, batch, *inner, *implicit)
            return flat_parameters(result.gradient)

        return gradient
