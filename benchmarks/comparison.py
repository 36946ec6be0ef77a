"""One workload: who is there, who computes the same meta-gradient, and how fast they are in turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from benchmarks.peers import PEERS, Peer
from benchmarks.peers.base import relative_difference
from benchmarks.processes import Contender, ContenderError
from benchmarks.workloads import Workload

OURS = "metagui"
REFERENCE = "plain loop"
EXACT = 1e-8
"""Largest relative difference from the plain loop in float64; rounding is some 1e-15."""

ROUNDED = {"mlp": 1e-4, "conv4": 5e-2, "pooled_conv4": 5e-2}
"""The same in float32, by network. Behind batch norm a ReLU that rounding flips moves the whole gradient: two right
libraries differ by 1e-4 to 1e-2."""

Status = Literal["timed", "not timed", "not installed", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Lower quartile, median and upper quartile over the rounds."""

    low: float
    median: float
    high: float

    @staticmethod
    def of(values: Iterable[float]) -> Quartiles:
        low, median, high = np.percentile(list(values), [25, 50, 75])
        return Quartiles(float(low), float(median), float(high))


@dataclass(slots=True)
class Row:
    """What is known of one contender. ``ratio`` is how many times as fast as it metagui is, round by round."""

    contender: str
    status: Status
    note: str = ""
    version: str = ""
    difference64: float | None = None
    difference32: float | None = None
    cosine: float | None = None
    rate: Quartiles | None = None
    ratio: Quartiles | None = None
    peak_memory: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows of one workload, metagui's first."""

    workload: Workload
    threads: int
    rounds: int
    seconds: float
    rows: list[Row]

    @property
    def sound(self) -> bool:
        """Whether metagui itself was right and could be measured."""
        return any(row.contender == OURS and row.status == "timed" for row in self.rows)


def compare(
    workload: Workload,
    peers: Sequence[Peer],
    *,
    threads: int,
    rounds: int,
    seconds: float,
    tell: Callable[[str], None] = lambda line: None,
) -> Comparison:
    """Check in float64, then time in float32, in turns. A peer that is absent, fails or disagrees gets a row that says
    so; where metagui disagrees nothing is timed."""
    rows = {peer.name: Row(peer.name, "timed") for peer in peers if peer.fits(workload)}
    for name in list(rows):
        missing = PEERS[name].missing() if name in PEERS else None
        if missing:
            rows[name].status, rows[name].note = "not installed", f"{missing}: {PEERS[name].install}"
    reference = check(workload, {peer.name: peer for peer in peers}, rows, threads, tell)
    comparison = Comparison(workload, threads, rounds, seconds, list(rows.values()))
    if OURS in rows and not comparison.sound:
        return comparison
    with ExitStack() as stack:
        running: dict[str, Contender] = {}
        for peer in peers:
            row = rows.get(peer.name)
            if row is None or row.status != "timed":
                continue
            tell(f"  {peer.name}: float32")
            try:
                contender = stack.enter_context(Contender(peer, workload, threads, "float32"))
                row.difference32 = relative_difference(contender.gradient(), reference)
            except ContenderError as error:
                row.status, row.note = "failed", str(error)
                continue
            if row.difference32 > ROUNDED[workload.network]:
                row.status, row.note = "refused", f"differs by {row.difference32:.1e} in float32"
            else:
                running[peer.name] = contender
        take_turns(running, rows, rounds, seconds, tell)
    return comparison


def check(
    workload: Workload, peers: dict[str, Peer], rows: dict[str, Row], threads: int, tell: Callable[[str], None]
) -> Tensor:
    """Compare every contender's meta-gradient in float64 with the plain loop's, which is returned."""
    tell(f"  {REFERENCE}: float64")
    with Contender(PEERS[REFERENCE], workload, threads, "float64") as contender:
        reference, tensors = contender.gradient(), contender.tensors
    for name, row in rows.items():
        if row.status != "timed":
            continue
        if name == REFERENCE:
            row.difference64 = 0.0
            continue
        tell(f"  {name}: float64")
        try:
            with Contender(peers[name], workload, threads, "float64") as contender:
                row.version = contender.version
                if contender.tensors != tensors:
                    raise ContenderError("it was given other tensors")
                gradient = contender.gradient()
        except ContenderError as error:
            row.status, row.note = "failed", str(error)
            continue
        judge(row, gradient, reference, timed=peers[name].timed)
    return reference


def judge(row: Row, gradient: Tensor, reference: Tensor, *, timed: bool) -> None:
    """Whether a contender may be timed."""
    row.difference64 = relative_difference(gradient, reference)
    if gradient.shape == reference.shape:
        row.cosine = float(torch.nn.functional.cosine_similarity(gradient.double(), reference, dim=0))
    if not timed:
        row.status, row.note = "not timed", "computes something else"
    elif row.difference64 > EXACT:
        row.status, row.note = "refused", f"its meta-gradient differs by {row.difference64:.1e}"


def take_turns(
    running: dict[str, Contender],
    rows: dict[str, Row],
    rounds: int,
    seconds: float,
    tell: Callable[[str], None],
) -> None:
    """A B C A B C ...: what slows the machine for a while slows all of them."""
    rates: dict[str, list[float]] = {name: [] for name in running}
    for number in range(rounds):
        for name, contender in running.items():
            rates[name].append(contender.rate(seconds))
        told = ", ".join(f"{name} {rates[name][-1]:,.3g}" for name in running)
        tell(f"  round {number + 1} of {rounds} [tasks/s]: {told}")
    for name, contender in running.items():
        row = rows[name]
        row.rate, row.peak_memory = Quartiles.of(rates[name]), contender.peak_memory()
        if OURS in running:
            row.ratio = Quartiles.of(ours / other for ours, other in zip(rates[OURS], rates[name], strict=True))
