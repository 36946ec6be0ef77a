"""metagui's engine, as the trainer calls it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from torch import Tensor

from benchmarks.peers.base import Gradient, Peer
from benchmarks.workloads import ImageTasks, Problem, Workload
from metagui.config import apply_overrides
from metagui.engine.allocator import keep_freed_memory
from metagui.engine.inner_loop import mean_pull_back, unroll
from metagui.engine.learner import MetaLearner
from metagui.engine.task_threads import one_torch_thread
from metagui.identity import __version__


def learner_of(problem: Problem) -> MetaLearner:
    """A learner with the problem's theta."""
    shape = tuple(problem.batch.support.inputs.shape[2:])
    images = problem.workload.network == "pooled_conv4"
    outputs = problem.theta[problem.model.head[1]].shape[0]
    learner = MetaLearner(problem.config, family=ImageTasks(shape, outputs) if images else None)
    learner.load_parameters(problem.theta)
    return learner


def gradient_of(learner: MetaLearner, problem: Problem) -> Gradient:
    """The learner's meta-gradient, parameters row by row as everybody's."""

    def gradient() -> Tensor:
        meta = learner.meta_gradient(problem.batch)
        with one_torch_thread():
            return learner.bank.space.row_major(meta.gradient)

    return gradient


class Metagui(Peer):
    """One meta-gradient with everything that is recorded of a step."""

    name = "metagui"
    algorithms: ClassVar[frozenset[str]] = frozenset({"maml", "fomaml", "reptile", "imaml"})

    def version(self) -> str:
        return __version__

    def prepare(self, problem: Problem) -> Gradient:
        keep_freed_memory()
        return gradient_of(learner_of(problem), problem)


class MetaguiSparing(Peer):
    """Reptile at the steps that record no query loss: it plays no part in the direction, and no peer computes it."""

    name = "metagui without query loss"
    algorithms: ClassVar[frozenset[str]] = frozenset({"reptile"})

    def version(self) -> str:
        return __version__

    def prepare(self, problem: Problem) -> Gradient:
        keep_freed_memory()
        learner = learner_of(replace(problem, config=apply_overrides(problem.config, ["algorithm.query_every=10"])))
        learner.step = 1
        return gradient_of(learner, problem)

    def fits(self, workload: Workload) -> bool:
        return super().fits(workload) and not workload.overrides


class MetaguiGradientAlone(Peer):
    """MAML without what is recorded of a step beside it (the losses after the last inner step, means, the gradient's
    norm): what the peers compute, and no more."""

    name = "metagui's gradient alone"
    algorithms: ClassVar[frozenset[str]] = frozenset({"maml"})
    networks: ClassVar[frozenset[str]] = frozenset({"mlp"})

    def version(self) -> str:
        return __version__

    def prepare(self, problem: Problem) -> Gradient:
        keep_freed_memory()
        learner, batch = learner_of(problem), problem.batch
        bank, steps, rate = learner.training_bank, problem.workload.inner_steps, problem.workload.inner_lr

        def gradient() -> Tensor:
            start = learner.theta.detach().expand(len(batch), -1)
            descent = unroll(bank, start, batch.support, [rate] * steps)
            query = bank.query_pass(descent.phi, batch, steps)
            return mean_pull_back(descent, query.gradient)

        return gradient
