"""Pictures of the drawing board as a task for the engine. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metagui.datasets.ink import Picture
from metagui.messages import Array
from metagui.studio import OwnTask


def board_task(
    support: Sequence[tuple[int, Picture]], queries: Sequence[Picture], names: tuple[str, ...]
) -> OwnTask | str:
    """Support pictures with their labels, and queries that nobody has named; a sentence where they do not fit."""
    shapes = {picture.shape for picture in (*(picture for _, picture in support), *queries)}
    if len(shapes) > 1:
        told = " and ".join(sorted(map(_kind, shapes)))
        return f"These pictures are of different kinds ({told}): clear those that came from another data set."
    nothing = Array.of(np.zeros(0))
    return OwnTask(
        kind="images",
        title="Your own task",
        class_names=names,
        support_x=Array.of(np.stack([picture for _, picture in support])),
        support_y=Array.of(np.array([label for label, _ in support], dtype=np.int64)),
        query_x=Array.of(np.stack(queries)),
        query_y=Array.of(np.full(len(queries), -1, dtype=np.int64)),
        grid=nothing,
        truth=nothing,
    )


def _kind(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]}" + (" in colour" if shape[2:] else "")
