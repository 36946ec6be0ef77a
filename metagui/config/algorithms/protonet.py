"""Prototypical networks (Snell, Swersky, Zemel 2017)."""

from __future__ import annotations

from typing import ClassVar, Literal

from metagui.config.algorithms.base import AlgorithmSection
from metagui.config.tasks import TaskKind


class ProtoNet(AlgorithmSection):
    title: ClassVar[str] = "ProtoNet"
    summary: ClassVar[str] = "Compares queries with the mean feature of each class; nothing is trained on a new task."
    implementation: ClassVar[str] = "metagui.engine.algorithms.protonet:ProtoNet"
    fits: ClassVar[frozenset[TaskKind]] = frozenset({"points", "images"})
    name: Literal["protonet"] = "protonet"
    inner_steps: ClassVar[int] = 1
    evaluation_steps: ClassVar[int] = 1
