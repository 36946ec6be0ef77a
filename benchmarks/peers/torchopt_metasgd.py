"""TorchOpt's differentiable optimizer, its Python paths."""

from __future__ import annotations

from importlib.metadata import version
from typing import ClassVar

from torch import Tensor

from benchmarks.networks import flat, loss_of, module_of
from benchmarks.peers.base import Gradient, Peer
from benchmarks.workloads import Problem


class TorchOpt(Peer):
    name = "torchopt"
    requires = ("torchopt", "optree", "graphviz")
    install = "pip install graphviz==0.21 optree==0.20.0 && pip install --no-deps torchopt==0.7.3"
    algorithms: ClassVar[frozenset[str]] = frozenset({"maml"})

    def version(self) -> str:
        return version("torchopt")

    def prepare(self, problem: Problem) -> Gradient:
        import torchopt

        workload, batch, module = problem.workload, problem.batch, module_of(problem)
        inner = torchopt.MetaSGD(module, lr=workload.inner_lr)
        leaves = list(module.parameters())

        def gradient() -> Tensor:
            for leaf in leaves:
                leaf.grad = None
            weights = torchopt.extract_state_dict(module, by="reference", detach_buffers=True)
            state = torchopt.extract_state_dict(inner, by="reference")
            for task in range(len(batch)):
                for _ in range(workload.inner_steps):
                    inner.step(loss_of(module(batch.support.inputs[task]), batch.support.targets[task]))
                (loss_of(module(batch.query.inputs[task]), batch.query.targets[task]) / len(batch)).backward()
                torchopt.recover_state_dict(module, weights)
                torchopt.recover_state_dict(inner, state)
            return flat(leaf.grad for leaf in leaves)

        return gradient
