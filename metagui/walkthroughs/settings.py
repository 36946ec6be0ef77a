"""What can be changed about a walk-through, and within which bounds: for its page and for the check of scripts."""

from __future__ import annotations

from typing import ClassVar

from metagui.config.fields import Section, setting


class WalkthroughSettings(Section):
    """Small enough that every line can be seen: some steps, a few tasks."""

    title: ClassVar[str] = "Walk-through"
    summary: ClassVar[str] = "What is recorded."

    inner_lr: float = setting(
        0.01, title="Inner rate", symbol="α", help="Step size of the inner loop.", gt=0, le=10, logarithmic=True
    )
    inner_steps: int = setting(3, title="Inner steps", symbol="K", help="Gradient steps on each task.", ge=1, le=20)
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
        5, title="CG steps", symbol="CG", help="Conjugate-gradient iterations that solve (I + H/λ) g = v.", ge=1, le=20
    )
    tasks: int = setting(3, title="Tasks", symbol="B", help="Tasks of the meta-batch.", ge=1, le=8)
    seed: int = setting(0, title="Seed", symbol="seed", help="Decides the tasks drawn.", ge=0, le=2**31 - 1)
