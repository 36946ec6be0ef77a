"""Where batch normalisation takes its statistics from: the choice that moves few-shot numbers most.

*transductive*: every pass is normalised by the batch it sees, so query examples inform each other (the MAML paper).
*support*: query passes are normalised by the statistics of the support set under the same parameters.
*per_step*: training normalises by the batch and collects running statistics for each inner step; held-out tasks are
normalised by those (Antoniou, Edwards, Storkey 2019, "per-step batch normalization running statistics").
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from metagui.engine.models.batch_norm import batch_norm

EPSILON = 1e-5
MOMENTUM = 0.1
"""Weight of the newest batch in running statistics, once there were more than ten."""

Normalise = Callable[[int, Tensor, Tensor, Tensor], Tensor]
"""(layer, hidden [n, C, H, W], weight [C], bias [C]) -> the same shape, normalised and scaled; with T tasks side by
side C is T times the layer's channels."""


def by_batch(layer: int, hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Mean and variance of the batch itself."""
    return batch_norm(hidden, weight, bias, EPSILON)


class Normalisation(Protocol):
    """One of the modes, for the passes of a bank."""

    def of_support(self, k: int) -> Normalise:
        """For a pass over support sets at inner step ``k``."""
        ...

    def of_query(self, k: int, pass_support: Callable[[Normalise], object]) -> Normalise:
        """For a pass over query sets; ``pass_support`` makes a support pass under the same parameters."""
        ...


class Normalised(Protocol):
    """What a model says of its normalisation."""

    @property
    def norm_mode(self) -> str: ...

    @property
    def normalised_channels(self) -> Sequence[int]: ...


class Transductive:
    """Every pass by its own batch."""

    def of_support(self, k: int) -> Normalise:
        return by_batch

    def of_query(self, k: int, pass_support: Callable[[Normalise], object]) -> Normalise:
        return by_batch


class FromSupport:
    """Query passes by the support set's statistics, which gradients flow through."""

    def of_support(self, k: int) -> Normalise:
        return by_batch

    def of_query(self, k: int, pass_support: Callable[[Normalise], object]) -> Normalise:
        seen: dict[int, tuple[Tensor, Tensor]] = {}

        def observe(layer: int, hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
            variance, mean = torch.var_mean(hidden, dim=(0, 2, 3), correction=0, keepdim=True)
            seen[layer] = (mean, variance)
            return scaled(hidden, mean, variance, weight, bias)

        def replay(layer: int, hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
            return scaled(hidden, *seen[layer], weight, bias)

        pass_support(observe)
        return replay


@dataclass(frozen=True, slots=True)
class RunningStatistics:
    """Mean and variance of every normalised channel at every inner step 0 .. K: two of [K + 1, C], ``count`` [].

    ``channels`` of each normalised layer, in order; C is their sum.
    """

    mean: Tensor
    variance: Tensor
    count: Tensor
    channels: Sequence[int]

    def columns(self, layer: int) -> slice:
        start = sum(self.channels[:layer])
        return slice(start, start + self.channels[layer])


@dataclass(slots=True)
class PerStepCollection:
    """Training: by the batch, while its statistics are collected for :meth:`fold_in`."""

    running: RunningStatistics
    _seen: dict[tuple[int, int], list[Tensor]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of_support(self, k: int) -> Normalise:
        return self._collector(k)

    def of_query(self, k: int, pass_support: Callable[[Normalise], object]) -> Normalise:
        return self._collector(k)

    def _collector(self, k: int) -> Normalise:
        def collect(layer: int, hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
            with torch.no_grad():
                seen = hidden.detach().to(self.running.mean.dtype)
                variance, mean = torch.var_mean(seen, dim=(0, 2, 3))
                by_task = torch.stack([mean, variance]).view(2, -1, self.running.channels[layer])
            with self._lock:
                self._seen.setdefault((k, layer), []).append(by_task)
            return by_batch(layer, hidden, weight, bias)

        return collect

    def fold_in(self) -> None:
        """Move the running statistics towards the mean, over all tasks, of what was collected since the last call."""
        running = self.running
        running.count.add_(1)
        weight = torch.clamp(1 / running.count, min=MOMENTUM)
        for (k, layer), parts in self._seen.items():
            if k < running.mean.shape[0]:
                # Threads finish in any order: sorted, the sum is the same to the last bit.
                tasks = torch.cat(parts, dim=1)
                mean, variance = tasks.sort(dim=1).values.mean(dim=1)
                where = running.columns(layer)
                running.mean[k, where].lerp_(mean, weight)
                running.variance[k, where].lerp_(variance, weight)
        self._seen.clear()

    def forget(self) -> None:
        """Drop what was collected since the last :meth:`fold_in`."""
        self._seen.clear()


TRANSDUCTIVE = Transductive()


@dataclass(frozen=True, slots=True)
class PerStepRunning:
    """Held-out tasks: by the running statistics of the inner step, beyond the trained ones by the last."""

    running: RunningStatistics

    def of_support(self, k: int) -> Normalise:
        step = min(k, self.running.mean.shape[0] - 1)

        def by_running(layer: int, hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
            where = self.running.columns(layer)
            tasks = weight.shape[0] // self.running.channels[layer]
            mean, variance = self.running.mean[step, where], self.running.variance[step, where]
            return functional.batch_norm(
                hidden, mean.repeat(tasks), variance.repeat(tasks), weight, bias, training=False, eps=EPSILON
            )

        return by_running

    def of_query(self, k: int, pass_support: Callable[[Normalise], object]) -> Normalise:
        return self.of_support(k)


def scaled(hidden: Tensor, mean: Tensor, variance: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Normalised by given statistics [1, C, 1, 1]."""
    factor = weight.view_as(mean) * torch.rsqrt(variance + EPSILON)
    return (hidden - mean) * factor + bias.view_as(mean)


class Norm:
    """The mode of a model, for training and for held-out tasks, and the running statistics between the two."""

    def __init__(self, model: Normalised, inner_steps: int, device: torch.device, dtype: torch.dtype) -> None:
        self.training: Normalisation = TRANSDUCTIVE
        self.held_out: Normalisation = TRANSDUCTIVE
        self.state: dict[str, Tensor] = {}
        self._collection: PerStepCollection | None = None
        match model.norm_mode:
            case "support":
                self.training = self.held_out = FromSupport()
            case "per_step":
                shape = (inner_steps + 1, sum(model.normalised_channels))
                mean, variance = torch.zeros(2, *shape, device=device, dtype=dtype)
                running = RunningStatistics(mean, variance, mean.new_zeros(()), model.normalised_channels)
                self.state = {"mean": running.mean, "variance": running.variance, "count": running.count}
                self.training = self._collection = PerStepCollection(running)
                self.held_out = PerStepRunning(running)

    def initial_state(self) -> dict[str, Tensor]:
        """What the running statistics are before any training: those of standardised activations."""
        ones = {"variance"}
        return {
            name: torch.ones_like(value) if name in ones else torch.zeros_like(value)
            for name, value in self.state.items()
        }

    def fold_in(self) -> None:
        """After a meta-update: take up the statistics it saw."""
        if self._collection is not None:
            self._collection.fold_in()

    def forget(self) -> None:
        """After passes that led to no meta-update: drop the statistics they saw."""
        if self._collection is not None:
            self._collection.forget()
