"""Everything that is judged beside a network on the very same tasks: simple baselines and other trained networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from metagui.config.changes import with_changes_of
from metagui.config.experiment import parse
from metagui.config.tasks import TaskKind
from metagui.engine.checkpoint import read_checkpoint
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.scoring import Scores, mean_and_interval, score
from metagui.engine.tasks.provenance import refuse_leak
from metagui.errors import CheckpointError, InvalidValueError, MetaguiError
from metagui.judgement import Baseline, Judged, Rival

Floats = npt.NDArray[np.float64]
JudgeTasks = Callable[[EpisodeBatch], Floats]
"""The value of each task [T] of a batch, in the evaluation's own metric."""


class Competitor:
    """Judged batch by batch; the first trouble ends it and is its verdict."""

    def __init__(self, title: str, judge: JudgeTasks | None, problem: str = "") -> None:
        self.title = title
        self._judge = judge
        self._problem = problem
        self._values: list[Floats] = []

    @property
    def runs(self) -> bool:
        """Whether it is still to be judged on further tasks."""
        return not self._problem

    def add(self, batch: EpisodeBatch) -> None:
        if self._judge is None or self._problem:
            return
        try:
            self._values.append(self._judge(batch))
        except MetaguiError as error:
            self._problem = str(error)

    def judged(self, own: Floats) -> Judged:
        """Beside the evaluated network's value of each task, ``own`` [T]: the difference is paired task by task."""
        if self._problem:
            nan = float("nan")
            return Judged(
                title=self.title, mean=nan, ci95=nan, difference=nan, difference_ci95=nan, problem=self._problem
            )
        values = np.concatenate(self._values)
        with np.errstate(invalid="ignore"):  # where both diverge there is no difference to tell
            (mean, gap), (ci95, gap_ci95) = mean_and_interval(np.stack([values, own - values]))
        return Judged(
            title=self.title,
            mean=float(mean),
            ci95=float(ci95),
            difference=float(gap),
            difference_ci95=float(gap_ci95),
        )


def baselines(names: Sequence[Baseline], learner: MetaLearner, steps: int) -> list[Competitor]:
    """In this order; one that means nothing for these tasks (guessing a number) is not there."""
    kind: TaskKind = learner.family.kind
    found = []
    for name in names:
        match name:
            case "chance" if kind != "regression":
                found.append(Competitor("Guessing", guessing(learner.family.output_size)))
            case "random":
                found.append(Competitor("Random start", from_random(learner, steps)))
            case "pixels":
                judge = support_mean if kind == "regression" else nearest_mean
                found.append(Competitor(_RAW[kind], judge))
    return found


_RAW: dict[TaskKind, str] = {"regression": "Support mean", "points": "Raw points", "images": "Raw pixels"}


def guessing(n_way: int) -> JudgeTasks:
    """One right in N, on every task."""

    def judge(batch: EpisodeBatch) -> Floats:
        return np.full(len(batch), 1 / n_way)

    return judge


def from_random(learner: MetaLearner, steps: int) -> JudgeTasks:
    """The same network and inner loop, from the parameters with which its training began."""
    fresh = MetaLearner(learner.config, learner.family, device=learner.device)

    def judge(batch: EpisodeBatch) -> Floats:
        return _last(score(fresh, batch, steps))

    return judge


def nearest_mean(batch: EpisodeBatch) -> Floats:
    """Accuracy of the class whose mean of raw support inputs is nearest, by Euclidean distance."""
    support, query = (examples.inputs.flatten(2).double() for examples in (batch.support, batch.query))
    labels = batch.support.targets
    members = torch.nn.functional.one_hot(labels).to(support).transpose(1, 2)  # [T, N, n]
    means = members @ support / members.sum(dim=2, keepdim=True).clamp_min(1.0)
    nearest = torch.cdist(query, means).argmin(dim=2)
    right: Floats = (nearest == batch.query.targets).double().mean(dim=1).cpu().numpy()
    return right


def support_mean(batch: EpisodeBatch) -> Floats:
    """Mean squared error of predicting the mean of the support targets everywhere."""
    means = batch.support.targets.double().mean(dim=1, keepdim=True)
    errors: Floats = (batch.query.targets.double() - means).square().flatten(1).mean(dim=1).cpu().numpy()
    return errors


def rival(one: Rival, learner: MetaLearner) -> Competitor:
    """Another network on ``learner``'s tasks, adapted as its own configuration says: its inner loop, its steps."""
    try:
        other = _learner_of(one, learner)
    except InvalidValueError as error:
        return Competitor(one.title, None, error.message)
    except MetaguiError as error:
        return Competitor(one.title, None, str(error))
    steps = other.config.algorithm.evaluation_steps

    def judge(batch: EpisodeBatch) -> Floats:
        return _last(score(other, batch.to(other.device, other.dtype), steps))

    return Competitor(one.title, judge)


def _last(scores: Scores) -> Floats:
    """After the last inner step."""
    values: Floats = scores.values[-1]
    return values


def _learner_of(one: Rival, learner: MetaLearner) -> MetaLearner:
    config = parse({**one.config, "task": learner.config.task.model_dump(mode="json")})
    other = MetaLearner(config, learner.family, device=learner.device)
    saved = read_checkpoint(Path(one.checkpoint))
    refuse_leak(saved.data, learner.family)
    try:
        other.load_parameters(saved.weights)
    except CheckpointError:
        theirs, ours = (_tasks_of(task) for task in (one.config.get("task", {}), config.to_dict()["task"]))
        if theirs == ours:
            raise
        raise CheckpointError(f"it was trained on {theirs}, whose inputs or classes are not those of {ours}") from None
    other.reconfigure(with_changes_of(config, saved.config))
    return other


def _tasks_of(task: dict[str, Any]) -> str:
    """What tasks are of, in words: ``5-way omniglot``."""
    ways = f"{task['n_way']}-way " if "n_way" in task else ""
    return f"{ways}{task.get('dataset') or task.get('name', 'other tasks')}"
