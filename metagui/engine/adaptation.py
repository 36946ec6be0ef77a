"""Held-out tasks being adapted to, prepared for the eye."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from metagui.config.changes import with_changes_of
from metagui.config.experiment import parse
from metagui.engine.checkpoint import read_checkpoint
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.losses import bank_accuracy, bank_loss
from metagui.engine.tasks.provenance import refuse_leak, stamp_of
from metagui.events import Adapt, Adaptation, Adapted, Array
from metagui.workspace import datasets_dir

_NOTHING = Array.of([0.0][:0])


def adapt(request: Adapt, superseded: Callable[[], bool]) -> Adapted | None:
    """Answer a request; None when a newer one came in meanwhile. Raises MetaguiError where weights or data misfit."""
    stamp = stamp_of(parse(request.config).task, datasets_dir(Path(request.data_dir)))
    learner = _learner(json.dumps(request.config, sort_keys=True), request.data_dir, stamp)
    learner.reconfigure(with_changes_of(learner.config, request.config))  # an earlier checkpoint may have had others
    if request.weights:
        learner.load_parameters({name: torch.tensor(array.numpy()) for name, array in request.weights.items()})
    elif request.checkpoint:
        saved = read_checkpoint(Path(request.checkpoint))
        refuse_leak(saved.data, learner.family)
        learner.load_parameters(saved.weights)
        learner.reconfigure(with_changes_of(learner.config, saved.config))
    else:
        learner.reset_parameters()
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


@lru_cache(maxsize=2)
def _learner(config: str, data_dir: str, stamp: int) -> MetaLearner:
    """Rebuilding the family for every refresh would read the data set again; ``stamp`` tells one that was replaced
    from the one before. The CPU leaves the device to training."""
    content = json.loads(config)
    content["compute"]["device"] = "cpu"
    return MetaLearner(parse(content), datasets=datasets_dir(Path(data_dir)))


def picture(learner: MetaLearner, batch: EpisodeBatch, path: list[Tensor], position: int, task: int) -> Adaptation:
    """One task of the batch, number ``position`` in it, at every step of the path (each [T, P])."""
    one = slice(position, position + 1)
    support, query = batch.support[one], batch.query[one]
    portrait = learner.family.portrait(batch, position)

    def outputs(inputs: Tensor) -> Tensor:
        """[1, n, *] -> [K + 1, n, o]."""
        return torch.cat([learner.predict(phi[one], support, inputs, k) for k, phi in enumerate(path)])

    def targets(values: Tensor) -> Tensor:
        return values.expand(len(path), *values.shape[1:])

    support_outputs = torch.cat([learner.predict_support(phi[one], support, k) for k, phi in enumerate(path)])
    support_loss = bank_loss(support_outputs, targets(support.targets))
    query_outputs = outputs(query.inputs)
    query_loss = bank_loss(query_outputs, targets(query.targets))
    grid = None if portrait.grid is None else portrait.grid.to(learner.device, learner.dtype)
    shown = query_outputs if grid is None else outputs(grid.unsqueeze(0))
    regression = learner.family.kind == "regression"
    return Adaptation(
        task=task,
        kind=learner.family.kind,
        title=portrait.title,
        class_names=portrait.class_names,
        grid=_NOTHING if grid is None else _array(grid[..., 0] if regression else grid),
        truth=_NOTHING if portrait.truth is None else _array(portrait.truth),
        predictions=_array(shown.squeeze(-1) if regression else shown.softmax(dim=-1)),
        support_x=_inputs(support.inputs[0], learner.family.kind),
        support_y=_targets(support.targets[0]),
        query_x=_inputs(query.inputs[0], learner.family.kind),
        query_y=_targets(query.targets[0]),
        support_loss=_array(support_loss),
        query_loss=_array(query_loss),
        query_accuracy=_NOTHING if regression else _array(bank_accuracy(query_outputs, targets(query.targets))),
    )


def _inputs(inputs: Tensor, kind: str) -> Array:
    if kind == "regression":
        return _array(inputs[..., 0])  # curves over several columns are drawn along the first
    if kind == "images":
        # Channels last for whoever draws; a single channel needs no axis of its own.
        pictures = inputs.movedim(1, -1)
        return _array(pictures.squeeze(-1) if pictures.shape[-1] == 1 else pictures)
    return _array(inputs)


def _targets(targets: Tensor) -> Array:
    return _array(targets) if targets.dtype == torch.int64 else _array(targets.squeeze(-1))


def _array(values: Tensor) -> Array:
    values = values.detach().cpu()
    return Array.of((values if values.dtype == torch.int64 else values.float()).numpy())
