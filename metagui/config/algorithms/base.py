"""What all algorithms have in common, and what those with an inner loop of gradient steps do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from metagui.config.fields import Section, describe, setting
from metagui.config.tasks import TaskKind


class AlgorithmSection(Section):
    """Base of every algorithm, built-in or plug-in; ``implementation`` is called with (bank, this configuration).

    Every algorithm has ``inner_steps`` and ``evaluation_steps``: fields where a person chooses them, class attributes
    where there is nothing to choose.
    """

    fits: ClassVar[frozenset[TaskKind]] = frozenset({"regression", "points", "images"})
    """Kinds of tasks it can be trained on."""

    second_order: ClassVar[bool] = False
    """Whether its meta-gradient needs second derivatives, which not every device can compute."""

    changeable: ClassVar[frozenset[str]] = frozenset()
    """Fields that may be changed while a run goes on."""

    @property
    def changeable_now(self) -> tuple[str, ...]:
        """Those of them that have a meaning beside the other values, in the order in which they are declared."""
        values = self.model_dump()
        fields = (field for field in describe(type(self)) if field.name in self.changeable)
        return tuple(field.name for field in fields if field.applies(values))

    if TYPE_CHECKING:

        @property
        def name(self) -> str: ...

        @property
        def inner_steps(self) -> int: ...

        @property
        def evaluation_steps(self) -> int: ...


class InnerLoop(AlgorithmSection):
    """K steps of gradient descent on the support set."""

    changeable: ClassVar[frozenset[str]] = frozenset({"inner_lr"})

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
