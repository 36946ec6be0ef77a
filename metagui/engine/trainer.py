"""Meta-training from start to end: the one path that the command line, the window, tests and every host share."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable

import torch

from metagui.config.experiment import ExperimentConfig
from metagui.config.models import MLPModel
from metagui.control import Control
from metagui.engine.checkpoint import Checkpoint, checkpoint_name, read_checkpoint, write_checkpoint
from metagui.engine.episode import EpisodeBatch
from metagui.engine.evaluation import Scores, held_out_batches, join, score
from metagui.engine.learner import MetaLearner
from metagui.engine.reporting import DivergedError, Reporter
from metagui.errors import MetaguiError
from metagui.events import CheckpointWritten, LogLine, Paused, Resumed, RunEnded, RunEvent, RunStarted, StepUnit
from metagui.workspace import Workspace

TOY_PARAMETERS = 20_000
"""Fully connected networks below this size are faster on one thread."""

CHECKPOINT_SECONDS = 60.0
"""A slow run is saved this often, however few steps it made."""


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
        self.learner = MetaLearner(config, datasets=workspace.datasets_dir)
        self.validation_batches: list[EpisodeBatch] = []
        self.best: float | None = None
        self.saved_step: int | None = None
        self.saved_at = time.monotonic()
        self.disk_refuses = False
        if workspace.resume_from is not None:
            self._restore(read_checkpoint(workspace.resume_from))
        toy = isinstance(config.model, MLPModel) and self.learner.bank.space.size < TOY_PARAMETERS
        self.threads = config.compute.resolved_threads(toy)
        self.reporter = Reporter(self.learner, config.outer.steps, emit)

    def run(self) -> RunEnded:
        torch.set_num_threads(self.threads)
        self._announce()
        try:
            if self.saved_step is None:
                self._validate()
                self._save()
            self.reporter.snapshot()
            while self.learner.step < self.config.outer.steps:
                self._meta_step()
        except _StopRequested:
            return self._end("stopped", f"Stopped after {self.learner.step:,} of {self._total} meta-steps.")
        except DivergedError as error:
            return self._diverged(error)
        return self._end("finished", f"Finished all {self._total} meta-steps.")

    @property
    def _total(self) -> str:
        return f"{self.config.outer.steps:,}"

    # --- one step ------------------------------------------------------------------------------------------------

    def _meta_step(self) -> None:
        learner, outer = self.learner, self.config.outer
        outer_lr = torch.tensor(learner.scheduled_lr(), dtype=learner.dtype, device=learner.device)
        series = learner.meta_step(learner.sample_tasks(), self._boundary)
        self.reporter.record(learner.step, series | {"outer_lr": outer_lr})
        last = learner.step == outer.steps
        if last or learner.step % outer.validation_every == 0:
            self._validate()
        self.reporter.tick()
        overdue = time.monotonic() - self.saved_at > CHECKPOINT_SECONDS
        if not last and (overdue or learner.step % self.config.compute.checkpoint_every == 0):
            self._save()
        self._boundary("meta_update", 0)

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
        self.reporter.record(self.learner.step, _validation_series(scores))
        self.reporter.flush()
        value = float(scores.values[-1].mean())
        higher_is_better = scores.accuracies is not None
        if math.isfinite(value) and (
            self.best is None or (value > self.best if higher_is_better else value < self.best)
        ):
            self.best = value
            if self.learner.step:
                self._save(metric=value)

    # --- saving --------------------------------------------------------------------------------------------------

    def _save(self, metric: float | None = None) -> bool:
        """Write a checkpoint of the last completed meta-update; a disk that refuses is reported, training goes on."""
        step = self.learner.step
        if step == self.saved_step and metric is None:
            return True
        self.reporter.flush()
        if not torch.isfinite(self.learner.theta).all():
            raise DivergedError(step, "a parameter", math.nan)
        checkpoint = Checkpoint(
            step, self.config.to_dict(), self.learner.parameters, self.learner.optimizer_state(), self.best
        )
        path = self.workspace.checkpoint_dir / checkpoint_name(step)
        self.saved_at = time.monotonic()
        try:
            sha256 = write_checkpoint(path, checkpoint)
        except OSError as error:
            if not self.disk_refuses:  # said once, not at every attempt
                self.disk_refuses = True
                why = error.strerror or str(error)
                message = f"The checkpoint of meta-step {step:,} could not be written to {path.parent}: {why}."
                self.emit(LogLine(level="error", message=f"{message} Training goes on and keeps trying."))
            return False
        if self.disk_refuses:
            self.disk_refuses = False
            self.emit(LogLine(level="info", message=f"Checkpoints are written again, from meta-step {step:,} on."))
        self.saved_step = step
        relative = path.relative_to(self.workspace.run_dir).as_posix()
        self.emit(CheckpointWritten(path=relative, sha256=sha256, step=step, best=metric is not None, metric=metric))
        return True

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.learner.load_parameters(checkpoint.weights)
        self.learner.load_optimizer_state(checkpoint.optimizer)
        self.learner.step = self.saved_step = checkpoint.step
        self.best = checkpoint.best

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
            )
        )

    def _end(self, status: str, reason: str) -> RunEnded:
        try:
            self.reporter.flush()
            self.reporter.progress()
            self.reporter.snapshot()
            saved = self._save()
        except DivergedError as error:
            return self._diverged(error)
        ended = RunEnded(
            status="finished" if status == "finished" else "stopped", step=self.learner.step, reason=reason
        )
        if saved:
            return ended
        kept = "nothing was saved" if self.saved_step is None else f"the last checkpoint is of step {self.saved_step:,}"
        return _failed(ended, f"{reason} The final checkpoint could not be written; {kept}.")

    def _diverged(self, error: DivergedError) -> RunEnded:
        kept = (
            "."
            if self.saved_step is None
            else f"; the last good checkpoint, of meta-step {self.saved_step:,}, is kept."
        )
        reason = (
            f"Training diverged: {error.series} became {error.value} at meta-step {error.step:,}{kept} "
            "A lower inner or outer rate usually helps."
        )
        return RunEnded(status="diverged", step=error.step, reason=reason, exit_code=1)


def _failed(ended: RunEnded, reason: str) -> RunEnded:
    return RunEnded(status="failed", step=ended.step, reason=reason, exit_code=1)


def _validation_series(scores: Scores) -> dict[str, torch.Tensor]:
    """``query_loss/k``, ``query_accuracy/k`` and their last as ``validation_*``; means over the tasks."""
    losses = scores.losses.mean(axis=1)
    series = {f"query_loss/{k}": value for k, value in enumerate(losses)} | {"validation_loss": losses[-1]}
    if scores.accuracies is not None:
        accuracies = scores.accuracies.mean(axis=1)
        series |= {f"query_accuracy/{k}": value for k, value in enumerate(accuracies)}
        series["validation_accuracy"] = accuracies[-1]
    return {name: torch.tensor(float(value), dtype=torch.float64) for name, value in series.items()}
