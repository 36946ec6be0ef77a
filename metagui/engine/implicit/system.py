"""The system (H + Lambda) x = v of every task of a bank, and what a solver makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from metagui.engine.rows import added


@dataclass(frozen=True, slots=True)
class System:
    """``hessian`` maps x [T, P] to H x [T, P], each task by its own symmetric H; ``strength`` is the positive diagonal
    Lambda: one number for all, or a tensor [] or [P].

    With g = Lambda x this is (I + Lambda^-1 H) g = v; written so, the matrix is symmetric for every Lambda.
    """

    hessian: Callable[[Tensor], Tensor]
    strength: float | Tensor

    def product(self, x: Tensor) -> Tensor:
        """(H + Lambda) x, [T, P]."""
        return added(self.hessian(x), self.strength, x)


@dataclass(frozen=True, slots=True)
class Answer:
    """``x`` [T, P] and what is recorded of how it was found, means over the tasks by the names of their series."""

    x: Tensor
    series: dict[str, Tensor]


class LinearSolver(Protocol):
    """One way to solve such systems; nothing it does waits for the device."""

    @property
    def alarm(self) -> str:
        """The series that is above 0 where something went wrong that a person should hear of; empty where nothing
        can."""
        ...

    def solve(self, system: System, right_side: Tensor) -> Answer:
        """x for the right sides v [T, P]."""
        ...

    def concern(self, values: Mapping[str, float]) -> str:
        """What went wrong, in a sentence, by the values of a step's series where :attr:`alarm` is above 0."""
        ...
