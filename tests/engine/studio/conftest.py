"""Networks and tasks for the studio's tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from metagui.config import apply_overrides, load_preset
from metagui.events import Adaptation, Array
from metagui.studio import Column, Network, OwnTask, Study


@pytest.fixture
def network() -> Callable[..., Network]:
    """A shipped preset's network, random weights unless given: ``network(preset, *changes, **fields)``."""
    return _network


def _network(preset: str, *changes: str, **fields) -> Network:
    quick = ["compute.device=cpu", "compute.threads=1", "algorithm.evaluation_steps=3"]
    quick = quick[:2] if "protonet" in preset else quick
    config = apply_overrides(load_preset(preset).config, [*quick, *changes])
    return Network(**({"title": preset, "config": config.to_dict()} | fields))


@pytest.fixture
def studied() -> Callable[..., tuple[Column, ...]]:
    """The columns of a study of these networks."""
    from metagui.engine.studio import study

    def run(*networks: Network, **fields) -> tuple[Column, ...]:
        answer = study(Study(**({"request": 1, "data_dir": "", "networks": networks} | fields)), lambda: False)
        assert answer is not None
        return answer.columns

    return run


@pytest.fixture
def own() -> Callable[..., OwnTask]:
    return _own


def _own(kind, support_x, support_y, query_x=None, query_y=None, /, **fields) -> OwnTask:
    """Arrays as they are; labels int64."""
    target = np.float32 if kind == "regression" else np.int64

    def values(given: npt.ArrayLike | None, like: npt.ArrayLike, dtype) -> Array:
        return Array.of(np.asarray(given if given is not None else np.asarray(like)[:0], dtype))

    nothing = Array.of(np.zeros(0, np.float32))
    arrays = {
        "support_x": values(support_x, support_x, np.float32),
        "support_y": values(support_y, support_y, target),
        "query_x": values(query_x, support_x, np.float32),
        "query_y": values(query_y, support_y, target),
    }
    return OwnTask(**({"kind": kind, "title": "mine", "grid": nothing, "truth": nothing} | arrays | fields))


@pytest.fixture
def remade() -> Callable[[Adaptation], OwnTask]:
    """The very examples of a task that was shown, as a person's own."""

    def make(shown: Adaptation) -> OwnTask:
        return OwnTask(
            kind=shown.kind,
            title=shown.title,
            class_names=shown.class_names,
            support_x=shown.support_x,
            support_y=shown.support_y,
            query_x=shown.query_x,
            query_y=shown.query_y,
            grid=shown.grid,
            truth=shown.truth,
        )

    return make
