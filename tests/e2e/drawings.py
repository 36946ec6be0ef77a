"""Characters that nobody takes for one another, as strokes and as picture files; and files that only look small."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from PIL import Image, ImageDraw

Drawing = tuple[tuple[tuple[float, float], ...], ...]
"""Strokes in shares of a square page, from its top left corner."""

CROSS: Drawing = (((0.2, 0.2), (0.5, 0.5), (0.8, 0.8)), ((0.8, 0.2), (0.5, 0.5), (0.2, 0.8)))
TEE: Drawing = (((0.2, 0.2), (0.5, 0.2), (0.8, 0.2)), ((0.5, 0.2), (0.5, 0.5), (0.5, 0.9)))
HOOK: Drawing = (((0.3, 0.1), (0.3, 0.6), (0.5, 0.8), (0.7, 0.6)),)
ZED: Drawing = (((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)),)
BOW: Drawing = (((0.2, 0.8), (0.3, 0.3), (0.5, 0.2), (0.7, 0.3), (0.8, 0.8)),)
SHAPES = (CROSS, TEE, HOOK, ZED, BOW)


def ink_file(path: Path, drawing: Drawing, side: int = 210) -> Path:
    """Black ink on white paper."""
    page = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(page)
    for stroke in drawing:
        pen.line([(x * side, y * side) for x, y in stroke], fill=0, width=side // 18, joint="curve")
    page.save(path)
    return path


def unfolding_file(path: Path, side: int) -> Path:
    """A PNG of a few bytes that promises ``side`` x ``side`` pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")
    )
    return path


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
