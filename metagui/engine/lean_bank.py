"""A bank that keeps no graph of an inner step: only where the step was, to go there again on the way back.

Of two steps in a row it keeps only where the first one was: on the way back it is linearized for the second one's sake,
which then is a step away, and serves the first as well. Unrolling K inner steps so holds K / 2 parameter vectors a task
instead of K graphs, at the price of one more gradient a step. The numbers are those of the bank it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

from metagui.engine.bank import Bank, Boundary, FinalPass, Linearization, QueryPass, Slope, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.gradient_step import Rate, moved


@dataclass(frozen=True, slots=True)
class LeanBank(Bank):
    """Another bank, whose linearizations are made when they are first asked for a product."""

    inner: Bank = field(kw_only=True)

    def slope(self, phi: Tensor, support: Examples, k: int = 0) -> Slope:
        return self.inner.slope(phi, support, k)

    def linearize(self, phi: Tensor, support: Examples, k: int = 0) -> Linearization:
        return PostponedLinearization(self.inner, Place(phi.detach()), phi, support, k)

    def linearize_after(
        self, before: Linearization, rate: Rate, phi: Tensor, support: Examples, k: int
    ) -> Linearization:
        if isinstance(before, PostponedLinearization) and before.keeps_its_place:
            return PostponedLinearization(self.inner, StepFrom(before, rate), phi, support, k)
        return self.linearize(phi, support, k)

    def query_pass(self, phi: Tensor, batch: EpisodeBatch, k: int = 0, boundary: Boundary = no_boundary) -> QueryPass:
        return self.inner.query_pass(phi, batch, k, boundary)

    def final_pass(self, phi: Tensor, batch: EpisodeBatch, k: int, boundary: Boundary = no_boundary) -> FinalPass:
        return self.inner.final_pass(phi, batch, k, boundary)


def lean(bank: Bank) -> LeanBank:
    """The same bank, short of memory."""
    return LeanBank(bank.model, bank.space, bank.normalisation, bank.n_classes, inner=bank)


class PostponedLinearization:
    """Knows the slope, until someone has read it, and how to come to where it was: phi [T, P]."""

    def __init__(self, bank: Bank, origin: Origin, phi: Tensor, support: Examples, k: int) -> None:
        self._bank, self._origin, self._support, self._k = bank, origin, support, k
        slope = bank.slope(phi, support, k)
        self.losses = slope.losses
        self._unread: Tensor | None = slope.gradient
        self._made: Linearization | None = None

    @property
    def keeps_its_place(self) -> bool:
        """Whether phi is in memory, and need not be computed anew."""
        return isinstance(self._origin, Place)

    @property
    def gradient(self) -> Tensor:
        """Kept only until it is first read, which the inner step does at once; then it is computed anew."""
        gradient, self._unread = self._unread, None
        return self._at_phi().gradient if gradient is None else gradient

    def product(self, vectors: Tensor, last: bool = False) -> Tensor:
        product = self._at_phi().product(vectors, last)
        if last:
            self._made = None
        return product

    def summed_product(self, vectors: Tensor) -> Tensor:
        product = self._at_phi().summed_product(vectors)
        self._made = None
        return product

    def stepped(self, rate: Rate) -> Tensor:
        """Where a step of ``rate`` leads to, [T, P]; what is made for it is kept until the last product."""
        return moved(self._origin.phi(), rate, self._at_phi().gradient)

    def _at_phi(self) -> Linearization:
        if self._made is None:
            self._made = self._bank.linearize(self._origin.phi(), self._support, self._k)
        return self._made


class Origin(Protocol):
    """Where a linearization is."""

    def phi(self) -> Tensor:
        """[T, P], without a graph."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Parameters that are kept."""

    at: Tensor

    def phi(self) -> Tensor:
        return self.at


@dataclass(frozen=True, slots=True)
class StepFrom:
    """Parameters that are found again by the inner step that led to them."""

    before: PostponedLinearization
    rate: Rate

    def phi(self) -> Tensor:
        return self.before.stepped(self.rate)
