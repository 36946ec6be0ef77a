"""How long a meta-step takes here and now: measured by making a few, of a learner that is thrown away."""

from __future__ import annotations

import time
from pathlib import Path

import torch

from metagui.config.experiment import ExperimentConfig
from metagui.config.models import MLPModel
from metagui.engine.allocator import keep_freed_memory
from metagui.engine.evaluation import score
from metagui.engine.learner import MetaLearner
from metagui.engine.sentinel import sentinel_for
from metagui.engine.trainer import TOY_PARAMETERS
from metagui.papers.budget import Pace

_VALIDATION_TASKS = 5
_FEWEST_STEPS = 2


def measure(config: ExperimentConfig, datasets_dir: Path, seconds: float) -> Pace:
    """Make meta-steps for about ``seconds``, at least two after one that warms up, and adapt to a few held-out tasks.

    Raises MetaguiError where the experiment cannot begin (no data, no device), UnsoundStepError where it diverges.
    """
    learner = MetaLearner(config, datasets=datasets_dir)
    toy = isinstance(config.model, MLPModel) and learner.bank.space.size < TOY_PARAMETERS
    torch.set_num_threads(config.compute.resolved_threads(toy))
    keep_freed_memory()
    sentinel = sentinel_for(learner)

    def step() -> None:
        sentinel.outer_step(learner, learner.meta_gradient(learner.sample_tasks()))

    step()
    _wait(learner)
    began, steps = time.perf_counter(), 0
    while steps < _FEWEST_STEPS or time.perf_counter() - began < seconds:
        step()
        steps += 1
    _wait(learner)
    per_step = (time.perf_counter() - began) / steps
    batch = learner.held_out_tasks(range(_VALIDATION_TASKS), "validation")
    began = time.perf_counter()
    score(learner, batch, config.algorithm.evaluation_steps)
    return Pace(step=per_step, validation_task=(time.perf_counter() - began) / _VALIDATION_TASKS)


def _wait(learner: MetaLearner) -> None:
    """Until an accelerator has done what it was given."""
    if learner.device.type == "cuda":
        torch.cuda.synchronize(learner.device)
