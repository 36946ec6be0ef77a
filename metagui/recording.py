"""What a walk-through's recording is made of: values, moments, and comparisons computed beside them."""

from __future__ import annotations

from typing import Literal

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A variable's value at one moment of a walk-through.

    ``kind``: tensor; parameters (a dictionary of tensors, whose figures are those of all their entries together);
    examples (a set, an episode or a batch of them); numbers (a list or tuple of numbers); number; text.
    ``text`` is the number in short, or what the value is in words. ``graph`` names the operation that made a tensor
    that remembers how it was computed (``grad_fn``), "leaf" for one that asks for gradients, "" for none.
    ``gradient_norm`` is that of its ``.grad`` fields where they are filled. ``heat`` is an index into the recording's
    arrays, float32 [rows, columns] of at most 16 x 24 (block means of larger tensors), -1 for none.
    """

    kind: Literal["tensor", "parameters", "examples", "numbers", "number", "text"]
    text: str
    shape: tuple[int, ...] = ()
    dtype: str = ""
    norm: float | None = None
    low: float | None = None
    high: float | None = None
    graph: str = ""
    gradient_norm: float | None = None
    heat: int = -1


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the textbook's code that ran, and what is known once it has.

    A line that calls other lines of the textbook has two moments: one before the call (``calling``), with what was
    known then, and one when it has returned. ``line`` is the first of its statement. ``scope`` holds every variable
    of the function, ``changed`` the names of those that this line made or changed; values are indices into the
    recording's. ``task`` and ``inner_step`` count from 0, -1 outside their loops; ``iteration`` is that of conjugate
    gradient. ``losses`` are the query losses of the tasks done so far. ``memory`` is the bytes that graphs keep for a
    backward pass at this moment. ``picture_step`` is how many inner steps the task's parameters have taken.
    """

    file: str
    line: int
    function: str
    depth: int
    calling: bool = False
    task: int = -1
    inner_step: int = -1
    iteration: int = -1
    scope: tuple[tuple[str, int], ...] = ()
    changed: tuple[str, ...] = ()
    losses: tuple[float, ...] = ()
    memory: int = 0
    picture_step: int = 0


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison computed beside the recording, not by its lines: figures by name, and what they mean.

    ``arrows`` are vectors drawn in the plane of the first two: name, x, y.
    """

    title: str
    text: str
    figures: tuple[tuple[str, float], ...] = ()
    logarithmic: bool = False
    arrows: tuple[tuple[str, float, float], ...] = ()
