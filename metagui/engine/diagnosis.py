"""What went wrong in a bad step: which task of the meta-batch, which tensor, what it became.

The step was not made and draws are by counter, so its batch can be had again and looked at task by task.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from metagui.engine.algorithms import MetaGradient
from metagui.engine.algorithms.base import watched_loss
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.sentinel import has_exploded


@dataclass(frozen=True, slots=True)
class Fault:
    """``tensor`` in words, and its first value that is not finite, or too large."""

    tensor: str
    value: float


def diagnose(learner: MetaLearner, first_loss: float | None) -> str:
    """A clause on the step that the learner could not make: ``the support loss at inner step 3 of task 2 of 25
    (A = 3.1, φ = 0.4) became infinite``."""
    batch = learner.sample_tasks()
    faults = {
        task: fault for task in range(len(batch)) if (fault := _fault_of(learner, batch.part(slice(task, task + 1))))
    }
    if faults:
        task, fault = next(iter(faults.items()))
        others = f", and so in {len(faults) - 1} other tasks" if len(faults) > 1 else ""
        return f"{fault.tensor} of {_title(learner, batch, task)} became {_number(fault.value)}{others}"
    exploded = _explosion(learner, batch, first_loss)
    if exploded:
        return exploded
    whole = _fault_of(learner, batch)
    if whole:
        return f"{whole.tensor} became {_number(whole.value)}, though of no task alone"
    return "a step on the device was not finite, though the same step made again is: the device may be at fault"


def _fault_of(learner: MetaLearner, batch: EpisodeBatch) -> Fault | None:
    """The first tensor, in the order in which they are computed, that is not finite."""
    examples = {"support inputs": batch.support.inputs, "support targets": batch.support.targets}
    examples |= {"query inputs": batch.query.inputs, "query targets": batch.query.targets}
    for name, value in examples.items():
        if (bad := _first_bad(value)) is not None:
            return Fault(f"the {name}", bad)
    meta = _try(learner, batch)
    for name in sorted(meta.series, key=_place):
        words = _words(name)
        if words and (bad := _first_bad(meta.series[name])) is not None:
            return Fault(words, bad)
    gradients = learner.bank.space.unflatten(meta.gradient) | meta.learned
    for name, value in gradients.items():
        if (bad := _first_bad(value)) is not None:
            return Fault(f"the gradient of {name}", bad)
    bad = _first_bad(meta.series["gradient_norm"])
    return None if bad is None else Fault("the norm of the meta-gradient", bad)


def _explosion(learner: MetaLearner, batch: EpisodeBatch, first_loss: float | None) -> str:
    if first_loss is None:
        return ""
    tries = [_try(learner, batch.part(slice(task, task + 1))).series for task in range(len(batch))]
    losses = [float(watched_loss(series)) for series in tries]
    called = "query loss" if "outer_loss" in tries[0] else "support loss"
    mean, factor = sum(losses) / len(losses), learner.config.outer.explosion_factor
    if not has_exploded(mean, first_loss, factor):
        return ""
    worst = losses.index(max(losses))
    return (
        f"the mean {called} exploded to {mean:.3g}, more than {factor:,.0f} times the {first_loss:.3g} of the first "
        f"meta-step; the largest, {losses[worst]:.3g}, is of {_title(learner, batch, worst)}"
    )


def _try(learner: MetaLearner, batch: EpisodeBatch) -> MetaGradient:
    """A meta-gradient for its own sake: no running statistics are to learn of it."""
    meta = learner.meta_gradient(batch)
    learner.norm.forget()
    return meta


def _title(learner: MetaLearner, batch: EpisodeBatch, task: int) -> str:
    number = f"task {task + 1} of {len(batch)}"
    try:
        title = learner.family.portrait(batch, task).title
    except Exception:  # a plug-in's portrait is not to hide what it is to illustrate
        return number
    return f"{number} ({title})" if title else number


def _first_bad(value: Tensor) -> float | None:
    if not value.is_floating_point():
        return None
    wrong = value.detach()[~torch.isfinite(value)]
    return float(wrong[0]) if wrong.numel() else None


def _place(series: str) -> tuple[int, int]:
    """Inner losses by step, then what the query set says."""
    family, _, index = series.partition("/")
    return (0 if family in ("inner_loss", "proximal") else 1, int(index) if index.isdigit() else 0)


def _words(series: str) -> str:
    """What a series that decides is called; others may lack values rightly."""
    family, _, index = series.partition("/")
    match family:
        case "inner_loss":
            return "the support loss before the first inner step" if index == "0" else f"the support loss {_at(index)}"
        case "proximal":
            return f"the proximal term {_at(index)}"
        case "outer_loss":
            return "the query loss"
        case _:
            return ""


def _at(index: str) -> str:
    return f"at inner step {index}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return ("infinite" if value > 0 else "minus infinite") if math.isinf(value) else f"{value:.3g}"
