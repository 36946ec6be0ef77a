"""Which half of the network adapts: ANIL (Raghu et al. 2020) and BOIL (Oh et al. 2021)."""

from __future__ import annotations

from typing import ClassVar, Literal

from metagui.config.algorithms.base import InnerLoop


class ANIL(InnerLoop):
    title: ClassVar[str] = "ANIL"
    summary: ClassVar[str] = "MAML whose inner loop changes the last layer alone (almost no inner loop)."
    implementation: ClassVar[str] = "metagui.engine.algorithms.anil:ANIL"
    second_order: ClassVar[bool] = True
    name: Literal["anil"] = "anil"


class BOIL(InnerLoop):
    title: ClassVar[str] = "BOIL"
    summary: ClassVar[str] = "MAML whose inner loop changes all layers but the last (body only inner loop)."
    implementation: ClassVar[str] = "metagui.engine.algorithms.anil:BOIL"
    second_order: ClassVar[bool] = True
    name: Literal["boil"] = "boil"
