"""What adaptation does inside one network: the answer to LookInside."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor

from metagui.engine.bank import Bank
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.models.normalisation import Normalise
from metagui.engine.portrayal import array
from metagui.engine.studio.company import Accompanied
from metagui.engine.studio.landscape import axes_around, loss_on, plane_of
from metagui.engine.studio.layer_outputs import layer_outputs
from metagui.engine.studio.movement import Layers
from metagui.engine.studio.own_task import MisfitError
from metagui.engine.studio.preparation import LookUp, SupersededError, looking_up, prepare
from metagui.engine.studio.projection import principal_plane
from metagui.engine.studio.similarity import linear_cka
from metagui.engine.studio.stand_in import learner_for
from metagui.engine.studio.tasks import GivesTrials, HeldOut, Own
from metagui.errors import InvalidValueError
from metagui.studio import Inside, LookInside

MOST_BYTES = 2**30
"""Of paths that are held whole."""

COARSEST, FINEST = 3, 101
SLICE_SECONDS = 8.0
"""That the losses on the slice may take; a large network's is drawn more coarsely."""


def look_inside(request: LookInside, superseded: Callable[[], bool]) -> Inside | None:
    """Answer a request; None when a newer one came in meanwhile. Raises MetaguiError where network and tasks do not
    fit, or one of them cannot be had."""
    try:
        return _look(request, looking_up(superseded))
    except SupersededError:
        return None


def _look(request: LookInside, look_up: LookUp) -> Inside:
    if not COARSEST <= request.resolution <= FINEST:
        raise InvalidValueError("resolution", f"must be from {COARSEST} to {FINEST}, not {request.resolution}")
    look_up()
    ready = prepare(request.network, request.data_dir, _tasks(request), request.own, request.inner_steps)
    bank, batch, theta = ready.fitted.bank, ready.batch, ready.fitted.theta
    needed = (ready.steps + 1) * len(batch) * bank.space.size * theta.element_size()
    if needed > MOST_BYTES:
        raise MisfitError(
            f"Paths of {ready.steps} steps of {len(batch)} tasks through {bank.space.size:,} parameters need "
            f"{needed / 1e9:.1f} GB: take fewer steps or tasks."
        )
    path: list[Tensor] = []
    for phi in ready.fitted.adapter.adapt(theta, batch.support, ready.steps):
        look_up()
        path.append(phi)
    if not torch.isfinite(path[-1]).all():
        raise MisfitError("Adaptation runs away from all numbers here: lower the inner rate or the number of steps.")
    paths = torch.stack(path, dim=1)  # [T, K + 1, P]
    first = batch.part(slice(0, 1))
    support_features, query_features, explained = _features(ready.judge, first, path[0][:1], path[-1][:1], ready.steps)
    look_up()
    plane = plane_of(paths)
    trajectories = plane.coordinates(paths)
    axes = axes_around(trajectories, _affordable(request.resolution, bank, paths[0, :1], first.support))
    layers = Layers(bank.space)
    return Inside(
        request=request.request,
        step=request.network.step,
        support_features=array(support_features),
        query_features=array(query_features),
        explained=array(explained),
        support_labels=array(_labels(first.support)),
        query_labels=array(_labels(first.query)),
        slice_loss=array(loss_on(plane, axes, bank, first.support, look_up)),
        slice_axes=array(axes),
        trajectories=array(trajectories),
        slice_captured=plane.share_of(paths[0]),
        path_loss=array(_path_loss(bank, paths[0], first.support, look_up)),
        layers=layers.names,
        change=array(layers.relative(path[-1], path[0]).mean(dim=0)),
        similarity=array(_similarity(ready.judge, batch, path[0], path[-1], ready.steps, layers.names, look_up)),
    )


def _tasks(request: LookInside) -> GivesTrials:
    if request.own is not None:
        return Own(request.own)
    if not request.tasks:
        raise InvalidValueError("tasks", "name at least one task")
    family = learner_for(request.network, request.data_dir, None).family
    return HeldOut(family, request.tasks, request.task_seed)


@torch.no_grad()
def _features(bank: Bank, task: EpisodeBatch, before: Tensor, after: Tensor, k: int) -> tuple[Tensor, Tensor, Tensor]:
    """Of support [2, S, 2] and query [2, Q, 2] before and after, on the axes that all of them have in common, and the
    axes' shares of the variance [2]."""
    support = task.support
    described = []
    for phi, step in ((before, 0), (after, k)):
        described.append(bank.support_features(phi, support, step)[0])
        if task.query.inputs.shape[1]:
            described.append(_query_features(bank, phi, task, step)[0])
    coordinates, explained = principal_plane(torch.cat(described))
    by_time = coordinates.view(2, -1, 2)
    count = support.inputs.shape[1]
    return by_time[:, :count], by_time[:, count:], explained


def _query_features(bank: Bank, phi: Tensor, task: EpisodeBatch, k: int) -> Tensor:
    """[1, Q, d]: in company where they are judged so."""
    parameters = bank.space.unflatten(phi)

    def pass_support(normalise: Normalise) -> object:
        return bank.model.features_bank(parameters, task.support.inputs, normalise)

    normalise = bank.normalisation.of_query(k, pass_support)
    inputs = _judged(bank, task)
    return bank.model.features_bank(parameters, inputs, normalise)[:, inputs.shape[1] - task.query.inputs.shape[1] :]


def _judged(bank: Bank, task: EpisodeBatch) -> Tensor:
    """The examples [1, n, *] of one query pass: the queries come last."""
    if isinstance(bank, Accompanied):
        return torch.cat([task.support.inputs, task.query.inputs], dim=1)
    return task.query.inputs if task.query.inputs.shape[1] else task.support.inputs


@torch.no_grad()
def _affordable(wanted: int, bank: Bank, phi: Tensor, support: Examples) -> int:
    """How many points along each side, by how long the loss takes at one."""
    began = time.perf_counter()
    bank.losses(phi, support, 0)
    points = SLICE_SECONDS / (time.perf_counter() - began)
    return max(COARSEST, min(wanted, int(points**0.5)))


def _labels(examples: Examples) -> Tensor:
    """Labels, or the targets of regression, [n]."""
    return examples.targets[0] if examples.is_labelled else examples.targets[0, :, 0]


@torch.no_grad()
def _path_loss(bank: Bank, path: Tensor, support: Examples, look_up: LookUp) -> Tensor:
    """[K + 1]."""
    losses = []
    for k, phi in enumerate(path):
        look_up()
        losses.append(bank.losses(phi.unsqueeze(0), support, k))
    return torch.cat(losses)


def _similarity(
    bank: Bank,
    batch: EpisodeBatch,
    before: Tensor,
    after: Tensor,
    k: int,
    layers: tuple[str, ...],
    look_up: LookUp,
) -> Tensor:
    """[L], mean over tasks: of what each layer says of the queries, of the support set too or alone where these are
    judged in its company or are none."""
    alike = []
    for task in range(len(batch)):
        look_up()
        one = slice(task, task + 1)
        support, inputs = batch.support[one], _judged(bank, batch.part(one))
        old = layer_outputs(bank, before[one], support, inputs, 0)
        new = layer_outputs(bank, after[one], support, inputs, k)
        alike.append([linear_cka(old[name], new[name]) if name in old and name in new else math.nan for name in layers])
    return torch.tensor(alike).mean(dim=0)
