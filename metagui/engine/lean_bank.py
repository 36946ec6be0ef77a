"""A bank that keeps no graph of an inner step: only where the step was, to go there again on the way back.

Unrolling K inner steps then holds K parameter vectors a task instead of K graphs, at the price of one more gradient a
step. The numbers are those of the bank it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from metagui.engine.bank import Bank, Boundary, Linearization, QueryPass, Slope, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples


@dataclass(frozen=True, slots=True)
class LeanBank(Bank):
    """Another bank, whose linearizations are made when they are first asked for a product."""

    inner: Bank = field(kw_only=True)

    def slope(self, phi: Tensor, support: Examples, k: int = 0) -> Slope:
        return self.inner.slope(phi, support, k)

    def linearize(self, phi: Tensor, support: Examples, k: int = 0) -> Linearization:
        return PostponedLinearization(self.inner, phi, support, k)

    def query_pass(self, phi: Tensor, batch: EpisodeBatch, k: int = 0, boundary: Boundary = no_boundary) -> QueryPass:
        return self.inner.query_pass(phi, batch, k, boundary)


def lean(bank: Bank) -> LeanBank:
    """The same bank, short of memory."""
    return LeanBank(bank.model, bank.space, bank.normalisation, bank.n_classes, inner=bank)


class PostponedLinearization:
    """Knows the slope, until someone has read it, and where it was: phi [T, P]."""

    def __init__(self, bank: Bank, phi: Tensor, support: Examples, k: int) -> None:
        self._bank, self._phi, self._support, self._k = bank, phi.detach(), support, k
        slope = bank.slope(phi, support, k)
        self.losses = slope.losses
        self._unread: Tensor | None = slope.gradient
        self._made: Linearization | None = None

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

    def _at_phi(self) -> Linearization:
        if self._made is None:
            self._made = self._bank.linearize(self._phi, self._support, self._k)
        return self._made
