"""How every answer of the studio begins: a network with its weights, fitted to the tasks, and the tasks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from metagui.engine.bank import Bank
from metagui.engine.episode import EpisodeBatch
from metagui.engine.readiness import take_over
from metagui.engine.studio.company import NOTE, accompanied, lacks_company
from metagui.engine.studio.fitting import Fitted, fit
from metagui.engine.studio.own_task import MisfitError
from metagui.engine.studio.stand_in import learner_for
from metagui.engine.studio.tasks import GivesTrials, Trial
from metagui.studio import Network, OwnTask

MOST_STEPS = 10_000


class SupersededError(Exception):
    """A newer request came in."""


LookUp = Callable[[], None]
"""Called between any two steps of long work; raises SupersededError where it is not wanted any more."""


def looking_up(superseded: Callable[[], bool]) -> LookUp:
    """To be called between any two steps of long work."""

    def look_up() -> None:
        if superseded():
            raise SupersededError

    return look_up


@dataclass(frozen=True, slots=True)
class Prepared:
    """``batch`` is the trial's, where the network computes; ``judge`` makes the passes whose outputs are shown, and
    ``note`` says what a person should know of them."""

    fitted: Fitted
    judge: Bank
    trial: Trial
    batch: EpisodeBatch
    steps: int
    note: str


def prepare(
    network: Network, data_dir: str, tasks: GivesTrials, own: OwnTask | None, inner_steps: int | None
) -> Prepared:
    """Raises MetaguiError where network and tasks do not fit, or the network cannot be had."""
    learner = learner_for(network, data_dir, own)
    trial = tasks.for_family(learner.family)
    take_over(learner, network.weights, network.checkpoint, held_out=tasks.held_out)
    fitted = fit(learner, trial.ways, network.inner_lr, network.proximal_lambda)
    steps = fitted.evaluation_steps if inner_steps is None else inner_steps
    if not 0 <= steps <= MOST_STEPS:
        raise MisfitError(f"Adaptation takes from 0 to {MOST_STEPS:,} steps, not {steps:,}.")
    batch = trial.batch.to(learner.device, learner.dtype)
    judge, notes = fitted.bank, []
    if fitted.unused:
        total = fitted.unused + trial.ways
        notes.append(
            f"{fitted.unused} of the last layer's {total} outputs are shut out: the task has {trial.ways} classes."
        )
    if own is not None and lacks_company(fitted.bank, batch, trial.ways):
        judge = accompanied(fitted.bank)
        notes.append(NOTE)
    return Prepared(fitted, judge, trial, batch, steps, " ".join(notes))
