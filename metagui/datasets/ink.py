"""What a person draws or brings, as the pictures that a network was trained on: drawn strokes and photos. No torch.

Strokes are polylines [n, 2] of (x, y) in shares of a square page, 0..1 from its top left corner; the answer is float32
[side, side] or [side, side, 3] in 0..1.

*Omniglot*: 5-pixel strokes of pure black on 105 x 105, then 8-bit grey, shrunk by Lanczos to 28 x 28 and inverted: the
way of every stored drawing. *Glyphs*: fitted to the page as they are, then the soft pen that draws them. *Pictures*:
dark strokes on white, or bright on dark where the data set's pictures are dark, at its side and in its colours.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from metagui.config.tasks import GlyphTasks, ImageTasks, OmniglotTasks, TaskSection
from metagui.datasets.library import read_array, read_description
from metagui.datasets.pictures import Colour, decoded, squared
from metagui.errors import DataError

Stroke = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]
Manner = Literal["omniglot", "glyphs", "pictures"]

OMNIGLOT_SIDE = 28
_PAGE = 105
_PEN = 5
"""Pixels: of Omniglot's page and of the pen on it."""

GLYPH_SIDE = 28
_GLYPH_PEN, _GLYPH_REACH, _GLYPH_MARGIN = 0.56, 18.5, 4
"""Radius of the pen, larger side of a character, and what is always left free, in pixels."""

_PICTURE_PEN = 0.05
"""Width, in shares of the page."""

_SUPERSAMPLING = 4
_LARGEST_FILE = 200_000_000
_LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Preparation:
    """How pictures of one task family are made; ``invert`` where ink is bright on dark."""

    manner: Manner
    side: int
    channels: int
    invert: bool

    def drawn(self, strokes: Sequence[npt.ArrayLike], width: float = 1.0) -> Picture:
        """Strokes with a pen ``width`` times the usual one; a blank page where there are none."""
        lines = [_as_stroke(stroke) for stroke in strokes]
        lines = [line for line in lines if len(line)]
        if self.manner == "omniglot":
            return omniglot_page(_inked(lines, _PAGE, max(1, round(_PEN * width))))
        if self.manner == "glyphs":
            return soft_ink(_fitted(lines), _GLYPH_PEN * width)
        return self._on_white(lines, width)

    def brought(self, source: Path | npt.NDArray[np.uint8]) -> Picture:
        """A picture file, or pixels from the clipboard, as :func:`photo`; dark or bright as the data set is."""
        return photo(source, self.side, self.channels, None if self.invert else False)

    def _on_white(self, lines: list[Stroke], width: float) -> Picture:
        fine = _SUPERSAMPLING * self.side
        inked = _inked(lines, fine, max(1, round(_PICTURE_PEN * width * fine)))
        page = Image.fromarray(np.where(inked, 0, 255).astype(np.uint8))
        grey = np.asarray(page.resize((self.side, self.side), Image.Resampling.LANCZOS), np.uint8)
        grey = 255 - grey if self.invert else grey
        return _shares(grey if self.channels == 1 else np.repeat(grey[..., None], 3, axis=-1))


def preparation_of(task: TaskSection, datasets_dir: Path) -> Preparation:
    """That of a task family; raises DataError for one without pictures, or whose data set cannot be read."""
    match task:
        case OmniglotTasks():
            return Preparation("omniglot", OMNIGLOT_SIDE, 1, invert=True)
        case GlyphTasks():
            return Preparation("glyphs", GLYPH_SIDE, 1, invert=True)
        case ImageTasks():
            description = read_description(datasets_dir, task.dataset)
            if description.kind != "images":
                raise DataError(f"{task.dataset} holds curves: nothing can be drawn for it")
            pictures = read_array(datasets_dir, description)
            some = pictures[:: max(1, len(pictures) // _LOOKED_AT)]
            return Preparation("pictures", description.side, description.channels, invert=_is_dark(np.asarray(some)))
    raise DataError(f"{task.title} has no pictures: nothing can be drawn for it")


def photo(source: Path | npt.NDArray[np.uint8], side: int, channels: int, invert: bool | None = None) -> Picture:
    """A picture from outside: turned as its EXIF says, laid on white, its middle square shrunk by Lanczos.

    ``source``: a file, or uint8 [H, W], [H, W, 3] or [H, W, 4]. ``invert`` None makes paper dark and ink bright, and
    leaves pictures alone that are dark at their border already. Raises DataError for what is no picture or too large.
    """
    colour: Colour = "grey" if channels == 1 else "rgb"
    pixels = _read(source, side, colour) if isinstance(source, Path) else _taken(source, side, colour)
    if invert is None:
        invert = not _is_dark(pixels[None])
    return _shares(255 - pixels if invert else pixels)


def omniglot_page(inked: npt.NDArray[np.bool_]) -> Picture:
    """[28, 28] from where there is ink on Omniglot's page, [105, 105]."""
    page = Image.fromarray(np.where(inked, 0, 255).astype(np.uint8))
    small = page.resize((OMNIGLOT_SIDE, OMNIGLOT_SIDE), Image.Resampling.LANCZOS)
    return _shares(255 - np.asarray(small, np.uint8))


def soft_ink(lines: Sequence[Stroke], pen: float) -> Picture:
    """[28, 28]: what a round pen of radius ``pen`` leaves along lines in pixels.

    Its mark is a Gaussian, integrated along the line and then cut to 0..1, as the invented characters are drawn.
    """
    if not lines:
        return np.zeros((GLYPH_SIDE, GLYPH_SIDE), np.float32)
    points, weights = (np.concatenate(parts) for parts in zip(*(_brush(line, pen) for line in lines), strict=True))
    pixels = np.arange(GLYPH_SIDE) + 0.5
    marks = np.exp(-0.5 * ((points[:, :, None] - pixels) / pen) ** 2)  # [P, 2, 28]
    amount = (marks[:, 1] * weights[:, None]).T @ marks[:, 0]
    return np.asarray(np.clip(1.6 * amount - 0.2, 0, 1), np.float32)


def is_blank(picture: Picture) -> bool:
    """Whether nothing can be told from it: one shade all over."""
    return bool(np.ptp(picture) < 1 / 255)


def _as_stroke(stroke: npt.ArrayLike) -> Stroke:
    line = np.asarray(stroke, np.float64).reshape(-1, 2)
    return line[np.isfinite(line).all(axis=1)]


def _inked(lines: Sequence[Stroke], side: int, width: int) -> npt.NDArray[np.bool_]:
    """[side, side]: where a round pen ``width`` pixels wide has been; what leaves the page is cut off."""
    touched = np.zeros((side + 2 * width, side + 2 * width), bool)
    for line in lines:
        at = np.floor(_resampled(line * side, 0.5)).astype(int)
        at = at[((at >= -width) & (at < side + width)).all(axis=1)] + width
        touched[at[:, 1], at[:, 0]] = True
    inked = np.zeros((side, side), bool)
    offsets = np.arange(width) - (width - 1) / 2
    for row, y in enumerate(offsets):
        for column, x in enumerate(offsets):
            if x * x + y * y <= (width / 2) ** 2:  # this point of the pen
                top, left = width + width // 2 - row, width + width // 2 - column
                inked |= touched[top : top + side, left : left + side]
    return inked


def _resampled(line: Stroke, step: float) -> Stroke:
    """The same line with points at most ``step`` apart."""
    if len(line) < 2:
        return line
    pieces = [line[:1]]
    for start, end in itertools.pairwise(line):
        count = max(1, int(np.ceil(np.hypot(*(end - start)) / step)))
        pieces.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)


def _fitted(lines: Sequence[Stroke]) -> list[Stroke]:
    """In pixels, in the middle of the page and as large as invented characters are; a lone dot stays a dot."""
    if not lines:
        return []
    whole = np.concatenate(lines)
    low, high = whole.min(axis=0), whole.max(axis=0)
    reach = float((high - low).max())
    size = _GLYPH_REACH / reach if reach > 0.02 else float(GLYPH_SIDE)
    size = min(size, (GLYPH_SIDE - _GLYPH_MARGIN) / max(reach, 1e-9))
    return [(line - (low + high) / 2) * size + GLYPH_SIDE / 2 for line in lines]


def _brush(line: Stroke, pen: float) -> tuple[Stroke, npt.NDArray[np.float64]]:
    """Points of the brush [P, 2] and how much ink each leaves [P]; a dot has no length: the pen rests on it."""
    if len(line) < 2:
        line = np.concatenate([line, line + 1e-3])
    starts, moves = line[:-1], np.diff(line, axis=0)
    travelled = np.hypot(moves[:, 0], moves[:, 1])
    counts = np.maximum(3, np.ceil(2 * travelled)).astype(int)
    which = np.repeat(np.arange(len(starts)), counts)
    within = np.concatenate([(np.arange(count) + 0.5) / count for count in counts])
    resting = max(1.0, 2.4 * pen / max(float(travelled.sum()), 1e-3))
    weights = (travelled / counts)[which] * (resting / (np.sqrt(2 * np.pi) * pen))
    return starts[which] + moves[which] * within[:, None], weights


def _read(path: Path, side: int, colour: Colour) -> npt.NDArray[np.uint8]:
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise DataError(f"{path.name} is {size:,} bytes; at most {_LARGEST_FILE:,} are read")
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror or error}") from error
    return decoded(data, path.name, side, colour)


def _taken(pixels: npt.NDArray[np.uint8], side: int, colour: Colour) -> npt.NDArray[np.uint8]:
    if pixels.dtype != np.uint8 or not pixels.size or pixels.shape[2:] not in ((), (3,), (4,)) or pixels.ndim < 2:
        raise DataError(f"these pixels are no picture: {pixels.dtype} {list(pixels.shape)}")
    return squared(Image.fromarray(np.ascontiguousarray(pixels)), side, colour)


def _is_dark(pictures: npt.NDArray[Any]) -> bool:
    """Whether the borders of most pictures [n, side, side(, 3)] are dark: the ground that something is drawn on."""
    grey = pictures.mean(axis=-1) if pictures.ndim == 4 else pictures
    borders = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
    return bool(np.median(borders) < 128)


def _shares(pixels: npt.NDArray[np.uint8]) -> Picture:
    """0..255 -> 0..1, as the families do it."""
    return pixels.astype(np.float32) / np.float32(255)
