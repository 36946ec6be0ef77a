"""Reptile (Nichol, Achiam, Schulman 2018)."""

from __future__ import annotations

from typing import ClassVar, Literal

from metagui.config.algorithms.base import InnerLoop
from metagui.config.fields import setting


class Reptile(InnerLoop):
    title: ClassVar[str] = "Reptile"
    summary: ClassVar[str] = "Moves the initial parameters towards the adapted ones; needs no query set."
    implementation: ClassVar[str] = "metagui.engine.algorithms.reptile:Reptile"
    name: Literal["reptile"] = "reptile"
    pool_query: bool = setting(
        True,
        title="Train on support and query",
        help="Adapt on all examples of the task. The inner losses are then those of all of them, and the outer loss is "
        "no longer of unseen examples; validation still is.",
    )
    query_every: int = setting(
        1,
        title="Query loss every",
        unit="meta-steps",
        help="How often the query loss is recorded. It plays no part in Reptile's steps, and on pictures takes as long "
        "as they do.",
        ge=1,
        le=1_000_000,
        advanced=True,
    )
