"""What the form and the command line show: data alone, no torch."""

from __future__ import annotations

from typing import ClassVar, Literal

from metagui.config.algorithms import InnerLoop
from metagui.config.fields import Section, setting
from metagui.config.models import ModelSection
from metagui.config.tasks import TaskKind, TaskSection


class SignFOMAML(InnerLoop):
    title: ClassVar[str] = "Sign-FOMAML"
    summary: ClassVar[str] = "FOMAML that keeps only the sign of each entry of its meta-gradient."
    implementation: ClassVar[str] = "metagui_example.engine:SignFOMAML"
    name: Literal["sign_fomaml"] = "sign_fomaml"
    scale: float = setting(0.1, title="Scale", symbol="s", help="Size of every entry of the step.", gt=0, le=10)


class LineTasks(TaskSection):
    title: ClassVar[str] = "Lines"
    summary: ClassVar[str] = "Regress a straight line from a few points."
    kind: ClassVar[TaskKind] = "regression"
    implementation: ClassVar[str] = "metagui_example.engine:Lines"
    name: Literal["lines"] = "lines"
    k_shot: int = setting(5, title="Shots", help="Support points a task.", ge=1, le=100)
    n_query: int = setting(10, title="Queries", help="Query points a task.", ge=1, le=100)


class FourierModel(ModelSection):
    title: ClassVar[str] = "Fourier features"
    summary: ClassVar[str] = "A linear layer on sines and cosines of one input."
    fits: ClassVar[frozenset[TaskKind]] = frozenset({"regression"})
    implementation: ClassVar[str] = "metagui_example.engine:build_fourier"
    name: Literal["fourier"] = "fourier"
    frequencies: int = setting(8, title="Frequencies", help="Sines and cosines.", ge=1, le=256)


class Impostor(Section):
    """No algorithm: a section of another kind."""

    name: Literal["impostor"] = "impostor"
