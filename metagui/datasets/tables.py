"""Regression tasks in a CSV table: ``task, x, y`` or several x columns, and perhaps ``split``, one row a point."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np

from metagui.datasets.content import Content, Progress
from metagui.datasets.files import readable
from metagui.datasets.splits import Split, split_of
from metagui.errors import DataError

_WANTED = "a first line like  task,x,y  or  task,x,y,split  (several x columns may stand before y)"
_FEWEST = 2
"""Points of a task: one to adapt on and one to be judged by."""
_LARGEST = 1e100
"""Beyond, squares of squares are no numbers any more."""


def read_table(source: Path, progress: Progress) -> Content:
    """The points of every task, x columns then y; raises DataError that names line and column."""
    try:
        text = source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{source} is not UTF-8 text (byte {error.start:,}): save the table as CSV in UTF-8") from error
    except OSError as error:
        raise DataError(f"{source} cannot be read: {error.strerror}") from error
    try:
        # Not split into lines before: a quoted name may hold a line's end.
        reader = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text))
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise DataError(f"{source} is no CSV table: {error}") from error
    if not lines:
        raise DataError(f"{source} is empty: it needs {_WANTED}")
    header = [word.strip() for word in lines[0][1]]
    columns = _columns(source, header)
    has_split = header[-1].lower() == "split"
    points: dict[str, list[list[float]]] = {}
    splits: dict[str, Split] = {}
    for done, (number, cells) in enumerate(lines[1:], start=1):
        if len(cells) != len(header):
            raise DataError(f"{source}, line {number}: {len(cells)} columns, but the first line has {len(header)}")
        name = readable(cells[0].strip())
        if not name:
            raise DataError(f"{source}, line {number}: the task has no name")
        row = [_number(source, number, column, cells[1 + i]) for i, column in enumerate(columns)]
        points.setdefault(name, []).append(row)
        if has_split:
            _note_split(source, number, name, cells[-1], splits)
        progress(done, len(lines) - 1)
    short = [name for name, rows in points.items() if len(rows) < _FEWEST]
    rows = {name: np.array(rows) for name, rows in sorted(points.items()) if len(rows) >= _FEWEST}
    dropped = tuple(f"{name}: one point alone; a task needs at least {_FEWEST}" for name in short)
    if not rows:
        raise DataError(f"{source}: no task has {_FEWEST} points or more: rows of one task share its name in column 1")
    return Content("curves", rows, splits, columns, dropped)


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.split("\n", 1)[0]

    class Dialect(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Dialect


def _columns(source: Path, header: list[str]) -> tuple[str, ...]:
    """The x columns, then y."""
    named = header[1:-1] if header[-1].lower() == "split" else header[1:]
    if header[0].lower() != "task" or len(named) < 2:
        raise DataError(f"{source}: the first line is {', '.join(header)}: it needs {_WANTED}")
    if len(set(named)) < len(named) or not all(named):
        raise DataError(f"{source}: the first line names a column twice, or not at all: {', '.join(header)}")
    return tuple(named)


def _number(source: Path, line: int, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise DataError(f"{source}, line {line}, column {column}: {text.strip()!r} is no number") from None
    if not math.isfinite(value):
        raise DataError(f"{source}, line {line}, column {column}: {text.strip()!r} is not finite: leave the row out")
    if abs(value) > _LARGEST:
        raise DataError(f"{source}, line {line}, column {column}: {text.strip()!r} is too large to compute with")
    return value


def _note_split(source: Path, line: int, name: str, word: str, splits: dict[str, Split]) -> None:
    split = split_of(word)
    if split is None:
        raise DataError(f"{source}, line {line}, column split: {word.strip()!r} is none of train, validation and test")
    if splits.setdefault(name, split) != split:
        raise DataError(
            f"{source}, line {line}: task {name!r} is in {splits[name]} and in {split}: a task that is held out must "
            "not be trained on"
        )
