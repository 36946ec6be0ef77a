"""One picture file as pixels: bounded, upright, flattened onto white, cut to a square."""

from __future__ import annotations

import io
import warnings
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from metagui.errors import DataError

Pixels = npt.NDArray[np.uint8]
Colour = Literal["grey", "rgb"]

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm"})
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
LARGEST_PICTURE = 80_000_000
"""Pixels; beyond, a small file could unfold into gigabytes."""


def look_at(data: bytes, where: str) -> tuple[int, int, Colour]:
    """Width, height and colour of a picture, from its header alone; raises DataError as :func:`decoded`."""
    with _opened(data, where) as picture:
        return (*picture.size, "grey" if _is_grey(picture) else "rgb")


def decoded(data: bytes, where: str, side: int, colour: Colour, invert: bool = False) -> Pixels:
    """uint8 [side, side] or [side, side, 3]: turned as its EXIF says, on white, its middle square, shrunk or grown.

    ``where`` names it in errors. Raises DataError for what is no picture, is damaged or is larger than
    LARGEST_PICTURE pixels.
    """
    with _opened(data, where) as opened, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a damaged EXIF: the picture itself may be whole
        try:
            opened.draft("RGB" if colour == "rgb" else "L", (2 * side, 2 * side))  # a JPEG can be read small
            pixels = squared(ImageOps.exif_transpose(opened), side, colour)
        except Exception as error:  # a decoder that is fed with anything may fail with anything
            raise DataError(f"{where} cannot be read as a picture: {error}") from error
    return 255 - pixels if invert else pixels


def squared(picture: Image.Image, side: int, colour: Colour) -> Pixels:
    """uint8 [side, side] or [side, side, 3]: laid on white, its middle square, shrunk or grown."""
    picture = _eight_bit(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        picture = Image.new("RGBA", layered.size, "white")
        picture.alpha_composite(layered)
    picture = picture.convert("RGB" if colour == "rgb" else "L")
    return np.asarray(ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS), np.uint8)


def _opened(data: bytes, where: str) -> Image.Image:
    if not data:
        raise DataError(f"{where} is empty (0 bytes)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its size is looked at below
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise DataError(f"{where} is too large: at most {LARGEST_PICTURE:,} pixels are read") from error
    except Exception as error:  # as below
        raise DataError(f"{where} is no picture that can be read") from error
    width, height = picture.size
    if width * height > LARGEST_PICTURE:
        raise DataError(f"{where} has {width:,} x {height:,} pixels; at most {LARGEST_PICTURE:,} in all are read")
    if not (width and height):
        raise DataError(f"{where} has no pixels")
    return picture


def _is_grey(picture: Image.Image) -> bool:
    return picture.mode in ("1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L")


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Sixteen-bit and floating-point greys brought to 0..255."""
    if picture.mode in ("I;16", "I;16B", "I;16L", "I"):
        values = np.asarray(picture, np.float64)
        deep = picture.mode != "I" or values.max() > 255  # "I" may hold either
        return Image.fromarray((values / 257 if deep else values).clip(0, 255).round().astype(np.uint8))
    if picture.mode == "F":
        values = np.nan_to_num(np.asarray(picture, np.float64))
        return Image.fromarray((values * (255 if values.max() <= 1 else 1)).clip(0, 255).astype(np.uint8))
    return picture
