"""What the comparison knows of a column, and what can be added to it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contender:
    """A column's words: ``title`` says what it is, ``detail`` which of them. ``key`` tells it from the others."""

    key: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A network that could be a column; ``why_not`` says why it cannot. Offers of a ``section`` stand together."""

    key: str
    section: str
    text: str
    why_not: str = ""
    within: str = ""
    """Name of the sub-menu that it stands in, empty for none."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Mean and 95 % half-width over ``n_tasks`` held-out tasks after ``inner_steps``, of the weights of ``step``."""

    metric: str
    mean: float
    ci95: float
    n_tasks: int
    inner_steps: int
    step: int
