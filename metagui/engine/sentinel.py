"""Keeps a bad meta-gradient from theta: one that is not finite, or of a loss that exploded.

On the CPU every step is looked at before it is made. A device would have to be waited for: there each step is made,
and undone on the device itself where it was bad, and so is every later one; the host learns of it with the next
batch of metrics. Either way theta, the optimizer and all else that is learned stay as they were before the bad step.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor

from metagui.engine.algorithms import MetaGradient
from metagui.engine.algorithms.base import watched_loss
from metagui.engine.learner import MetaLearner


class UnsoundStepError(Exception):
    """The update to ``step`` completed meta-updates was bad, and was not made."""

    def __init__(self, step: int) -> None:
        super().__init__(f"the update to meta-step {step} was not made")
        self.step = step


class Sentinel(Protocol):
    """Makes outer steps, but no bad ones."""

    @property
    def first_loss(self) -> float | None:
        """Outer loss of the first meta-step, which later ones are compared with; None before it."""
        ...

    def outer_step(self, learner: MetaLearner, meta: MetaGradient) -> Tensor | None:
        """Make a step. Raises UnsoundStepError instead where it is known to be bad, or answers with a device's own
        verdict [], true where the step and all before it were sound."""
        ...


def sentinel_for(learner: MetaLearner, first_loss: float | None = None) -> Sentinel:
    """The one for the learner's device; ``first_loss`` is of the beginning of a run that goes on."""
    factor = learner.config.outer.explosion_factor
    if learner.device.type == "cpu":
        return ImmediateSentinel(factor, first_loss)
    return DeferredSentinel(factor, first_loss)


class ImmediateSentinel:
    """Looks at every step before it is made."""

    def __init__(self, explosion_factor: float, first_loss: float | None = None) -> None:
        self._factor = explosion_factor
        self._first_loss = first_loss

    @property
    def first_loss(self) -> float | None:
        return self._first_loss

    def outer_step(self, learner: MetaLearner, meta: MetaGradient) -> None:
        loss = float(watched_loss(meta.series))
        sizes = [meta.series["gradient_norm"], *(gradient.norm() for gradient in meta.learned.values())]
        if not math.isfinite(loss) or not all(math.isfinite(float(size)) for size in sizes):
            raise UnsoundStepError(learner.step + 1)
        if self._first_loss is None:
            self._first_loss = loss
        if has_exploded(loss, self._first_loss, self._factor):
            raise UnsoundStepError(learner.step + 1)
        learner.outer_step(meta)


class DeferredSentinel:
    """Makes every step and undoes the bad ones, without a word to the host."""

    def __init__(self, explosion_factor: float, first_loss: float | None = None) -> None:
        self._factor = explosion_factor
        self._given = first_loss
        self._first_loss: Tensor | None = None
        self._sound: Tensor | None = None

    @property
    def first_loss(self) -> float | None:
        return self._given if self._first_loss is None else float(self._first_loss)

    def outer_step(self, learner: MetaLearner, meta: MetaGradient) -> Tensor:
        sound = self._judge(meta)
        self._sound = sound if self._sound is None else self._sound & sound
        before = {name: value.clone() for name, value in learner.changing().items()}
        learner.outer_step(meta)
        for name, value in learner.changing().items():
            # What an optimizer makes at its first step was nothing before.
            earlier = before.get(name, torch.zeros_like(value))
            if value.device == learner.device:
                value.copy_(torch.where(self._sound, value, earlier))
        return self._sound

    def _judge(self, meta: MetaGradient) -> Tensor:
        loss = watched_loss(meta.series).detach()
        if self._first_loss is None:
            self._first_loss = loss.clone() if self._given is None else torch.full_like(loss, self._given)
        sizes = [loss, meta.series["gradient_norm"], *(gradient.norm() for gradient in meta.learned.values())]
        finite = torch.stack([size.detach() for size in sizes]).isfinite().all()
        if not self._factor:
            return finite
        return finite & ((self._first_loss <= 0) | (loss <= self._factor * self._first_loss))


def has_exploded(loss: float, first_loss: float, factor: float) -> bool:
    """The rule: more than ``factor`` times the first meta-step's loss; a factor of 0 allows all."""
    return factor > 0 and first_loss > 0 and loss > factor * first_loss
