"""What an evaluation finds beyond its mean: comparisons on the same tasks, calibration, confusions, worst tasks."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from metagui.messages import Array

Baseline = Literal["chance", "random", "pixels"]
"""Guessing; the same network and inner loop from random parameters; nearest class mean on raw inputs (regression: the
mean of the support targets)."""


class Rival(msgspec.Struct, frozen=True, kw_only=True):
    """Another trained network to judge on the very same tasks: a jointly pretrained one, ProtoNet, any run."""

    title: str
    config: dict[str, Any]
    checkpoint: str
    step: int = 0


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One competitor on the same tasks: mean and 95 % half-width, and the mean paired difference (the evaluated
    network minus this one) with its own half-width; ``problem`` says why it could not be judged."""

    title: str
    mean: float
    ci95: float
    difference: float
    difference_ci95: float
    problem: str = ""


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Are the probabilities true? Bins of equal width over the confidence of query predictions after the last inner
    step: mean ``confidence`` [B], ``accuracy`` [B] and ``count`` int64 [B] of each; ``ece`` is the mean gap weighted
    by count. ``temperature`` divides logits to minimise the loss, fitted on validation tasks; ``ece_scaled`` is
    the gap after that."""

    confidence: Array
    accuracy: Array
    count: Array
    ece: float
    temperature: float
    ece_scaled: float


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """Over all query examples: each held-out class with how many were judged and how many rightly, and the pairs
    taken for one another most often: (is, was taken for, how often)."""

    class_names: tuple[str, ...]
    judged: Array
    right: Array
    pairs: tuple[tuple[str, str, int], ...]


class WorstTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task at the bad end: its number in the stream, what it is, and its value before and after adaptation."""

    task: int
    title: str
    class_names: tuple[str, ...]
    before: float
    after: float
