"""How well a network adapts to held-out tasks: by inner step, with an interval over tasks, beside its competitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from metagui.config.changes import with_changes_of
from metagui.config.experiment import ExperimentConfig, parse
from metagui.engine.calibration import CalibrationCount, Predictions, fitted_temperature
from metagui.engine.checkpoint import read_checkpoint
from metagui.engine.competition import Competitor, baselines, rival
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.mistakes import ConfusionCount, WorstTasks
from metagui.engine.scoring import CHUNK as CHUNK
from metagui.engine.scoring import Scores as Scores
from metagui.engine.scoring import held_out_batches as held_out_batches
from metagui.engine.scoring import join as join
from metagui.engine.scoring import mean_and_interval as mean_and_interval
from metagui.engine.scoring import score as score
from metagui.engine.scoring import score_and_adapt
from metagui.engine.tasks.base import Split
from metagui.engine.tasks.provenance import refuse_leak
from metagui.errors import MetaguiError
from metagui.events import Array, Evaluate, Evaluated
from metagui.workspace import datasets_dir

MOST_VALIDATION_TASKS = 200
"""A temperature is one number: so many tasks fix it well enough."""

Progressed = Callable[[int, int], None]


class _SupersededError(Exception):
    """Nobody waits for the answer any more."""


class _Tally:
    """Counts tasks done, over all competitors, and breaks off once the answer is not wanted."""

    def __init__(self, superseded: Callable[[], bool], progress: Progressed, total: int) -> None:
        self._superseded = superseded
        self._progress = progress
        self._total = total
        self._done = 0

    def add(self, tasks: int) -> None:
        self._done += tasks
        self._progress(self._done, self._total)
        if self._superseded():
            raise _SupersededError


def evaluate(
    request: Evaluate, superseded: Callable[[], bool], progress: Progressed = lambda done, total: None
) -> Evaluated | None:
    """Answer a request; None when it was superseded. Raises MetaguiError where weights or data do not fit.

    ``progress(done, total)`` counts tasks, those of competitors and of validation included.
    """
    config = _config_of(request)
    learner = _learner_of(request, config)
    steps = request.inner_steps if request.inner_steps is not None else config.algorithm.evaluation_steps
    competitors = [*baselines(request.baselines, learner, steps), *(rival(one, learner) for one in request.rivals)]
    judgement = _Judgement(learner, steps, request)
    total = request.n_tasks * (1 + sum(each.runs for each in competitors)) + judgement.validation_tasks
    tally = _Tally(superseded, progress, total)
    try:
        judgement.fit_temperature(tally)
        judgement.judge_tasks(competitors, tally)
    except _SupersededError:
        return None
    return judgement.answer(competitors)


class _Judgement:
    """One evaluation on its way: what its tasks have told so far."""

    def __init__(self, learner: MetaLearner, steps: int, request: Evaluate) -> None:
        self._learner = learner
        self._steps = steps
        self._request = request
        kind = learner.family.kind
        self._labelled = request.detail and kind != "regression"
        # Points have no classes that could meet again in another task.
        self._confusion = ConfusionCount() if request.detail and kind == "images" else None
        self._worst = WorstTasks() if request.detail else None
        self._calibration: CalibrationCount | None = None
        self._scores: list[Scores] = []

    @property
    def validation_tasks(self) -> int:
        """On which the temperature is fitted."""
        return min(self._request.n_tasks, MOST_VALIDATION_TASKS) if self._labelled else 0

    def fit_temperature(self, tally: _Tally) -> None:
        """Comes first, so that test predictions need not be kept. A data set may have no validation classes."""
        if not self._labelled:
            return
        parts: list[Predictions] = []
        done = 0
        try:
            for batch in self._batches(self.validation_tasks, "validation"):
                _, phi = score_and_adapt(self._learner, batch, self._steps)
                parts.append(Predictions.of(self._outputs(phi, batch), batch.query.targets))
                done += len(batch)
                tally.add(len(batch))
        except MetaguiError:
            parts.clear()
            tally.add(self.validation_tasks - done)
        self._calibration = CalibrationCount(fitted_temperature(Predictions.join(parts)))

    def judge_tasks(self, competitors: list[Competitor], tally: _Tally) -> None:
        """All networks on each batch of tasks, before the next is drawn."""
        first = 0
        for batch in self._batches(self._request.n_tasks, "test"):
            scores, phi = score_and_adapt(self._learner, batch, self._steps)
            self._scores.append(scores)
            self._note(batch, scores, phi, first)
            first += len(batch)
            tally.add(len(batch))
            for each in [each for each in competitors if each.runs]:
                each.add(batch)
                tally.add(len(batch))

    def _note(self, batch: EpisodeBatch, scores: Scores, phi: Tensor, first: int) -> None:
        """What is asked for in detail; ``first`` is the number of the batch's first task."""
        family = self._learner.family
        if self._calibration is not None:
            outputs = self._outputs(phi, batch)
            self._calibration.add(Predictions.of(outputs, batch.query.targets))
            if self._confusion is not None:
                self._confusion.add(family, batch, outputs)
        if self._worst is not None:
            self._worst.add(family, batch, scores, first)

    def _batches(self, n_tasks: int, split: Split) -> Iterator[EpisodeBatch]:
        return held_out_batches(self._learner, n_tasks, split, self._request.task_seed)

    def _outputs(self, phi: Tensor, batch: EpisodeBatch) -> Tensor:
        return self._learner.predict(phi, batch.support, batch.query.inputs, self._steps)

    def answer(self, competitors: list[Competitor]) -> Evaluated:
        scores, request = join(self._scores), self._request
        mean, ci95 = mean_and_interval(scores.values)
        final = scores.values[-1]
        return Evaluated(
            request=request.request,
            metric=scores.metric,
            mean=float(mean[-1]),
            ci95=float(ci95[-1]),
            median=float(np.median(final)),
            n_tasks=request.n_tasks,
            n_worse=int((~(scores.losses[-1] <= scores.losses[0])).sum()),
            inner_steps=self._steps,
            norm_mode=self._learner.norm_mode,
            n_query=self._learner.config.task.n_query,
            mean_by_step=Array.of(mean),
            ci95_by_step=Array.of(ci95),
            rivals=tuple(each.judged(final) for each in competitors),
            calibration=self._calibration.finished() if self._calibration is not None else None,
            confusion=self._confusion.finished() if self._confusion is not None else None,
            worst=self._worst.finished() if self._worst is not None else (),
        )


def _config_of(request: Evaluate) -> ExperimentConfig:
    """With as many queries as are asked for; raises InvalidValueError where the task has not that many."""
    if request.n_query is None:
        return parse(request.config)
    task = request.config.get("task", {}) | {"n_query": request.n_query}
    return parse(request.config | {"task": task})


def _learner_of(request: Evaluate, config: ExperimentConfig) -> MetaLearner:
    learner = MetaLearner(config, datasets=datasets_dir(Path(request.data_dir)))
    if request.weights:
        learner.load_parameters({name: torch.tensor(array.numpy()) for name, array in request.weights.items()})
    elif request.checkpoint:
        saved = read_checkpoint(Path(request.checkpoint))
        refuse_leak(saved.data, learner.family)
        learner.load_parameters(saved.weights)
        # Rates and lambda as they were then: they may have been changed while the run went on.
        learner.reconfigure(with_changes_of(config, saved.config))
    return learner
