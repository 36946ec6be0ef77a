"""Reads Omniglot's pictures out of the archives or folders a person has, and checks them. No torch.

What counts is the content: every character of a part with 20 readable drawings of 105 x 105 pixels, wherever it
was downloaded. Members of an archive are read in memory; nothing is ever unpacked by the paths it names.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import cast

import numpy as np
from PIL import Image

from metagui.datasets.omniglot_names import DRAWINGS, PARTS, Part, characters_of
from metagui.datasets.parts import Images
from metagui.errors import DataError

SIDE = 28
_ORIGINAL_SIDE = 105
_LARGEST_PICTURE = 64 * 1024  # bytes; the real ones have some hundreds
_PICTURE = re.compile(r"(?:^|/)images_(background|evaluation)/([^/]+/character\d\d)/\d+_(\d\d)\.png$")
_BAD_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, struct.error)
_BAD_PICTURE = (OSError, SyntaxError, ValueError, EOFError, IndexError, zlib.error, struct.error)


@dataclass(frozen=True, slots=True)
class FoundPart:
    """One complete part: ``places`` of its pictures by character and drawer, ``read`` gets one picture's bytes."""

    part: Part
    source: Path
    places: dict[tuple[str, int], str]
    read: Callable[[str], bytes]

    def images(self, advance: Callable[[], None]) -> Images:
        """uint8 [characters, 20, 28, 28], ink 255 on 0; ``advance`` is called after every character."""
        names = characters_of(self.part)
        images = np.empty((len(names), DRAWINGS, SIDE, SIDE), np.uint8)
        for row, name in enumerate(names):
            for drawer in range(DRAWINGS):
                place = self.places[name, drawer + 1]
                images[row, drawer] = _decoded(self.read(place), f"{self.source}: {place}")
            advance()
        return images


def find_parts(source: Path, stack: ExitStack) -> list[FoundPart]:
    """The parts a person's file or folder holds; archives stay open as long as ``stack``.

    ``source``: one of the zips, a folder with the zips or the unpacked folders ``images_background`` and
    ``images_evaluation`` (or one of these folders itself, or a clone of the official repository). Other files are
    ignored. Raises DataError when there is nothing of Omniglot, or a part is not complete.
    """
    if not source.exists():
        raise DataError(f"{source} does not exist: --from takes {_wanted()}")
    if source.is_file():
        return _in_zip(source, stack)
    parts = []
    for part in PARTS:
        archive, folder = _beside(source, f"images_{part}.zip"), _beside(source, f"images_{part}")
        if archive is not None and archive.is_file():
            parts += [found for found in _in_zip(archive, stack) if found.part == part]
        elif folder is not None and folder.is_dir():
            parts.append(_in_folder(folder, part))
    if not parts:
        raise DataError(f"{source} holds nothing of Omniglot: --from takes {_wanted()}")
    return parts


def _wanted() -> str:
    return (
        "a folder with images_background.zip and images_evaluation.zip, or with the folders unpacked from them, or "
        "one of these zips"
    )


def _beside(source: Path, name: str) -> Path | None:
    """The entry of this name: in the folder, the folder itself, or where the official repository keeps it."""
    candidates = [source / name, source / "python" / name, *([source] if source.name == name else [])]
    return next((path for path in candidates if path.exists()), None)


def _in_zip(path: Path, stack: ExitStack) -> list[FoundPart]:
    again = "download it again, or name a folder unpacked from a good copy"
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
        members = archive.infolist()
    except (*_BAD_ARCHIVE, OSError, ValueError) as error:
        raise DataError(f"{path} is not a readable zip archive, perhaps cut short ({error}): {again}") from error
    for member in members:
        # A harmless copy has no such member, and names would be trusted for nothing else either.
        if (
            ".." in PurePosixPath(member.filename).parts
            or member.filename.startswith("/")
            or "\\" in member.orig_filename
        ):
            raise DataError(f"{path} holds a path that leads out of the archive ({member.filename!r}): {again}")
    sizes = {member.filename: member.file_size for member in members}

    def read(name: str) -> bytes:
        if sizes[name] > _LARGEST_PICTURE:
            raise DataError(f"{path}: {name} is {sizes[name]:,} bytes, too large for a drawing of Omniglot: {again}")
        try:
            return archive.read(name)
        except (*_BAD_ARCHIVE, OSError) as error:
            raise DataError(f"{path}: {name} cannot be read ({error}): {again}") from error

    parts = _sorted_by_part(path, [member.filename for member in members], read)
    if not parts:
        raise DataError(
            f"{path} is a zip archive, but not Omniglot's images_background.zip or images_evaluation.zip: it holds no "
            "images_background/<alphabet>/characterNN/NNNN_NN.png"
        )
    return parts


def _in_folder(folder: Path, part: Part) -> FoundPart:
    def read(name: str) -> bytes:
        path = folder.parent / name
        try:
            if path.stat().st_size > _LARGEST_PICTURE:
                raise DataError(f"{path} is too large for a drawing of Omniglot: unpack images_{part}.zip again")
            return path.read_bytes()
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error.strerror}): unpack images_{part}.zip again") from error

    names = [path.relative_to(folder.parent).as_posix() for path in folder.glob("*/character[0-9][0-9]/*.png")]
    parts = _sorted_by_part(folder, names, read)
    if not parts:
        raise DataError(f"{folder} holds no <alphabet>/characterNN/NNNN_NN.png: unpack images_{part}.zip again")
    return parts[0]


def _sorted_by_part(source: Path, names: list[str], read: Callable[[str], bytes]) -> list[FoundPart]:
    places: dict[Part, dict[tuple[str, int], str]] = {}
    for name in names:
        match = _PICTURE.search(name)
        if match is None:
            continue
        part, key = cast(Part, match[1]), (f"{match[1]}/{match[2]}", int(match[3]))
        known = places.setdefault(part, {})
        if key in known:
            raise DataError(f"{source} holds the same drawing twice ({known[key]} and {name}): it is not Omniglot's")
        known[key] = name
    for part, known in places.items():
        _check_complete(source, part, known)
    return [FoundPart(part, source, places[part], read) for part in PARTS if part in places]


def _check_complete(source: Path, part: Part, places: dict[tuple[str, int], str]) -> None:
    names = characters_of(part)
    wanted = {(name, drawer) for name in names for drawer in range(1, DRAWINGS + 1)}
    missing, foreign = sorted(wanted - places.keys()), sorted(places.keys() - wanted)
    whole = f"the {part} part has {len(names):,} characters x {DRAWINGS} drawings"
    if foreign:
        raise DataError(f"{source} holds {places[foreign[0]]}, which is not Omniglot's: {whole}")
    if missing:
        name, drawer = missing[0]
        raise DataError(
            f"{source} lacks {len(missing):,} of {len(wanted):,} drawings, for example {name} by drawer {drawer:02d}: "
            f"{whole}; get images_{part}.zip again"
        )


def _decoded(data: bytes, where: str) -> Images:
    """One drawing: black on white at 105 x 105 -> ink 255 on 0 at 28 x 28."""
    # The size stands in the first chunk: a picture that would unfold into gigabytes is refused before it is opened.
    if len(data) < 24 or data[:8] != b"\x89PNG\r\n\x1a\n":
        raise DataError(f"{where} is no PNG picture: get the archive again")
    width, height = struct.unpack(">II", data[16:24])
    if (width, height) != (_ORIGINAL_SIDE, _ORIGINAL_SIDE):
        raise DataError(f"{where} has {width} x {height} pixels; a drawing of Omniglot has 105 x 105")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    except _BAD_PICTURE as error:
        raise DataError(f"{where} cannot be read ({error}): get the archive again") from error
    return 255 - np.asarray(small, np.uint8)
