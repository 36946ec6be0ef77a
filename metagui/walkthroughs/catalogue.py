"""The walk-throughs there are, and the pseudo-code that goes with each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Walkthrough:
    """``algorithms`` name the pseudo-code (see :mod:`metagui.walkthroughs.pseudocode`), the main one first;
    ``parameters`` are the fields that change what is recorded."""

    name: str
    title: str
    algorithms: tuple[str, ...]
    parameters: tuple[str, ...]


_LOOP = ("inner_lr", "inner_steps", "tasks", "seed")

WALKTHROUGHS: dict[str, Walkthrough] = {
    walkthrough.name: walkthrough
    for walkthrough in (
        Walkthrough("maml", "MAML", ("maml",), _LOOP),
        Walkthrough("fomaml", "FOMAML", ("fomaml", "outer_step"), _LOOP),
        Walkthrough("reptile", "Reptile", ("reptile", "move_toward_target"), _LOOP),
        Walkthrough(
            "imaml",
            "iMAML",
            ("imaml", "implicit_gradient", "conjugate_gradient", "outer_step"),
            ("inner_lr", "inner_steps", "proximal_lambda", "cg_steps", "tasks", "seed"),
        ),
        Walkthrough("outer_step", "Outer step", ("outer_step",), _LOOP),
    )
}
