"""Meta-learning algorithms and their inner loops."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from metagui.config.fields import Section, setting


class InnerLoop(Section):
    """What all gradient-based algorithms share: K steps of gradient descent on the support set."""

    inner_lr: float = setting(
        0.01, title="Inner rate", symbol="α", help="Step size of the inner loop.", gt=0, le=10, logarithmic=True
    )
    inner_steps: int = setting(
        1, title="Inner steps", symbol="K", help="Gradient steps on the support set while training.", ge=1, le=1000
    )
    evaluation_steps: int = setting(
        10,
        title="Evaluation steps",
        help="Gradient steps on held-out tasks, in validation and evaluation.",
        ge=1,
        le=1000,
    )


class MAML(InnerLoop):
    title: ClassVar[str] = "MAML"
    summary: ClassVar[str] = "Differentiates the query loss through the inner loop, second order and all."
    name: Literal["maml"] = "maml"


class FOMAML(InnerLoop):
    title: ClassVar[str] = "FOMAML"
    summary: ClassVar[str] = "MAML without second derivatives: the query gradient at the adapted parameters."
    name: Literal["fomaml"] = "fomaml"


class Reptile(InnerLoop):
    title: ClassVar[str] = "Reptile"
    summary: ClassVar[str] = "Moves the initial parameters towards the adapted ones; needs no query set."
    name: Literal["reptile"] = "reptile"
    pool_query: bool = setting(
        True,
        title="Train on support and query",
        help="Adapt on all examples of the task. The inner losses are then those of all of them, and the outer loss is "
        "no longer of unseen examples; validation still is.",
    )


class IMAML(InnerLoop):
    title: ClassVar[str] = "iMAML"
    summary: ClassVar[str] = "Proximal inner problem, implicit meta-gradient by conjugate gradient."
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


AlgorithmConfig = Annotated[MAML | FOMAML | Reptile | IMAML, Field(discriminator="name")]
