"""What an adapter is."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor

from benchmarks.workloads import Problem, Workload

Gradient = Callable[[], Tensor]
"""One call computes the meta-gradient of the whole meta-batch, flattened [P] in the order of theta."""


class Peer:
    """One contender. Whatever it needs is imported in :meth:`prepare`, in a process of its own."""

    name: ClassVar[str]
    requires: ClassVar[tuple[str, ...]] = ()
    """Modules that have to be there."""
    install: ClassVar[str] = ""
    """How to get them."""
    algorithms: ClassVar[frozenset[str]]
    networks: ClassVar[frozenset[str]] = frozenset({"mlp", "conv4", "pooled_conv4"})
    timed: ClassVar[bool] = True
    """False for code that computes something else than the meta-gradient: its distance from it is shown instead."""

    def fits(self, workload: Workload) -> bool:
        return workload.algorithm in self.algorithms and workload.network in self.networks

    def missing(self) -> str | None:
        """What is not installed, or None."""
        absent = [name for name in self.requires if importlib.util.find_spec(name) is None]
        return ", ".join(absent) or None

    def environment(self, threads: int) -> dict[str, str]:
        """Variables that its process has to be started with."""
        return {}

    def version(self) -> str:
        """Of the installed peer."""
        return ""

    def prepare(self, problem: Problem) -> Gradient:
        """Everything that is not timed."""
        raise NotImplementedError


def relative_difference(value: Tensor, reference: Tensor) -> float:
    """|value - reference| / |reference|, in float64; infinite where shapes differ or a number is no number."""
    if value.shape != reference.shape or not bool(torch.isfinite(value).all()):
        return float("inf")
    reference = reference.double()
    return float((value.double() - reference).norm() / reference.norm())
