"""The network to begin with for a kind of task: what papers use for examples of that form."""

from __future__ import annotations

from typing import Any

from metagui.config.models import Conv4Model, MLPModel, ModelSection
from metagui.config.tasks import TaskKind

_SMALL = 32
"""Side up to which pictures are treated as characters and CIFAR are, above as photographs."""
_POOLABLE = 16


def suggested_model(kind: TaskKind, side: int = 28, channels: int = 1) -> dict[str, Any]:
    """JSON-ready content of the model section, for pictures of ``side`` pixels and 1 or 3 channels.

    MLP 40-40 for numbers and points (Finn et al. 2017). Conv4: for small grey pictures 64 filters of stride 2, the
    MAML paper's on Omniglot; in colour 64 with max-pooling, as on CIFAR-FS; for photographs 32 with max-pooling, the
    MAML paper's on mini-ImageNet.
    """
    return _model(kind, side, channels).model_dump(mode="json")


def is_suggested(model: dict[str, Any]) -> bool:
    """Whether this content of the model section is one of the suggestions, so that nobody need have chosen it."""
    forms: tuple[tuple[TaskKind, int, int], ...] = (
        ("regression", 0, 1),
        ("images", _SMALL, 1),
        ("images", _SMALL, 3),
        ("images", _SMALL + 1, 1),
    )
    return any(model == _model(*form).model_dump(mode="json") for form in forms)


def _model(kind: TaskKind, side: int, channels: int) -> ModelSection:
    if kind != "images":
        return MLPModel()
    if side > _SMALL:
        return Conv4Model(filters=32, downsampling="pool")
    pooled = channels > 1 and side >= _POOLABLE
    return Conv4Model(filters=64, downsampling="pool" if pooled else "stride")
