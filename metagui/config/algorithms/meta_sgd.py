"""Meta-SGD (Li, Zhou, Chen, Li 2017)."""

from __future__ import annotations

from typing import ClassVar, Literal

from metagui.config.algorithms.base import InnerLoop
from metagui.config.fields import setting


class MetaSGD(InnerLoop):
    title: ClassVar[str] = "Meta-SGD"
    summary: ClassVar[str] = "MAML that learns an inner rate for every single parameter, its sign included."
    implementation: ClassVar[str] = "metagui.engine.algorithms.meta_sgd:MetaSGD"
    second_order: ClassVar[bool] = True
    changeable: ClassVar[frozenset[str]] = frozenset()
    name: Literal["meta_sgd"] = "meta_sgd"
    inner_lr: float = setting(
        0.01,
        title="First inner rate",
        symbol="α₀",
        help="Where the learned rate of every parameter starts.",
        gt=0,
        le=10,
        logarithmic=True,
    )
