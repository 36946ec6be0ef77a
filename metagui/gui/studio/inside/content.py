"""What the look inside shows, checked: an Inside as numpy arrays that belong together. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metagui.events import Inside
from metagui.gui.adaptation.content import Floats, MalformedAdaptationError


@dataclass(frozen=True, slots=True)
class InsideView:
    """Shapes as of :class:`metagui.events.Inside`; ``classes`` says whether the labels are classes or targets."""

    step: int
    support: Floats
    query: Floats
    explained: Floats
    support_labels: Floats
    query_labels: Floats
    classes: bool
    slice_loss: Floats
    slice_axes: Floats
    trajectories: Floats
    captured: float
    path_loss: Floats
    layers: tuple[str, ...]
    change: Floats
    similarity: Floats


def read_inside(inside: Inside) -> InsideView:
    """Raises MalformedAdaptationError where arrays do not fit together."""
    support, query = _floats(inside.support_features.numpy()), _floats(inside.query_features.numpy())
    axes, loss = _floats(inside.slice_axes.numpy()), _floats(inside.slice_loss.numpy())
    paths = _floats(inside.trajectories.numpy())
    labels = inside.support_labels.numpy(), inside.query_labels.numpy()
    _expect("support_features", support.shape, (2, len(labels[0]), 2))
    _expect("query_features", query.shape, (2, len(labels[1]), 2))
    side = axes.shape[-1] if axes.ndim == 2 else -1
    _expect("slice_axes", axes.shape, (2, side))
    _expect("slice_loss", loss.shape, (side, side))
    if paths.ndim != 3 or paths.shape[-1] != 2:
        raise MalformedAdaptationError(f"trajectories: has shape {paths.shape}, it should have [tasks, steps + 1, 2]")
    change, similarity = _floats(inside.change.numpy()), _floats(inside.similarity.numpy())
    _expect("change", change.shape, (len(inside.layers),))
    _expect("similarity", similarity.shape, (len(inside.layers),))
    return InsideView(
        step=inside.step,
        support=support,
        query=query,
        explained=_floats(inside.explained.numpy()),
        support_labels=_floats(labels[0]),
        query_labels=_floats(labels[1]),
        classes=bool(np.issubdtype(labels[0].dtype, np.integer)),
        slice_loss=loss,
        slice_axes=axes,
        trajectories=paths,
        captured=inside.slice_captured,
        path_loss=_floats(inside.path_loss.numpy()),
        layers=inside.layers,
        change=change,
        similarity=similarity,
    )


def _floats(values: Floats) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _expect(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if shape != wanted:
        raise MalformedAdaptationError(f"{name}: has shape {shape}, it should have {wanted}")
