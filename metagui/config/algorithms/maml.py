"""MAML and its first-order form (Finn, Abbeel, Levine 2017)."""

from __future__ import annotations

from typing import ClassVar, Literal

from metagui.config.algorithms.base import InnerLoop


class MAML(InnerLoop):
    title: ClassVar[str] = "MAML"
    summary: ClassVar[str] = "Differentiates the query loss through the inner loop, second order and all."
    implementation: ClassVar[str] = "metagui.engine.algorithms.maml:MAML"
    second_order: ClassVar[bool] = True
    name: Literal["maml"] = "maml"


class FOMAML(InnerLoop):
    title: ClassVar[str] = "FOMAML"
    summary: ClassVar[str] = "MAML without second derivatives: the query gradient at the adapted parameters."
    implementation: ClassVar[str] = "metagui.engine.algorithms.fomaml:FOMAML"
    name: Literal["fomaml"] = "fomaml"
