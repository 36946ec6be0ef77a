"""Joint pretraining: the baseline of every comparison."""

from __future__ import annotations

from typing import ClassVar, Literal

from metagui.config.algorithms.base import AlgorithmSection
from metagui.config.fields import setting


class Joint(AlgorithmSection):
    title: ClassVar[str] = "Joint pretraining"
    summary: ClassVar[str] = (
        "No meta-learning: one network trained on all tasks together, then fine-tuned on a new one. Where tasks draw "
        "from the same classes it learns to tell all of those apart, with a fresh last layer for each new task; where "
        "they do not (points, glyphs), the tasks' own targets are pooled as they are."
    )
    implementation: ClassVar[str] = "metagui.engine.algorithms.joint:Joint"
    changeable: ClassVar[frozenset[str]] = frozenset({"inner_lr"})
    name: Literal["joint"] = "joint"
    inner_steps: ClassVar[int] = 0
    inner_lr: float = setting(
        0.01,
        title="Fine-tuning rate",
        symbol="α",
        help="Step size of gradient descent on held-out tasks; training does not use it.",
        gt=0,
        le=10,
        logarithmic=True,
    )
    evaluation_steps: int = setting(
        10, title="Evaluation steps", help="Fine-tuning steps on held-out tasks.", ge=1, le=1000
    )
