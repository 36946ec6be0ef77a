"""JAX: the textbook's loss of one task, vmapped over the tasks, differentiated and compiled."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any, ClassVar

import torch
from torch import Tensor

from benchmarks.peers.base import Gradient, Peer
from benchmarks.workloads import Problem


class JaxVmap(Peer):
    name = "jax jit+vmap"
    requires = ("jax",)
    install = "pip install jax==0.10.2"
    algorithms: ClassVar[frozenset[str]] = frozenset({"maml"})
    networks: ClassVar[frozenset[str]] = frozenset({"mlp"})

    def version(self) -> str:
        return version("jax")

    def environment(self, threads: int) -> dict[str, str]:
        variables = {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1"}
        if threads == 1:
            variables["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        return variables

    def prepare(self, problem: Problem) -> Gradient:
        if hasattr(os, "sched_setaffinity"):  # XLA sizes its pools by the cores it may use
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: problem.threads])
        import jax
        import jax.numpy as jnp

        workload, depth = problem.workload, len(problem.theta) // 2

        def forward(layers: Any, inputs: Any) -> Any:
            for layer, (weight, bias) in enumerate(layers):
                inputs = inputs @ weight.T + bias
                if layer < depth - 1:
                    inputs = jax.nn.relu(inputs)
            return inputs

        def loss(layers: Any, inputs: Any, targets: Any) -> Any:
            return jnp.mean((forward(layers, inputs) - targets) ** 2)

        def task_loss(layers: Any, support: Any, query: Any) -> Any:
            for _ in range(workload.inner_steps):
                slopes = jax.grad(loss)(layers, *support)
                layers = jax.tree.map(lambda value, slope: value - workload.inner_lr * slope, layers, slopes)
            return loss(layers, *query)

        def outer_loss(layers: Any, support: Any, query: Any) -> Any:
            return jnp.mean(jax.vmap(task_loss, in_axes=(None, 0, 0))(layers, support, query))

        values = [jnp.asarray(value.numpy()) for value in problem.theta.values()]
        theta = list(zip(values[::2], values[1::2], strict=True))
        support, query = (
            (jnp.asarray(examples.inputs.numpy()), jnp.asarray(examples.targets.numpy()))
            for examples in (problem.batch.support, problem.batch.query)
        )
        compiled = jax.jit(jax.grad(outer_loss)).lower(theta, support, query).compile()

        def gradient() -> Tensor:
            slopes = jax.block_until_ready(compiled(theta, support, query))
            import numpy as np

            return torch.from_numpy(np.concatenate([np.asarray(leaf).ravel() for pair in slopes for leaf in pair]))

        return gradient
