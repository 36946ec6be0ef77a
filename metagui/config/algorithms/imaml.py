"""iMAML (Rajeswaran, Finn, Kakade, Levine 2019)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from metagui.config.algorithms.base import InnerLoop
from metagui.config.fields import setting


class IMAML(InnerLoop):
    title: ClassVar[str] = "iMAML"
    summary: ClassVar[str] = "Proximal inner problem, implicit meta-gradient by conjugate gradient."
    implementation: ClassVar[str] = "metagui.engine.algorithms.imaml:IMAML"
    second_order: ClassVar[bool] = True
    name: Literal["imaml"] = "imaml"
    inner_steps: int = setting(
        16, title="Inner steps", symbol="K", help="Gradient steps on the proximal objective.", ge=1, le=1000
    )
    evaluation_steps: int = setting(
        16,
        title="Evaluation steps",
        help="Proximal gradient steps on held-out tasks, in validation and evaluation.",
        ge=1,
        le=1000,
    )
    proximal_lambda: float = setting(
        2.0,
        title="Proximal strength",
        symbol="λ",
        help="How strongly the adapted parameters are held to the initial ones.",
        gt=0,
        le=1e6,
        logarithmic=True,
    )
    cg_steps: int = setting(
        5, title="CG steps", help="Conjugate-gradient iterations that solve (I + H/λ) g = v.", ge=1, le=1000
    )
    cg_tolerance: float = setting(
        1e-10,
        title="CG tolerance",
        symbol="ε",
        help="A task stops iterating once its residual, relative to v, falls below this.",
        ge=0,
        le=1,
        logarithmic=True,
        advanced=True,
    )
    cg_damping: float = setting(
        0.0,
        title="CG damping",
        symbol="δ",
        help="Added to the diagonal of (H + λI); helps where H is indefinite, at the price of a bias.",
        ge=0,
        le=1e6,
        advanced=True,
    )

    @model_validator(mode="after")
    def _inner_descent_is_stable(self) -> IMAML:
        if self.inner_lr * self.proximal_lambda >= 2:
            raise ValueError(
                f"proximal_lambda: inner rate times λ is {self.inner_lr * self.proximal_lambda:g}; gradient descent on "
                "the proximal term diverges from 2 on: lower one of them"
            )
        return self
