"""What the two plots can show: which series, under which name, on which scale. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AxisChoice = Literal["steps", "tasks", "time"]

AXIS_TITLES: dict[AxisChoice, str] = {"steps": "meta-step", "tasks": "tasks seen", "time": "wall time"}


@dataclass(frozen=True, slots=True)
class View:
    """One choice of a plot. ``family`` is the series name, or its part before ``/k`` where ``member`` is a word.

    ``held_out``: the series that belongs to the same quantity on held-out tasks, drawn as marks. ``by_chance``: a
    share that guessing reaches too. ``dense``: a point nearly every meta-step, so that smoothing makes sense.
    ``as_set``: a value that was set, not measured: smoothing would make up values that never held. ``beside``: other
    series of the same quantity and what they are, such as its smallest and largest value.
    """

    title: str
    axis: str
    family: str
    member: str = ""
    held_out: str = ""
    percent: bool = False
    dense: bool = True
    as_set: bool = False
    beside: tuple[tuple[str, str], ...] = ()


OUTER_LOSS = View("Loss", "query loss (outer)", "outer_loss", held_out="validation_loss")
OUTER_ACCURACY = View(
    "Accuracy", "query accuracy (outer)", "outer_accuracy", held_out="validation_accuracy", percent=True
)

INNER_LOSS = View("Support loss by inner step", "support loss (inner)", "inner_loss", "step")
INNER_VIEWS: tuple[View, ...] = (
    INNER_LOSS,
    View("Held-out query loss by inner step", "query loss (held-out)", "query_loss", "step", dense=False),
    View(
        "Held-out accuracy by inner step",
        "query accuracy (held-out)",
        "query_accuracy",
        "step",
        percent=True,
        dense=False,
    ),
    View("Proximal term by inner step", "proximal term", "proximal", "step"),
    View("Residual by CG iteration", "relative residual", "cg_residual", "iteration"),
    View("Residual by Neumann term", "relative residual", "neumann_residual", "term"),
    View("Residual of the exact solution", "relative residual", "exact_residual"),
    View("Tasks whose Neumann series diverges", "share of tasks", "neumann_diverged", percent=True),
    View("Tasks that met negative curvature", "share of tasks", "cg_guarded", percent=True),
    View("Stationarity of the inner problem", "‖∇ inner objective‖", "stationarity"),
    View("Learned inner rate", "inner rate α", "learned_rate", "step"),
    View(
        "Learned inner rates",
        "inner rate α, mean over the parameters",
        "parameter_rate",
        beside=(("parameter_rate_min", "smallest"), ("parameter_rate_max", "largest")),
    ),
    View("Share of negative inner rates", "share below 0", "negative_rates", percent=True),
    View("Weight of each step's query loss", "loss weight", "loss_weight", "step"),
    View("Second derivatives in use", "1: second order, 0: first", "second_order"),
    View("Distance to the first-order gradient", "‖MAML − FOMAML‖", "order_gap"),
    View("Cosine with the first-order gradient", "cosine", "order_cosine"),
    View(
        "Proximal strength λ",
        "proximal strength λ",
        "proximal_lambda",
        as_set=True,
        beside=(("proximal_lambda_min", "smallest"), ("proximal_lambda_max", "largest")),
    ),
    View("Inner rate", "inner rate α", "inner_lr", as_set=True),
    View("Norm of the meta-gradient", "‖meta-gradient‖", "gradient_norm"),
    View("Outer rate", "outer rate β", "outer_lr", as_set=True),
)

MOST_MEMBERS = 18
"""With more inner steps than that, only some curves are drawn: more cannot be told apart."""


def members_shown(members: list[int], most: int = MOST_MEMBERS) -> list[int]:
    """The inner steps whose curves are drawn: all, or ``most`` evenly spaced ones with the first and the last."""
    if len(members) <= most:
        return members
    picks = {round(index * (len(members) - 1) / (most - 1)) for index in range(most)}
    return [members[pick] for pick in sorted(picks)]
