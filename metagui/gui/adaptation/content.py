"""What one card shows, checked: an Adaptation as numpy arrays that belong together. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metagui.events import Adaptation, Array

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


class MalformedAdaptationError(ValueError):
    """An answer whose arrays do not fit together; the sentence names the array and what it should be."""


@dataclass(frozen=True, slots=True)
class Content:
    """What all kinds share. ``steps`` = K inner steps, so every per-step array has K + 1 rows."""

    title: str
    steps: int
    support_loss: Floats
    query_loss: Floats
    query_accuracy: Floats | None


@dataclass(frozen=True, slots=True)
class Regression(Content):
    """``grid`` [G], ``truth`` [G] or None, ``predictions`` [K+1, G]; examples as x and y of equal length."""

    grid: Floats
    truth: Floats | None
    predictions: Floats
    support_x: Floats
    support_y: Floats
    query_x: Floats
    query_y: Floats


@dataclass(frozen=True, slots=True)
class Points(Content):
    """``probabilities`` [K+1, side, side, n_way]: rows upwards along y, columns along x, within ``bounds``.

    ``bounds`` is (left, bottom, right, top); ``*_x`` [n, 2], ``*_y`` [n] labels.
    """

    class_names: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    probabilities: Floats
    support_x: Floats
    support_y: Labels
    query_x: Floats
    query_y: Labels


@dataclass(frozen=True, slots=True)
class Images(Content):
    """``probabilities`` [K+1, Q, n_way]; ``*_x`` [n, H, W] ink or [n, H, W, 3] colours in 0..1; ``*_y`` [n] labels."""

    class_names: tuple[str, ...]
    probabilities: Floats
    support_x: Floats
    support_y: Labels
    query_x: Floats
    query_y: Labels


def read(adaptation: Adaptation) -> Regression | Points | Images:
    """The arrays of one task; raises MalformedAdaptationError where they do not fit together."""
    predictions = _array(adaptation.predictions, "predictions")
    if predictions.ndim < 2 or predictions.shape[0] < 1:
        raise MalformedAdaptationError(
            f"predictions: has shape {predictions.shape}, it should have one row an inner step"
        )
    steps = predictions.shape[0] - 1
    shared: dict[str, Any] = {
        "title": adaptation.title,
        "steps": steps,
        "support_loss": _by_step(adaptation.support_loss, "support_loss", steps),
        "query_loss": _by_step(adaptation.query_loss, "query_loss", steps),
        "query_accuracy": None,
    }
    if adaptation.kind == "regression":
        return _regression(adaptation, predictions, shared)
    shared["query_accuracy"] = _by_step(adaptation.query_accuracy, "query_accuracy", steps)
    n_way = predictions.shape[-1]
    names = adaptation.class_names or tuple(str(index + 1) for index in range(n_way))
    if len(names) != n_way:
        raise MalformedAdaptationError(f"class_names: has {len(names)} names, but predictions tell {n_way} classes")
    shared["class_names"] = names
    return (_points if adaptation.kind == "points" else _images)(adaptation, predictions, shared)


def _regression(adaptation: Adaptation, predictions: Floats, shared: dict[str, Any]) -> Regression:
    grid = _array(adaptation.grid, "grid").reshape(-1)
    truth = _array(adaptation.truth, "truth").reshape(-1)
    _expect("predictions", predictions.reshape(predictions.shape[0], -1).shape, (predictions.shape[0], grid.size))
    if truth.size:
        _expect("truth", truth.shape, grid.shape)
    examples: dict[str, Any] = {name: _array(getattr(adaptation, name), name).reshape(-1) for name in _EXAMPLES}
    _expect("support_y", examples["support_y"].shape, examples["support_x"].shape)
    _expect("query_y", examples["query_y"].shape, examples["query_x"].shape)
    return Regression(
        grid=grid,
        truth=truth if truth.size else None,
        predictions=predictions.reshape(predictions.shape[0], -1),
        **examples,
        **shared,
    )


def _points(adaptation: Adaptation, predictions: Floats, shared: dict[str, Any]) -> Points:
    grid = _array(adaptation.grid, "grid")
    side = math.isqrt(grid.shape[0]) if grid.ndim == 2 else 0
    if side < 2 or grid.shape != (side * side, 2):
        raise MalformedAdaptationError(f"grid: has shape {grid.shape}, it should be the points of a square, [side², 2]")
    _expect("predictions", predictions.shape, (predictions.shape[0], side * side, predictions.shape[-1]))
    n_way = predictions.shape[-1]
    square = predictions.reshape(-1, side, side, n_way)
    if abs(grid[1, 0] - grid[0, 0]) < abs(grid[1, 1] - grid[0, 1]):  # y varies fastest: turn it
        square = square.swapaxes(1, 2)
    (left, bottom), (right, top) = grid[0].tolist(), grid[-1].tolist()
    if right < left:
        square, left, right = square[:, :, ::-1], right, left
    if top < bottom:
        square, bottom, top = square[:, ::-1], top, bottom
    if not (right > left and top > bottom):
        raise MalformedAdaptationError("grid: covers no area, it should span a square")
    labelled = _labelled(adaptation, n_way)
    for name in ("support_x", "query_x"):
        _expect(name, labelled[name].shape, (labelled[name].shape[0], 2))
    return Points(bounds=(left, bottom, right, top), probabilities=np.ascontiguousarray(square), **labelled, **shared)


def _images(adaptation: Adaptation, predictions: Floats, shared: dict[str, Any]) -> Images:
    labelled = _labelled(adaptation, predictions.shape[-1])
    for name in ("support_x", "query_x"):
        pictures = labelled[name]
        if pictures.ndim == 4 and pictures.shape[-1] == 1:
            labelled[name] = pictures = pictures[..., 0]
        if pictures.ndim != 3 and not (pictures.ndim == 4 and pictures.shape[-1] == 3):
            raise MalformedAdaptationError(
                f"{name}: has shape {pictures.shape}, it should be [n, H, W] or [n, H, W, 3]"
            )
    queries = labelled["query_x"].shape[0]
    _expect("predictions", predictions.shape, (predictions.shape[0], queries, predictions.shape[-1]))
    return Images(probabilities=predictions, **labelled, **shared)


_EXAMPLES = ("support_x", "support_y", "query_x", "query_y")


def _labelled(adaptation: Adaptation, n_way: int) -> dict[str, Any]:
    examples: dict[str, Any] = {}
    for role in ("support", "query"):
        inputs = _array(getattr(adaptation, f"{role}_x"), f"{role}_x")
        labels = _array(getattr(adaptation, f"{role}_y"), f"{role}_y").reshape(-1).astype(np.int64)
        _expect(f"{role}_y", labels.shape, inputs.shape[:1])
        if labels.size and not 0 <= labels.min() <= labels.max() < n_way:
            raise MalformedAdaptationError(f"{role}_y: has labels outside 0..{n_way - 1}")
        examples[f"{role}_x"], examples[f"{role}_y"] = inputs, labels
    return examples


def _array(array: Array, name: str) -> Floats:
    try:
        return np.asarray(array.numpy(), dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise MalformedAdaptationError(f"{name}: {error}") from error


def _by_step(array: Array, name: str, steps: int) -> Floats:
    values = _array(array, name).reshape(-1)
    _expect(name, values.shape, (steps + 1,))
    return values


def _expect(name: str, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if shape != expected:
        raise MalformedAdaptationError(f"{name}: has shape {list(shape)}, it should be {list(expected)}")
