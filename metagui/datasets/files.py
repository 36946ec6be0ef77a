"""A folder or a zip archive as a list of files that can be read, whatever it holds. Nothing is ever unpacked."""

from __future__ import annotations

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
    size: int
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
        with zipfile.ZipFile(source) as archive:
            yield _in_archive(source, archive)
    except (*BAD_ARCHIVE, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{source} is not a readable zip archive, perhaps cut short: {error}") from error


def _in_folder(folder: Path) -> list[File]:
    try:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise DataError(f"{folder} cannot be read: {error.strerror}") from error
    found = ((PurePosixPath(path.relative_to(folder).as_posix()), path) for path in paths)
    return [_folder_file(relative, path) for relative, path in found if not _is_hidden(relative)]


def _folder_file(relative: PurePosixPath, path: Path) -> File:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise DataError(f"{path} cannot be read: {error.strerror}") from error

    return File(relative, path.stat().st_size, read)


def _in_archive(source: Path, archive: zipfile.ZipFile) -> list[File]:
    found = []
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if ".." in path.parts or path.is_absolute() or "\\" in member.orig_filename:
            raise DataError(
                f"{source} holds a path that leads out of the archive ({member.filename!r}): nothing was read from it; "
                "pack the folder again"
            )
        if not member.is_dir() and not _is_hidden(path):
            found.append(_archive_file(source, archive, member, path))
    return sorted(found, key=lambda file: file.path)


def _archive_file(source: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath) -> File:
    def read() -> bytes:
        if member.file_size > LARGEST_FILE:
            raise DataError(
                f"{source}: {member.filename} unpacks to {member.file_size:,} bytes; at most {LARGEST_FILE:,} are read"
            )
        try:
            return archive.read(member)
        except (*BAD_ARCHIVE, OSError) as error:
            raise DataError(f"{source}: {member.filename} cannot be read: {error}") from error

    return File(path, member.file_size, read)


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
