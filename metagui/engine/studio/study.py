"""Several networks adapt to the very same tasks: the answer to Study, a column each."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import torch
from torch import Tensor

from metagui.engine.algorithms.imaml import IMAML
from metagui.engine.episode import Examples
from metagui.engine.portrayal import NOTHING, Portrayal, array
from metagui.engine.studio.fitting import Fitted
from metagui.engine.studio.movement import Layers
from metagui.engine.studio.preparation import LookUp, Prepared, SupersededError, looking_up, prepare
from metagui.engine.studio.stand_in import learner_for
from metagui.engine.studio.tasks import GivesTrials, HeldOut, Own
from metagui.errors import InvalidValueError, MetaguiError
from metagui.events import Array
from metagui.studio import Column, Network, Studied, Study


def study(request: Study, superseded: Callable[[], bool]) -> Studied | None:
    """Answer a request; None when a newer one of its channel came in meanwhile.

    What is wrong with one network, or with the task for it, is its column's ``problem``.
    """
    look_up = looking_up(superseded)
    try:
        tasks = _tasks(request)
        columns = []
        for network in request.networks:
            look_up()
            columns.append(_column_or_problem(network, request, tasks, look_up))
    except SupersededError:
        return None
    return Studied(request=request.request, channel=request.channel, columns=tuple(columns))


def _tasks(request: Study) -> GivesTrials:
    """The person's own, else those of the first network whose family can be built here."""
    if request.own is not None:
        return Own(request.own)
    if not request.tasks:
        raise InvalidValueError("tasks", "name at least one task")
    refusals: list[MetaguiError] = []
    for network in request.networks:
        try:
            family = learner_for(network, request.data_dir, None).family
            return HeldOut(family, request.tasks, request.task_seed)
        except MetaguiError as refusal:
            refusals.append(refusal)
    raise refusals[0] if refusals else InvalidValueError("networks", "name at least one network")


def _column_or_problem(network: Network, request: Study, tasks: GivesTrials, look_up: LookUp) -> Column:
    try:
        return _column(network, request, tasks, look_up)
    except SupersededError:
        raise
    except InvalidValueError as error:
        return _problem(network, _sentence(error.message))
    except MetaguiError as error:
        return _problem(network, _sentence(str(error)))
    except MemoryError:
        return _problem(network, "There is not enough memory for this network and so many steps.")
    except Exception as error:  # of a plug-in, or of torch: the other columns can still be shown
        traceback.print_exc()
        return _problem(network, f"This network could not be adapted ({type(error).__name__}: {error}).")


def _column(network: Network, request: Study, tasks: GivesTrials, look_up: LookUp) -> Column:
    ready = prepare(network, request.data_dir, tasks, request.own, request.inner_steps)
    fitted, batch = ready.fitted, ready.batch
    portrayals = _portrayals(ready)
    layers = Layers(fitted.bank.space)
    pulls = Pulls(fitted, batch.support)
    movement: list[Tensor] = []
    start: Tensor | None = None
    for k, phi in enumerate(fitted.adapter.adapt(fitted.theta, batch.support, ready.steps)):
        look_up()
        start = phi if start is None else start
        movement.append(layers.relative(phi, start).mean(dim=0))
        pulls.add(phi, k)
        for position, portrayal in enumerate(portrayals):
            look_up()
            portrayal.add(phi[position : position + 1], k)
    return Column(
        title=network.title,
        step=network.step,
        inner_lr=fitted.inner_lr,
        proximal_lambda=fitted.proximal_lambda,
        tasks=tuple(portrayal.finished() for portrayal in portrayals),
        layers=layers.names,
        movement=array(torch.stack(movement)),
        data_pull=pulls.data,
        prior_pull=pulls.prior,
        note=ready.note,
    )


def _portrayals(ready: Prepared) -> list[Portrayal]:
    trial = ready.trial
    return [
        Portrayal(ready.judge, trial.kind, portrait, ready.batch.part(slice(position, position + 1)), number)
        for position, (portrait, number) in enumerate(zip(trial.portraits, trial.numbers, strict=True))
    ]


class Pulls:
    """Where the inner problem is proximal: the norms of what its two terms pull with, mean over tasks.

    Of the support loss its gradient, of the proximal term lambda (phi - theta). At a solution they are equal.
    """

    def __init__(self, fitted: Fitted, support: Examples) -> None:
        self._problem = fitted.adapter.problem(fitted.theta, support) if isinstance(fitted.adapter, IMAML) else None
        self._data: list[Tensor] = []
        self._prior: list[Tensor] = []

    def add(self, phi: Tensor, k: int) -> None:
        """At phi_k [T, P]."""
        if self._problem is not None:
            self._data.append(self._problem.bank.slope(phi, self._problem.support, k).gradient.norm(dim=1).mean())
            self._prior.append(self._problem.pull_gradient(phi).norm(dim=1).mean())

    @property
    def data(self) -> Array:
        return array(torch.stack(self._data)) if self._data else NOTHING

    @property
    def prior(self) -> Array:
        return array(torch.stack(self._prior)) if self._prior else NOTHING


def _problem(network: Network, sentence: str) -> Column:
    return Column(
        title=network.title,
        step=network.step,
        inner_lr=network.inner_lr,
        proximal_lambda=network.proximal_lambda,
        tasks=(),
        layers=(),
        movement=NOTHING,
        data_pull=NOTHING,
        prior_pull=NOTHING,
        problem=sentence,
    )


def _sentence(message: str) -> str:
    """Errors begin small and end without a full stop."""
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "!", "?")) else ".")
