"""A task as text that can be kept: JSON, with a version, checked field by field when it comes back. No Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from metagui.errors import DataError
from metagui.gui.studio.own.sketch import SQUARE, BoardSketch, Cell, CurveSketch, PointsSketch, Sketch

FORMAT = "metagui own task"
VERSION = 1
LARGEST = 8_000_000
"""Bytes: far more than a board full of pictures takes."""
_MOST_POINTS, _FARTHEST, _LARGEST_SIDE = 2000, 1e4, 256


class _Head(msgspec.Struct):
    format: Literal["metagui own task"]
    version: int


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    task: CurveSketch | PointsSketch | BoardSketch


def written(sketch: Sketch) -> bytes:
    """Strokes stay strokes: they can be drawn on, and prepared anew for another network."""
    return msgspec.json.format(msgspec.json.encode(_Kept(FORMAT, VERSION, sketch)), indent=1)


def read_task(data: bytes) -> Sketch:
    """Raises DataError with a sentence that names the field."""
    if len(data) > LARGEST:
        raise DataError(f"This is no task: it has {len(data):,} bytes, and a task at most {LARGEST:,}.")
    try:
        head = msgspec.json.decode(data, type=_Head)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DataError(f"This is no task that was kept here: {_told(error)}.") from error
    if head.version != VERSION:
        raise DataError(f"The field version is {head.version}: this program reads version {VERSION}.")
    try:
        sketch = msgspec.json.decode(data, type=_Kept).task
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DataError(f"This task cannot be read: {_told(error)}.") from error
    for field, complaint in _complaints(sketch):
        raise DataError(f"The field task.{field} {complaint}.")
    return sketch


def _told(error: Exception) -> str:
    """Of msgspec's words, the field first."""
    text = str(error).replace("`", "")
    found = re.fullmatch(r"(.*) - at \$\.?(.*)", text)
    if found:
        return f"the field {found[2] or 'at the top'}: {found[1][:1].lower()}{found[1][1:]}"
    return text[:1].lower() + text[1:]


def _complaints(sketch: Sketch) -> Iterator[tuple[str, str]]:
    match sketch:
        case CurveSketch():
            yield from _of_curve(sketch)
        case PointsSketch():
            yield from _of_points(sketch)
        case BoardSketch():
            yield from _of_board(sketch)


def _of_curve(sketch: CurveSketch) -> Iterator[tuple[str, str]]:
    if len(sketch.points) > _MOST_POINTS:
        yield "points", f"has {len(sketch.points):,} points; at most {_MOST_POINTS:,} are read"
    for index, point in enumerate(sketch.points):
        if not all(math.isfinite(value) and abs(value) <= _FARTHEST for value in point):
            yield f"points[{index}]", f"is {list(point)}: numbers up to {_FARTHEST:g} are read"
    for name, value in (("amplitude", sketch.amplitude), ("phase", sketch.phase)):
        if not (math.isfinite(value) and abs(value) <= 100):
            yield name, f"is {value:g}: numbers up to 100 are read"


def _of_points(sketch: PointsSketch) -> Iterator[tuple[str, str]]:
    if not 2 <= sketch.ways <= 8:
        yield "ways", f"is {sketch.ways}: two to eight classes can be painted"
    if len(sketch.points) > _MOST_POINTS:
        yield "points", f"has {len(sketch.points):,} points; at most {_MOST_POINTS:,} are read"
    for index, (x, y, label) in enumerate(sketch.points):
        if not (abs(x) <= SQUARE and abs(y) <= SQUARE):
            yield f"points[{index}]", f"is at ({x:g}, {y:g}), outside of the square from -{SQUARE} to {SQUARE}"
        if not 0 <= label < sketch.ways:
            yield f"points[{index}]", f"is of class {label}: classes are 0 to {sketch.ways - 1}"


def _of_board(sketch: BoardSketch) -> Iterator[tuple[str, str]]:
    if not 2 <= sketch.ways <= 20:
        yield "support", f"has {sketch.ways} rows: two to twenty classes fit on the board"
    if len({len(row) for row in sketch.support}) > 1 or not 1 <= sketch.shots <= 10:
        yield "support", "should have one to ten cells in each row, in all rows as many"
    if not 1 <= len(sketch.queries) <= 20:
        yield "queries", f"has {len(sketch.queries)} cells: one to twenty fit on the board"
    cells = {f"support[{way}][{shot}]": cell for way, row in enumerate(sketch.support) for shot, cell in enumerate(row)}
    cells |= {f"queries[{index}]": cell for index, cell in enumerate(sketch.queries)}
    for name, cell in cells.items():
        for field, complaint in _of_cell(cell):
            yield f"{name}.{field}", complaint


def _of_cell(cell: Cell) -> Iterator[tuple[str, str]]:
    if not 0.5 <= cell.width <= 2.5:
        yield "width", f"is {cell.width:g}: pens are 0.5 to 2.5 wide"
    if len(cell.strokes) > 200:
        yield "strokes", f"has {len(cell.strokes):,} strokes; at most 200 are read"
    for index, stroke in enumerate(cell.strokes):
        if not 1 <= len(stroke) <= _MOST_POINTS:
            yield f"strokes[{index}]", f"has {len(stroke):,} points: 1 to {_MOST_POINTS:,} are read"
        elif not all(0 <= value <= 1 for point in stroke for value in point):
            yield f"strokes[{index}]", "leaves the page: points lie between 0 and 1"
    if cell.picture is not None:
        try:
            shape, kind = cell.picture.numpy().shape, cell.picture.dtype
        except (ValueError, OverflowError) as error:
            yield "picture", f"is damaged ({error})"
            return
        if kind != "uint8" or len(shape) not in (2, 3) or shape[2:] not in ((), (3,)):
            yield "picture", f"is {kind} {list(shape)}: pictures are uint8, [height, width] or [height, width, 3]"
        elif not all(1 <= side <= _LARGEST_SIDE for side in shape[:2]):
            yield "picture", f"has {shape[1]} x {shape[0]} pixels; at most {_LARGEST_SIDE} a side are read"
