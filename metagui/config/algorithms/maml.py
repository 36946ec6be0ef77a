"""MAML and its first-order form (Finn, Abbeel, Levine 2017)."""

from __future__ import annotations

from typing import ClassVar, Literal

from metagui.config.algorithms.base import InnerLoop
from metagui.config.fields import setting


class MAML(InnerLoop):
    title: ClassVar[str] = "MAML"
    summary: ClassVar[str] = "Differentiates the query loss through the inner loop, second order and all."
    implementation: ClassVar[str] = "metagui.engine.algorithms.maml:MAML"
    second_order: ClassVar[bool] = True
    name: Literal["maml"] = "maml"
    multi_step_loss: int = setting(
        0,
        title="Multi-step loss",
        unit="meta-steps",
        help="MAML++: count the query loss after every inner step, at first all alike, over this many meta-steps more "
        "and more the last alone. 0 means the last from the start.",
        ge=0,
        le=100_000_000,
        advanced=True,
    )
    learned_rates: bool = setting(
        False,
        title="Learned rates",
        help="MAML++: learn an inner rate for each layer and inner step, starting from the inner rate. Beyond the "
        "trained steps the last step's rates are used.",
        advanced=True,
    )
    first_order_steps: int = setting(
        0,
        title="First order until",
        unit="meta-steps",
        help="MAML++: leave out second derivatives for this many meta-steps (derivative-order annealing).",
        ge=0,
        le=100_000_000,
        advanced=True,
    )
    compare_first_order: bool = setting(
        False,
        title="Compare with FOMAML",
        help="Record how far the meta-gradient is from the first-order one: the norm of their difference, and their "
        "cosine. Costs nothing. While first order is in use, the two are the same.",
        advanced=True,
    )

    @property
    def changeable_now(self) -> tuple[str, ...]:
        """The inner rate, unless rates are learned from it."""
        return () if self.learned_rates else super().changeable_now


class FOMAML(InnerLoop):
    title: ClassVar[str] = "FOMAML"
    summary: ClassVar[str] = "MAML without second derivatives: the query gradient at the adapted parameters."
    implementation: ClassVar[str] = "metagui.engine.algorithms.fomaml:FOMAML"
    name: Literal["fomaml"] = "fomaml"
