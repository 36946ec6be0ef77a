"""Meta-training from start to end: the one path that the command line, the window, tests and every host share."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable

import torch

from metagui.config.experiment import ExperimentConfig
from metagui.config.models import MLPModel
from metagui.control import Control
from metagui.engine.allocator import keep_freed_memory
from metagui.engine.batch_ahead import batches_of
from metagui.engine.changes import LiveSettings
from metagui.engine.checkpoint import Checkpoint, read_checkpoint
from metagui.engine.concerns import Watch
from metagui.engine.diagnosis import diagnose
from metagui.engine.environment import change_notice, environment
from metagui.engine.episode import EpisodeBatch
from metagui.engine.evaluation import Scores, held_out_batches, join, score
from metagui.engine.learner import MetaLearner
from metagui.engine.random_states import RandomStates, capture, restore, seed
from metagui.engine.reporting import Reporter
from metagui.engine.saving import CheckpointWriter
from metagui.engine.sentinel import UnsoundStepError, sentinel_for
from metagui.engine.tasks.provenance import data_of, refuse_leak, replacement_notice
from metagui.errors import CheckpointError, MetaguiError
from metagui.events import LogLine, Paused, Resumed, RunEnded, RunEvent, RunStarted, StepUnit
from metagui.workspace import Workspace

TOY_PARAMETERS = 20_000
"""Fully connected networks below this size are faster on one thread."""


class _StopRequested(Exception):  # noqa: N818 - no error
    """Unwinds from an inner step to the end of the run."""


def run(config: ExperimentConfig, workspace: Workspace, control: Control, emit: Callable[[RunEvent], None]) -> RunEnded:
    """Meta-train until the last step, a stop, or a failure; the last event is exactly one RunEnded, also returned."""
    training: Training | None = None
    try:
        training = Training(config, workspace, control, emit)
        ended = training.run()
    except MetaguiError as error:
        ended = RunEnded(status="failed", step=_step(training), reason=str(error), exit_code=error.exit_code)
    except Exception as error:  # a plug-in or a bug: say so, with all that helps to find it
        reason = f"Training failed: {type(error).__name__}: {error}"
        if _is_out_of_memory(error):
            reason = "Memory ran out: lower the meta-batch, the inner steps or the network's width."
        detail = traceback.format_exc()
        ended = RunEnded(status="failed", step=_step(training), reason=reason, detail=detail, exit_code=1)
    emit(ended)
    return ended


def _is_out_of_memory(error: Exception) -> bool:
    """On the CPU torch raises a plain RuntimeError, which only its words tell apart."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)


def _step(training: Training | None) -> int:
    return 0 if training is None else training.learner.step


class Training:
    """One run in progress."""

    def __init__(
        self, config: ExperimentConfig, workspace: Workspace, control: Control, emit: Callable[[RunEvent], None]
    ) -> None:
        self.config = config
        self.workspace = workspace
        self.control = control
        self.emit = emit
        if self._draws_globally:
            seed(config.compute.seed)
        self.learner = MetaLearner(config, datasets=workspace.datasets_dir)
        self.validation_batches: list[EpisodeBatch] = []
        self.best: float | None = None
        self.best_step = -1
        self.validated = -1
        toy = isinstance(config.model, MLPModel) and self.learner.bank.space.size < TOY_PARAMETERS
        self.threads = config.compute.resolved_threads(toy)
        self.batches = batches_of(self.learner, self.threads, drawn_ahead=not self._draws_globally)
        self.environment = environment(self.learner.device, self.threads)
        self.notices: list[str] = []
        self.told_of_lost_tasks = False
        self.writer = CheckpointWriter(workspace, emit)
        self.sentinel = sentinel_for(self.learner)
        self.settings = LiveSettings(self.learner, control, emit)
        if workspace.resume_from is not None:
            self._restore(read_checkpoint(workspace.resume_from))
        self.random: RandomStates | None = capture(self.learner.device) if self._draws_globally else None
        self.reporter = Reporter(self.learner, config.outer.steps, Watch(self.learner, emit))

    def run(self) -> RunEnded:
        torch.set_num_threads(self.threads)
        keep_freed_memory()
        self._announce()
        try:
            with self.batches:
                self._train()
        except _StopRequested:
            return self._end("stopped", f"Stopped after {self.learner.step:,} of {self._total} meta-steps.")
        except UnsoundStepError as error:
            return self._diverged(error)
        return self._end("finished", f"Finished all {self._total} meta-steps.")

    def _train(self) -> None:
        if self.validated < self.learner.step and self._is_validated_after(self.learner.step):
            self._validate()
        if self.writer.saved_step is None:
            self._save()
        self.reporter.snapshot()
        while self.learner.step < self.config.outer.steps:
            self._meta_step()

    @property
    def _total(self) -> str:
        return f"{self.config.outer.steps:,}"

    # --- one step ------------------------------------------------------------------------------------------------

    def _meta_step(self) -> None:
        learner, outer = self.learner, self.config.outer
        if self.settings.apply():
            self.reporter.flush()
            # A run that is killed now goes on with what was chosen.
            self.writer.write(self._checkpoint(), self.best if learner.step == self.best_step else None)
        outer_lr = torch.full((), learner.scheduled_lr(), dtype=learner.dtype, device=learner.device)
        meta = learner.meta_gradient(self.batches.take(), self._boundary)
        sound = self.sentinel.outer_step(learner, meta)
        self.reporter.record(learner.step, self.settings.series | meta.series | {"outer_lr": outer_lr}, sound)
        if self._draws_globally:
            self.random = capture(learner.device)
        if self._is_validated_after(learner.step):
            self._validate()
        self.reporter.tick()
        due = self.writer.is_overdue or learner.step % self.config.compute.checkpoint_every == 0
        if due and learner.step < outer.steps:
            self._save()
        self._boundary("meta_update", 0)

    @property
    def _draws_globally(self) -> bool:
        """Whether code that is not ours takes part, and may draw from the global random number generators."""
        sections = (self.config.task, self.config.model, self.config.algorithm)
        return any(not section.implementation.startswith("metagui.") for section in sections)

    def _boundary(self, unit: StepUnit | None, index: int) -> None:
        """Between inner steps, tasks and updates: the only places where training holds, and where it stops."""
        if self.control.stopping:
            raise _StopRequested
        if unit is None or not self.control.pauses_at(unit):
            return
        self.reporter.flush()
        self.reporter.progress()
        self.reporter.snapshot()
        self._save()
        steps = self.config.algorithm.inner_steps
        inner_step, task = {"inner_step": (index + 1, 0), "task": (steps, index + 1), "meta_update": (0, 0)}[unit]
        self.emit(Paused(step=self.learner.step, unit=unit, inner_step=inner_step, task=task))
        goes_on_freely = self.control.wait()
        self.reporter.skip_idle_time()
        if self.control.stopping:
            raise _StopRequested
        if goes_on_freely:
            self.emit(Resumed(step=self.learner.step))

    # --- held-out tasks ------------------------------------------------------------------------------------------

    def _is_validated_after(self, step: int) -> bool:
        return step == self.config.outer.steps or step % self.config.outer.validation_every == 0

    def _validate(self) -> None:
        """Try the fixed validation tasks; a new best is saved as such."""
        self.reporter.flush()
        if not self.validation_batches:
            n_tasks = self.config.outer.validation_tasks
            self.validation_batches = list(held_out_batches(self.learner, n_tasks, "validation"))
        parts = []
        for batch in self.validation_batches:
            parts.append(score(self.learner, batch, self.config.algorithm.evaluation_steps))
            self._boundary(None, 0)
        scores = join(parts)
        self.validated = self.learner.step
        self._tell_of_lost_tasks(scores)
        if self._draws_globally:
            self.random = capture(self.learner.device)
        self.reporter.record(self.learner.step, _validation_series(scores))
        self.reporter.flush()
        value = float(scores.values[-1].mean())
        higher_is_better = scores.accuracies is not None
        if math.isfinite(value) and (
            self.best is None or (value > self.best if higher_is_better else value < self.best)
        ):
            self.best, self.best_step = value, self.learner.step
            if self.learner.step:
                self._save(metric=value)

    def _tell_of_lost_tasks(self, scores: Scores) -> None:
        """Adaptation may diverge on a few held-out tasks while training is sound: that is said, once."""
        lost, n_tasks = scores.n_lost, scores.losses.shape[1]
        if lost and not self.told_of_lost_tasks:
            self.told_of_lost_tasks = True
            message = (
                f"On {lost} of {n_tasks} validation tasks the loss after adaptation is no finite number, first at "
                f"meta-step {self.learner.step:,}; the series validation_lost counts them. Training goes on."
            )
            self.emit(LogLine(level="warning", message=message))

    # --- saving --------------------------------------------------------------------------------------------------

    def _save(self, metric: float | None = None) -> bool:
        """Write a checkpoint of the last completed meta-update, where there is none yet."""
        if self.learner.step == self.writer.saved_step and metric is None:
            return True
        self.reporter.flush()
        return self.writer.write(self._checkpoint(), metric)

    def _checkpoint(self) -> Checkpoint:
        learner = self.learner
        return Checkpoint(
            step=learner.step,
            config=self.learner.config.to_dict(),
            weights=learner.parameters,
            optimizer=learner.optimizer_state(),
            best=self.best,
            validated=self.validated,
            first_loss=self.sentinel.first_loss,
            environment=self.environment,
            data=data_of(learner.family),
            random=self.random or capture(learner.device),
        )

    def _restore(self, checkpoint: Checkpoint) -> None:
        refuse_leak(checkpoint.data, self.learner.family)
        self.notices.append(replacement_notice(checkpoint.data, self.learner.family))
        self.settings.restore(checkpoint.config)
        self.learner.load_parameters(checkpoint.weights)
        self.learner.load_optimizer_state(checkpoint.optimizer)
        self.learner.step = self.writer.saved_step = checkpoint.step
        self.best = checkpoint.best
        self.validated = checkpoint.step if checkpoint.validated is None else checkpoint.validated
        self.sentinel = sentinel_for(self.learner, checkpoint.first_loss)
        self.notices.append(change_notice(checkpoint.environment, self.environment))
        try:
            restore(checkpoint.random, self.learner.device)
        except (ValueError, TypeError, KeyError, RuntimeError) as error:
            where = self.workspace.resume_from
            raise CheckpointError(f"{where}: its states of random numbers are damaged ({error})") from error

    # --- beginning and end ---------------------------------------------------------------------------------------

    def _announce(self) -> None:
        self.emit(
            RunStarted(
                step=self.learner.step,
                total_steps=self.config.outer.steps,
                device=str(self.learner.device),
                threads=self.threads,
                parameters=self.learner.bank.space.size,
                norm_mode=self.learner.norm_mode,
                n_query=self.config.task.n_query,
            )
        )
        self.settings.tell_restored()
        for notice in getattr(self.learner.family, "notices", ()):
            self.emit(LogLine(level="info", message=notice))
        for notice in filter(None, self.notices):
            self.emit(LogLine(level="warning", message=notice))

    def _end(self, status: str, reason: str) -> RunEnded:
        try:
            self.reporter.flush()
            self.reporter.progress()
            self.reporter.snapshot()
            saved = self._save()
        except UnsoundStepError as error:
            return self._diverged(error)
        ended = RunEnded(
            status="finished" if status == "finished" else "stopped", step=self.learner.step, reason=reason
        )
        if saved:
            return ended
        step = self.writer.saved_step
        kept = "nothing was saved" if step is None else f"the last checkpoint is of step {step:,}"
        return _failed(ended, f"{reason} The final checkpoint could not be written; {kept}.")

    def _diverged(self, error: UnsoundStepError) -> RunEnded:
        """The bad step was not made: say what it would have been made of."""
        self.learner.step = error.step - 1
        fault = diagnose(self.learner, self.sentinel.first_loss)
        saved = self.writer.saved_step
        kept = "." if saved is None else f"; the last good checkpoint, of meta-step {saved:,}, is kept."
        reason = f"Training diverged at meta-step {error.step:,}: {fault}{kept}"
        advice = "A lower inner or outer rate usually helps."
        return RunEnded(status="diverged", step=error.step, reason=f"{reason} {advice}", exit_code=1)


def _failed(ended: RunEnded, reason: str) -> RunEnded:
    return RunEnded(status="failed", step=ended.step, reason=reason, exit_code=1)


def _validation_series(scores: Scores) -> dict[str, torch.Tensor]:
    """``query_loss/k``, ``query_accuracy/k`` and their last as ``validation_*``, means over the tasks; and
    ``validation_lost``, the number of tasks whose loss after adaptation is not finite."""
    losses = scores.losses.mean(axis=1)
    series = {f"query_loss/{k}": value for k, value in enumerate(losses)} | {"validation_loss": losses[-1]}
    series["validation_lost"] = scores.n_lost
    if scores.accuracies is not None:
        accuracies = scores.accuracies.mean(axis=1)
        series |= {f"query_accuracy/{k}": value for k, value in enumerate(accuracies)}
        series["validation_accuracy"] = accuracies[-1]
    return {name: torch.tensor(float(value), dtype=torch.float64) for name, value in series.items()}
