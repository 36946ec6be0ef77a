"""How much memory a run will need, told before it starts.

One meta-step and one validation batch are made on the meta device, where tensors have shapes and no values, while
the bytes they would hold are counted. So the estimate knows of every algorithm what it really keeps, plug-ins
included. Long inner loops and large meta-batches, in which memory is linear, are extrapolated from shorter ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from metagui.config.experiment import ExperimentConfig, parse
from metagui.engine.device import device_for
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.evaluation import CHUNK
from metagui.engine.learner import DTYPES, MetaLearner
from metagui.engine.live_bytes import LiveBytes
from metagui.engine.machine_memory import Room, room_on
from metagui.engine.seeding import generator
from metagui.engine.tasks import build_family
from metagui.engine.tasks.base import TaskFamily
from metagui.errors import InvalidValueError
from metagui.events import EstimateMemory, MemoryEstimated
from metagui.workspace import datasets_dir

Verdict = Literal["fits", "tight", "impossible"]

ACCURACY = 2.0
"""Measured peaks lie within this factor of what is estimated above the program itself; a test holds it."""

PROGRAM = {"cpu": 350 << 20, "cuda": 600 << 20, "xpu": 600 << 20, "mps": 350 << 20}
"""What the program takes where it computes before any network: torch with its libraries, or a device's context."""

DIRECT_STEPS, DIRECT_TASKS = 16, 4
"""Up to here a meta-step is gone through as it is."""

_UNROLLED = 1
"""Steps of a held-out adaptation, which keeps nothing of earlier ones."""


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes, at the most that a run will hold at once: ``program``, ``state`` (parameters, moments, data), and the
    ``work`` of a meta-step or a validation, whichever is more."""

    program: int
    state: int
    work: int
    room: Room

    @property
    def needed(self) -> int:
        return self.program + self.state + self.work

    @property
    def verdict(self) -> Verdict:
        """Impossible only where not even half the estimate fits into all the memory there is."""
        if self.room.total and self.needed / ACCURACY > self.room.total:
            return "impossible"
        return "tight" if self.room.available and self.needed > self.room.available else "fits"


def estimate(config: ExperimentConfig, datasets: Path) -> MemoryEstimate:
    """Of a run on this machine; raises InvalidValueError or DataError where it could not begin."""
    device = device_for(config)
    family = _family(json.dumps(config.task.model_dump(mode="json")), str(datasets))
    state, step = _state(config, family), _work(config, family, _meta_step)
    work = max(step, _work(config, family, _validation))
    return MemoryEstimate(PROGRAM.get(device.type, 0), state, work, room_on(device))


def refuse_impossible(found: MemoryEstimate) -> None:
    """Raises InvalidValueError where the run cannot possibly fit."""
    if found.verdict == "impossible":
        raise InvalidValueError("", sentence(found))


def sentence(found: MemoryEstimate) -> str:
    """``Needs about 0.4 GB of memory; 12.3 GB of 16.0 GB are free.``, and what to do where that is too little."""
    needs = f"Needs about {_gigabytes(found.needed)} of memory"
    advice = "Lower the meta-batch, the inner steps or the network's width."
    match found.verdict:
        case "impossible":
            return f"{needs}, and there are {_gigabytes(found.room.total)} in all. {advice}"
        case "tight":
            return f"{needs}, and {_gigabytes(found.room.available)} are free. {advice}"
        case _:
            return f"{needs}; {_gigabytes(found.room.available)} of {_gigabytes(found.room.total)} are free."


def answer(request: EstimateMemory, superseded: Callable[[], bool]) -> MemoryEstimated | None:
    """Answer a request; None when a newer one came in meanwhile."""
    if superseded():
        return None
    found = estimate(parse(request.config), datasets_dir(Path(request.data_dir)))
    return MemoryEstimated(
        request=request.request,
        needed=found.needed,
        available=found.room.available,
        total=found.room.total,
        verdict=found.verdict,
        message=sentence(found),
    )


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count < 1e11 else f"{count / 1e9:,.0f} GB"


# --- work --------------------------------------------------------------------------------------------------------


def _meta_step(learner: MetaLearner, batch: EpisodeBatch) -> None:
    learner.meta_gradient(batch)


def _validation(learner: MetaLearner, batch: EpisodeBatch) -> None:
    steps = min(learner.config.algorithm.evaluation_steps, _UNROLLED)
    for k, phi in enumerate(learner.adaptation_path(batch.support, steps)):
        learner.bank.judge(phi, batch, k)


def _work(config: ExperimentConfig, family: TaskFamily, make: Callable[[MetaLearner, EpisodeBatch], None]) -> int:
    """Peak bytes of one piece of work, over what the learner and its batch hold."""
    outer = config.outer
    tasks = outer.meta_batch_size if make is _meta_step else min(outer.validation_tasks, CHUNK)

    def peak(steps: int, n_tasks: int) -> float:
        return _peak(_with_inner_steps(config, steps), family, n_tasks, make)

    def at_steps(steps: int) -> float:
        return _extrapolated(lambda n_tasks: peak(steps, n_tasks), tasks, DIRECT_TASKS)

    return max(0, round(_extrapolated(at_steps, config.algorithm.inner_steps, DIRECT_STEPS)))


def _extrapolated(bytes_at: Callable[[int], float], wanted: int, direct: int) -> float:
    """As it is up to ``direct``, beyond on the line through half of it and all of it."""
    if wanted <= direct:
        return bytes_at(wanted)
    half, whole = bytes_at(direct // 2), bytes_at(direct)
    return whole + (whole - half) / (direct - direct // 2) * (wanted - direct)


def _peak(
    config: ExperimentConfig, family: TaskFamily, n_tasks: int, make: Callable[[MetaLearner, EpisodeBatch], None]
) -> int:
    learner = MetaLearner(config, family, device=torch.device("meta"))
    batch = _shapes(_one_task(config, family), n_tasks)
    with LiveBytes() as live:
        make(learner, batch)
    peak: int = live.peak
    return peak


def _with_inner_steps(config: ExperimentConfig, steps: int) -> ExperimentConfig:
    algorithm = config.algorithm
    if steps == algorithm.inner_steps:
        return config
    return config.model_copy(update={"algorithm": algorithm.model_copy(update={"inner_steps": steps})})


def _shapes(one: EpisodeBatch, n_tasks: int) -> EpisodeBatch:
    """A batch that has shapes and types alone."""

    def empty(value: Tensor) -> Tensor:
        return torch.empty((n_tasks, *value.shape[1:]), dtype=value.dtype, device="meta")

    support, query = (Examples(empty(part.inputs), empty(part.targets)) for part in (one.support, one.query))
    return EpisodeBatch(support, query, {name: empty(value) for name, value in one.identity.items()})


# --- state -------------------------------------------------------------------------------------------------------


def _state(config: ExperimentConfig, family: TaskFamily) -> int:
    """Parameters with gradient, moments and a copy to save; the tasks that are held; the data they are drawn from."""
    learner = MetaLearner(config, family, device=torch.device("meta"))
    parameters = sum(value.nbytes for value in learner.parameters.values())
    one = _one_task(config, family)
    episode = sum(value.nbytes for part in (one.support, one.query) for value in (part.inputs, part.targets))
    tasks = config.outer.validation_tasks + 2 * config.outer.meta_batch_size
    moments = 2 if config.outer.name == "adam" else 1
    return (3 + moments) * parameters + tasks * episode + _arrays_of(family)


def _arrays_of(value: Any, depth: int = 3) -> int:
    """Bytes of the arrays that an object holds, in its attributes and in theirs."""
    if isinstance(value, np.memmap):
        return 0  # read from disk as it is needed
    if isinstance(value, Tensor | np.ndarray):
        return int(value.nbytes)
    if depth == 0 or isinstance(value, str | bytes | int | float):
        return 0
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else None
    if parts is None:
        parts = getattr(value, "__dict__", {}).values()
    return sum(_arrays_of(part, depth - 1) for part in list(parts))


def _one_task(config: ExperimentConfig, family: TaskFamily) -> EpisodeBatch:
    batch = family.sample(1, generator(config.compute.seed, "train"))
    return batch.to(torch.device("cpu"), DTYPES[config.compute.dtype])


@lru_cache(maxsize=2)
def _family(task: str, datasets: str) -> TaskFamily:
    """Kept: a form asks again and again, and mostly of the same tasks."""
    return build_family(parse({"task": json.loads(task)}).task, Path(datasets))  # the default network fits them all
