"""Where the pictures of a task go in a card of a given size. Geometry alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect

from metagui.gui.adaptation.content import Images, Labels

_HEADER = 16
_LOW = 170  # lower cards do without a heading, if everything fits without it
_CHIP = 16
_GAP = 6
_TIGHT = 3  # between the rows of a low card
_COLUMN_GAP = 18  # between classes side by side
_LEAST_PICTURE = 15  # smaller ones cannot be recognised: fewer are shown instead
_MOST_PICTURE = 84
_GOOD_PICTURE = 34  # worth showing fewer queries and shots for
_FEW = 3
_LEAST_HEADING = 50  # room for the word above the support pictures
_NARROW = 300  # narrower cards do without that word
_BAR = 4.0
_BAR_GAP = 6


@dataclass(frozen=True, slots=True)
class Query:
    """A query picture and the bars beside it; ``index`` into the task's queries."""

    index: int
    picture: QRect
    bars: QRect


@dataclass(frozen=True, slots=True)
class Row:
    """One class: its number's chip, its support pictures (index and place), its queries."""

    label: int
    chip: QRect
    support: tuple[tuple[int, QRect], ...]
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    rows: tuple[Row, ...]
    support_left: int
    query_left: int
    dividers: tuple[float, ...]
    """Where support and queries part: one a column of classes."""

    note: str
    """What was left out for want of room, e.g. ``6 of 15 queries``; empty when everything is shown."""

    header: int
    """Height of the heading."""


def arrange(content: Images, width: int, height: int) -> Layout:
    """As many classes, shots and queries as can be recognised in ``width`` x ``height`` pixels, as large as fits.

    A low card has no heading, and stands classes side by side where that makes the pictures larger.
    """
    if height < _LOW:
        columns = range(1, len(content.class_names) + 1)
        whole = [bare for each in columns if not (bare := _arrange(content, width, height, 0, each)).note]
        if whole:
            return max(whole, key=_picture_width)
    return _arrange(content, width, height, _HEADER)


def _arrange(content: Images, width: int, height: int, header: int, columns: int = 1) -> Layout:
    n_way = len(content.class_names)
    shots, queries = _most(content.support_y, n_way), _most(content.query_y, n_way)
    gap = _GAP if header else _TIGHT
    rows = max(1, min(math.ceil(n_way / columns), (height - header) // (_LEAST_PICTURE + gap)))
    row_height = (height - header) / rows
    width = (width - (columns - 1) * _COLUMN_GAP) // columns
    shown_shots, shown_queries = shots, queries
    while True:
        side, bars = _picture_side(width, row_height - gap, shown_shots, shown_queries, n_way)
        few = shown_shots <= _FEW and shown_queries <= _FEW
        if side >= min(_LEAST_PICTURE if few else _GOOD_PICTURE, int(row_height) - gap):
            break
        if shown_shots <= 1 and shown_queries <= 1:
            break
        if shown_queries > _FEW or shown_queries >= shown_shots:
            shown_queries -= 1
        else:
            shown_shots -= 1
    # Pictures too small to be recognised: better fewer columns.
    crowded = columns > 1 and side < _LEAST_PICTURE
    side = max(side, 6)
    left = _CHIP + _GAP
    support_right = left + shown_shots * (side + _GAP) - _GAP
    query_left = max(support_right, left + _heading(width)) + 3 * _GAP
    pitch = side + bars + _BAR_GAP + 2 * _GAP
    placed = []
    shown = 0 if crowded else min(n_way, rows * columns)
    for label in range(shown):
        x = label // rows * (width + _COLUMN_GAP)
        y = round(header + label % rows * row_height + (row_height - side) / 2)
        own = np.flatnonzero(content.support_y == label)[:shown_shots]
        asked = np.flatnonzero(content.query_y == label)[:shown_queries]
        chip_side = min(_CHIP, side)
        placed.append(
            Row(
                label,
                QRect(x, y + (side - chip_side) // 2, _CHIP, chip_side),
                tuple((int(i), QRect(x + left + n * (side + _GAP), y, side, side)) for n, i in enumerate(own)),
                tuple(_query(int(i), x + query_left + n * pitch, y, side, bars) for n, i in enumerate(asked)),
            )
        )
    middle = (support_right + query_left) / 2
    dividers = tuple(middle + column * (width + _COLUMN_GAP) for column in range(math.ceil(shown / rows)))
    return Layout(tuple(placed), left, query_left, dividers, _note(shown, n_way, shown_queries, queries), header)


def _picture_width(layout: Layout) -> int:
    return layout.rows[0].chip.height() if not layout.rows[0].support else layout.rows[0].support[0][1].width()


def _picture_side(width: int, most: float, shots: int, queries: int, n_way: int) -> tuple[int, int]:
    """Side of a picture and width of a query's bars."""
    bars = round(max(10.0, min(n_way * _BAR, 48.0)))
    fixed = _CHIP + _GAP + 3 * _GAP + queries * (bars + _BAR_GAP + 2 * _GAP) - 2 * _GAP

    def fits(support_width: float, pictures: int) -> float:
        return (width - fixed - support_width) / max(pictures, 1)

    side = fits((shots - 1) * _GAP, shots + queries)
    if shots * side + (shots - 1) * _GAP < _heading(width):  # the word is wider than the pictures under it
        side = fits(_heading(width), queries)
    return int(min(side, most, _MOST_PICTURE)), bars


def _heading(width: int) -> int:
    return _LEAST_HEADING if width >= _NARROW else 0


def _query(index: int, x: int, y: int, side: int, bars: int) -> Query:
    return Query(index, QRect(x, y, side, side), QRect(x + side + _BAR_GAP, y, bars, side))


def _most(labels: Labels, n_way: int) -> int:
    """The largest number of examples a class has."""
    return int(np.bincount(labels, minlength=n_way).max()) if labels.size else 0


def _note(rows: int, n_way: int, shown_queries: int, queries: int) -> str:
    parts = []
    if rows < n_way:
        parts.append(f"{rows} of {n_way} classes")
    if shown_queries < queries:
        parts.append(f"{shown_queries} of {queries} queries")
    return ", ".join(parts)
