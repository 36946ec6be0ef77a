"""A picture of a data set before any training: some of its classes, and one episode with its words explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from metagui.datasets.episodes import draw_episode
from metagui.datasets.inventory import opened, title_of
from metagui.datasets.library import Description
from metagui.errors import StoreError

CELL = 64
GAP = 6
LABEL = 190
_ROWS = 12
_SHOWN = 8
_CURVE_CELLS = 8
"""Width of a curve's cell."""
_PAPER, _INK, _FAINT, _SUPPORT, _QUERY = "#ffffff", "#1f2430", "#8a93a6", "#0072b2", "#d55e00"


def draw_preview(
    datasets_dir: Path, name: str, out: Path, ways: int = 5, shots: int = 1, queries: int = 3, seed: int = 0
) -> None:
    """Write a PNG: up to twelve training classes (or tasks), and below one test episode of ``ways`` classes.

    Raises DataError where the data set cannot make such an episode, StoreError where ``out`` cannot be written.
    """
    description, rows = opened(datasets_dir, name)
    there = description.of_split("train")
    training = there[:: max(1, len(there) // _ROWS)][:_ROWS]
    episode = draw_episode(description, "test", ways if description.kind == "images" else 1, shots, queries, seed)
    columns = max(_SHOWN, shots + queries) if description.kind == "images" else _CURVE_CELLS
    sheet = _Sheet(LABEL + columns * (CELL + GAP) + GAP, _ROWS + len(episode) + 6)
    what = "classes" if description.kind == "images" else "tasks"
    sheet.heading(f"{description.name}: {len(training)} of {len(there):,} training {what}")
    for group in training:
        numbers = list(range(group.first, group.first + group.count))
        cells = [_cell(description, rows, [number]) for number in numbers[:_SHOWN]]
        if description.kind == "curves":
            cells = [_cell(description, rows, numbers)]
        sheet.row(title_of(description, group), [(cell, _FAINT) for cell in cells])
    each, ways_text = (
        ("a class", f"{len(episode)} ways (classes)") if description.kind == "images" else ("", "one task")
    )
    sheet.heading(f"One test episode: {ways_text}; in blue the support set to adapt on ({shots} {each}".rstrip() + "),")
    sheet.heading(f"in orange the query set to be judged by ({queries} {each}".rstrip() + ")")
    for drawn in episode:
        numbers = [*drawn.support, *drawn.query]
        if description.kind == "images":
            cells = [_cell(description, rows, [number]) for number in numbers]
            colours = [_SUPPORT] * shots + [_QUERY] * queries
            sheet.row(title_of(description, drawn.group), list(zip(cells, colours, strict=True)))
        else:
            sheet.row(title_of(description, drawn.group), [(_cell(description, rows, numbers, shots), _FAINT)])
    try:
        sheet.cropped().save(out, "PNG")
    except OSError as error:
        raise StoreError(f"{out} cannot be written: {error.strerror or error}") from error


def _cell(description: Description, rows: npt.NDArray[Any], numbers: list[int], shots: int = 0) -> Image.Image:
    values = np.array(rows[numbers])
    if description.kind == "images":
        return Image.fromarray(values[0]).convert("RGB").resize((CELL, CELL), Image.Resampling.NEAREST)
    return _curve(values, shots)


def _curve(points: npt.NDArray[np.float64], shots: int) -> Image.Image:
    """Points of one task over its first column; the first ``shots`` are support."""
    picture = Image.new("RGB", (_CURVE_CELLS * CELL, CELL), _PAPER)
    pen = ImageDraw.Draw(picture)
    x, y = points[:, 0], points[:, -1]
    span_x, span_y = np.ptp(x) or 1.0, np.ptp(y) or 1.0
    across = 6 + (x - x.min()) / span_x * (_CURVE_CELLS * CELL - 12)
    down = CELL - 6 - (y - y.min()) / span_y * (CELL - 12)
    for index, (left, top) in enumerate(zip(across, down, strict=True)):
        colour = _SUPPORT if index < shots else _QUERY if shots else _INK
        radius = 3 if shots else 1.2
        pen.ellipse((left - radius, top - radius, left + radius, top + radius), fill=colour)
    return picture


class _Sheet:
    """White paper that rows are put on from the top."""

    def __init__(self, width: int, rows: int) -> None:
        self._picture = Image.new("RGB", (width, rows * (CELL + GAP) + 120), _PAPER)
        self._pen = ImageDraw.Draw(self._picture)
        self._font = ImageFont.load_default(15)
        self._top = GAP

    def heading(self, text: str) -> None:
        self._pen.text((GAP, self._top + 4), text, fill=_INK, font=self._font)
        self._top += 28

    def row(self, name: str, cells: list[tuple[Image.Image, str]]) -> None:
        text = name
        while self._pen.textlength(text, font=self._font) > LABEL - 2 * GAP:
            text = text[:-2].rstrip() + "…"
        self._pen.text((GAP, self._top + CELL // 2 - 8), text, fill=_INK, font=self._font)
        left = LABEL
        for cell, frame in cells:
            self._picture.paste(cell, (left, self._top))
            self._pen.rectangle(
                (left - 2, self._top - 2, left + cell.width + 1, self._top + cell.height + 1), outline=frame, width=2
            )
            left += cell.width + GAP
        self._top += CELL + GAP

    def cropped(self) -> Image.Image:
        return self._picture.crop((0, 0, self._picture.width, self._top + GAP))
