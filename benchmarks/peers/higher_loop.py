"""higher: an ordinary module and optimizer, made differentiable for the length of an inner loop."""

from __future__ import annotations

from importlib.metadata import version
from typing import ClassVar

import torch
from torch import Tensor

from benchmarks.networks import flat, loss_of, module_of
from benchmarks.peers.base import Gradient, Peer
from benchmarks.workloads import Problem


class Higher(Peer):
    name = "higher"
    requires = ("higher",)
    install = "pip install higher==0.2.1"
    algorithms: ClassVar[frozenset[str]] = frozenset({"maml", "fomaml"})

    def version(self) -> str:
        return version("higher")

    def prepare(self, problem: Problem) -> Gradient:
        import higher

        workload, batch, module = problem.workload, problem.batch, module_of(problem)
        optimizer = torch.optim.SGD(module.parameters(), lr=workload.inner_lr)
        second_order = workload.algorithm == "maml"

        def gradient() -> Tensor:
            module.zero_grad()
            first_order = torch.zeros(())
            for task in range(len(batch)):
                with higher.innerloop_ctx(
                    module, optimizer, copy_initial_weights=False, track_higher_grads=second_order
                ) as (functional, differentiable):
                    for _ in range(workload.inner_steps):
                        loss = loss_of(functional(batch.support.inputs[task]), batch.support.targets[task])
                        differentiable.step(loss)
                    outer = loss_of(functional(batch.query.inputs[task]), batch.query.targets[task]) / len(batch)
                    if second_order:
                        outer.backward()
                    else:
                        first_order = first_order + flat(torch.autograd.grad(outer, list(functional.parameters())))
            return flat(parameter.grad for parameter in module.parameters()) if second_order else first_order

        return gradient
