"""What the panel asks of the engine: a task with the rates chosen beside it."""

from __future__ import annotations

from dataclasses import dataclass

from metagui.studio import OwnTask


@dataclass(frozen=True)
class OwnQuestion:
    """None leaves a rate, or the number of steps, as the network has it. ``queries`` are the places on the board of
    those that were sent."""

    own: OwnTask
    inner_steps: int | None = None
    inner_lr: float | None = None
    proximal_lambda: float | None = None
    queries: tuple[int, ...] = ()
