"""The outer loop: how the initial parameters move."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from metagui.config.fields import Section, setting


class OuterLoop(Section):
    steps: int = setting(10_000, title="Meta-steps", help="Updates of the initial parameters.", ge=1, le=100_000_000)
    meta_batch_size: int = setting(
        25, title="Meta-batch", help="Tasks whose meta-gradients are averaged in one update.", ge=1, le=4096
    )
    lr_schedule: Literal["constant", "linear", "cosine"] = setting(
        "constant",
        title="Rate schedule",
        help="How the outer rate changes over the run: kept, or brought to zero at its end.",
        labels={"constant": "Constant", "linear": "Linear to 0", "cosine": "Cosine to 0"},
        advanced=True,
    )
    gradient_clip: float = setting(
        0.0,
        title="Gradient clip",
        help="Largest norm of the meta-gradient; longer ones are shortened to it. 0 means off.",
        ge=0,
        le=1e6,
        advanced=True,
    )
    explosion_factor: float = setting(
        1000.0,
        title="Explosion limit",
        unit="x first loss",
        help="The run ends as diverged when the outer loss of a meta-step is more than this many times that of the "
        "first one. 0 means off; a loss that is no finite number ends the run in any case.",
        ge=0,
        le=1e12,
        logarithmic=True,
        advanced=True,
    )
    validation_every: int = setting(
        250, title="Validate every", unit="meta-steps", help="How often held-out tasks are tried.", ge=1, le=1_000_000
    )
    validation_tasks: int = setting(
        100, title="Validation tasks", help="Held-out tasks tried each time, always the same ones.", ge=2, le=2000
    )


class AdamOuter(OuterLoop):
    title: ClassVar[str] = "Adam"
    summary: ClassVar[str] = "Adaptive moments: the usual choice of MAML and iMAML."
    name: Literal["adam"] = "adam"
    outer_lr: float = setting(
        0.001, title="Outer rate", symbol="β", help="Step size of the outer loop.", gt=0, le=10, logarithmic=True
    )


class SGDOuter(OuterLoop):
    title: ClassVar[str] = "SGD"
    summary: ClassVar[str] = "Plain gradient descent, the outer step of the Reptile paper."
    name: Literal["sgd"] = "sgd"
    outer_lr: float = setting(
        1.0, title="Outer rate", symbol="β", help="Step size of the outer loop.", gt=0, le=10, logarithmic=True
    )
    momentum: float = setting(
        0.0, title="Momentum", symbol="μ", help="Share of the last update that is carried on.", ge=0, lt=1
    )


OuterConfig = Annotated[AdamOuter | SGDOuter, Field(discriminator="name")]
