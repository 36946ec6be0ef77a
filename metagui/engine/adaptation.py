"""Held-out tasks being adapted to, prepared for the eye."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.portrayal import portray
from metagui.engine.readiness import ready_learner, take_over
from metagui.events import Adapt, Adaptation, Adapted


def adapt(request: Adapt, superseded: Callable[[], bool]) -> Adapted | None:
    """Answer a request; None when a newer one came in meanwhile. Raises MetaguiError where weights or data misfit."""
    learner = ready_learner(request.config, request.data_dir)
    take_over(learner, request.weights, request.checkpoint, held_out=learner.family)
    batch = learner.held_out_tasks(list(request.tasks), "test", request.task_seed)
    steps = request.inner_steps if request.inner_steps is not None else learner.config.algorithm.evaluation_steps
    path = []
    for phi in learner.adaptation_path(batch.support, steps):
        if superseded():
            return None
        path.append(phi)
    pictures = []
    for position, task in enumerate(request.tasks):
        if superseded():
            return None
        pictures.append(picture(learner, batch, path, position, task))
    return Adapted(request=request.request, step=request.step, tasks=tuple(pictures))


def picture(learner: MetaLearner, batch: EpisodeBatch, path: list[Tensor], position: int, task: int) -> Adaptation:
    """One task of the batch, number ``position`` in it, at every step of the path (each [T, P])."""
    one = slice(position, position + 1)
    portrait = learner.family.portrait(batch, position)
    return portray(learner.bank, learner.family.kind, portrait, batch.part(one), [phi[one] for phi in path], task)
