"""A folder or a zip archive as a list of files that can be read, whatever it holds. Nothing is ever unpacked."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from metagui.errors import DataError

LARGEST_FILE = 64 << 20
"""Bytes of one picture; a camera's is a tenth of it."""

BAD_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, struct.error)


@dataclass(frozen=True, slots=True)
class File:
    """``path`` relative to the source, with forward slashes; ``read`` raises DataError that names the file."""

    path: PurePosixPath
    read: Callable[[], bytes]


@contextmanager
def files_of(source: Path) -> Iterator[list[File]]:
    """The files of a folder or a zip archive, sorted by path; hidden ones and macOS's shadow copies are left out.

    Raises DataError for an unreadable archive, or one with a path that leads out of it.
    """
    if source.is_dir():
        yield _in_folder(source)
        return
    try:
        archive = zipfile.ZipFile(source)
    except (*BAD_ARCHIVE, OSError, ValueError) as error:
        raise DataError(f"{readable(str(source))} is not a readable zip archive, perhaps cut short: {error}") from error
    with archive:
        yield _in_archive(source, archive)


def readable(text: str) -> str:
    """A name as it may be shown and stored anywhere: what cannot be printed, or is no Unicode, is spelt out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _in_folder(folder: Path) -> list[File]:
    found = []
    for path in _walk(folder, ()):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        if not _is_hidden(relative):
            found.append(File(PurePosixPath(readable(str(relative))), _reader_of(path)))
    return sorted(found, key=lambda file: file.path)


def _walk(folder: Path, above: tuple[str, ...]) -> Iterator[Path]:
    """The files below a folder. Links are followed, as a person who links a class means them to be, but not back into
    a folder that is being read (``above``)."""
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"{readable(str(folder))} cannot be read: {error.strerror}") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(folder / entry.name, (*above, real))
        else:
            yield folder / entry.name


def _reader_of(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        name = readable(str(path))
        try:
            if not path.is_file():
                raise DataError(f"{name} is no file that can be read, or a link that leads nowhere")
            if path.stat().st_size > LARGEST_FILE:
                raise DataError(f"{name} has {path.stat().st_size:,} bytes; at most {LARGEST_FILE:,} are read")
            return path.read_bytes()
        except OSError as error:
            raise DataError(f"{name} cannot be read: {error.strerror}") from error

    return read


def _in_archive(source: Path, archive: zipfile.ZipFile) -> list[File]:
    found = []
    for member in archive.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))  # as some programs for Windows write them
        if ".." in path.parts or path.is_absolute():
            raise DataError(
                f"{readable(str(source))} holds a path that leads out of the archive ({member.filename!r}): nothing "
                "was read from it; pack the folder again"
            )
        if not member.is_dir() and not _is_hidden(path):
            path = PurePosixPath(readable(str(path)))
            found.append(File(path, _unpacker_of(source, archive, member)))
    return sorted(found, key=lambda file: file.path)


def _unpacker_of(source: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        name = f"{readable(str(source))}: {readable(member.filename)}"
        if member.file_size > LARGEST_FILE:
            raise DataError(f"{name} unpacks to {member.file_size:,} bytes; at most {LARGEST_FILE:,} are read")
        try:
            return archive.read(member)
        except (*BAD_ARCHIVE, OSError, ValueError) as error:
            raise DataError(f"{name} cannot be read: {error}") from error

    return read


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
