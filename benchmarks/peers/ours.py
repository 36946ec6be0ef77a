"""metagui's engine, as the trainer calls it."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from benchmarks.peers.base import Gradient, Peer
from benchmarks.workloads import ImageTasks, Problem, Workload
from metagui.engine.inner_loop import descend
from metagui.engine.learner import MetaLearner
from metagui.identity import __version__


def learner_of(problem: Problem) -> MetaLearner:
    """A learner with the problem's theta."""
    shape = tuple(problem.batch.support.inputs.shape[2:])
    images = problem.workload.network == "pooled_conv4"
    outputs = problem.theta[problem.model.head[1]].shape[0]
    learner = MetaLearner(problem.config, family=ImageTasks(shape, outputs) if images else None)
    learner.load_parameters(problem.theta)
    return learner


class Metagui(Peer):
    """One meta-gradient with everything that is recorded of a step."""

    name = "metagui"
    algorithms: ClassVar[frozenset[str]] = frozenset({"maml", "fomaml", "reptile", "imaml"})

    def version(self) -> str:
        return __version__

    def prepare(self, problem: Problem) -> Gradient:
        learner = learner_of(problem)
        return lambda: learner.meta_gradient(problem.batch).gradient


class MetaguiBare(Peer):
    """Reptile's direction alone: no query loss, which plays no part in it and which no peer computes either."""

    name = "metagui, no query loss"
    algorithms: ClassVar[frozenset[str]] = frozenset({"reptile"})

    def version(self) -> str:
        return __version__

    def prepare(self, problem: Problem) -> Gradient:
        learner, workload = learner_of(problem), problem.workload
        rates = [workload.inner_lr] * workload.inner_steps

        def gradient() -> Tensor:
            start = learner.theta.detach().expand(len(problem.batch), -1)
            return (start - descend(learner.bank, start, problem.batch.support, rates).phi).mean(dim=0)

        return gradient

    def fits(self, workload: Workload) -> bool:
        return super().fits(workload) and not workload.overrides
