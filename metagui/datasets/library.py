"""Installed data sets on disk: one folder each, ``dataset.json`` and one array file beside it.

``images-HASH.npy`` holds uint8 [examples, side, side(, 3)], class by class; ``points-HASH.npy`` float64 [points,
columns], task by task, y last. The description is written last and replaced whole, and the array's name is made from
its content: so a description always belongs to its array, whatever happens while a data set is replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from metagui.datasets.splits import Split, split_hash
from metagui.errors import DataError, StoreError

DESCRIPTION = "dataset.json"
FORMAT = 2
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
"""Names that Windows gives to no folder."""


class Group(msgspec.Struct, frozen=True):
    """One class of pictures, or one task of a table: ``count`` rows from ``first`` on."""

    name: str
    split: Split
    first: int
    count: int


class _Format(msgspec.Struct, frozen=True):
    format: int


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a data set is. ``dropped`` says which classes or tasks were left out, and why.

    ``columns`` of a table: the x columns, then y; ``centre`` and ``scale`` of each, over the training tasks.
    """

    format: int = FORMAT
    kind: Literal["images", "curves"]
    name: str
    title: str
    source: str
    licence: str = ""
    added: str
    groups: tuple[Group, ...]
    split_source: str
    split_hash: str
    sha256: str
    side: int = 0
    channels: int = 0
    columns: tuple[str, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    dropped: tuple[str, ...] = ()

    def of_split(self, split: Split) -> list[Group]:
        return [group for group in self.groups if group.split == split]

    @property
    def examples(self) -> int:
        return sum(group.count for group in self.groups)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def installed_names(datasets_dir: Path) -> list[str]:
    """Names of all data sets, the damaged ones included."""
    try:
        return sorted(folder.name for folder in datasets_dir.iterdir() if (folder / DESCRIPTION).is_file())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DataError(f"{datasets_dir} cannot be read: {error.strerror}") from error


def offered(datasets_dir: Path) -> dict[str, list[tuple[str, str]]]:
    """Name and size of every data set that can be read, by the task family that takes it."""
    found: dict[str, list[tuple[str, str]]] = {"images": [], "curves": []}
    for description in _readable(datasets_dir):
        what = "classes" if description.kind == "images" else "tasks"
        found[description.kind].append((description.name, f"{len(description.groups):,} {what}"))
    return found


def picture_forms(datasets_dir: Path) -> dict[str, tuple[int, int]]:
    """Side and channels of the pictures of every data set of pictures that can be read, by name."""
    described = (description for description in _readable(datasets_dir) if description.kind == "images")
    return {description.name: (description.side, description.channels) for description in described}


def _readable(datasets_dir: Path) -> Iterator[Description]:
    try:
        names = installed_names(datasets_dir)
    except DataError:
        return
    for name in names:
        with contextlib.suppress(DataError):  # 'metagui data list' says what is wrong with it
            yield read_description(datasets_dir, name)


def read_description(datasets_dir: Path, name: str) -> Description:
    """Raises DataError where there is no such data set, or its description cannot be read."""
    if not _is_installed(datasets_dir, name):
        known = ", ".join(installed_names(datasets_dir)) or "none"
        raise DataError(f"there is no data set {name!r} here (installed: {known}): add it with 'metagui data add'")
    path = datasets_dir / name / DESCRIPTION
    try:
        content = path.read_bytes()
        written_in = msgspec.json.decode(content, type=_Format).format
        if written_in != FORMAT:
            raise DataError(f"{path} was written by another version of metagui: {_remedy(name)}")
        description = msgspec.json.decode(content, type=Description)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is damaged ({error}): {_remedy(name)}") from error
    if description.name != name or not _is_consistent(description):
        raise DataError(f"{path} is damaged, or belongs to another data set: {_remedy(name)}")
    return description


def _is_consistent(description: Description) -> bool:
    """Whether the groups follow each other without a gap, a table's columns have their scales, and the hash is one."""
    if len(description.sha256) != 64 or not set(description.sha256) <= set("0123456789abcdef"):
        return False
    first = 0
    for group in description.groups:
        if group.first != first or group.count < 1:
            return False
        first += group.count
    wide = len(description.columns)
    return first > 0 and len(description.centre) == len(description.scale) == wide and all(description.scale)


def read_array(datasets_dir: Path, description: Description) -> npt.NDArray[Any]:
    """The whole array, read-only and mapped from disk; raises DataError where it does not fit the description."""
    path = _array_path(datasets_dir, description)
    try:
        array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        raise DataError(f"{path} is damaged ({error}): {_remedy(description.name)}") from error
    shape, kind = _form(description)
    if array.shape != shape or array.dtype != kind:
        raise DataError(
            f"{path} is damaged: it holds {array.dtype} {array.shape}, not {kind} {shape}: {_remedy(description.name)}"
        )
    return array


def _form(description: Description) -> tuple[tuple[int, ...], str]:
    """Shape and type of the array."""
    if description.kind == "curves":
        return (description.examples, len(description.columns)), "float64"
    square = (description.examples, description.side, description.side)
    return ((*square, description.channels) if description.channels > 1 else square), "uint8"


def check(datasets_dir: Path, name: str) -> Description:
    """Read everything and compare it with its recorded hash; raises DataError where they differ."""
    description = read_description(datasets_dir, name)
    if fingerprint(read_array(datasets_dir, description)) != description.sha256:
        path = _array_path(datasets_dir, description)
        raise DataError(f"{path} is not what was added on {description.added}: {_remedy(name)}")
    assigned: dict[str, Split] = {group.name: group.split for group in description.groups}
    if split_hash(assigned) != description.split_hash:
        raise DataError(f"{datasets_dir / name / DESCRIPTION}: the split was changed by hand: {_remedy(name)}")
    return description


def write(datasets_dir: Path, description: Description, array: npt.NDArray[Any]) -> None:
    """Put a data set in place, replacing an earlier one of its name; raises StoreError with nothing changed."""
    folder, path = datasets_dir / description.name, _array_path(datasets_dir, description)
    array = np.ascontiguousarray(array)

    def put(file: IO[bytes]) -> None:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(array.data)  # by our own hand: numpy hides that a disk is full

    before = folder.is_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(path, put)
        encoded = msgspec.json.format(msgspec.json.encode(description), indent=1)
        _replace(folder / DESCRIPTION, lambda file: file.write(encoded))
    except OSError as error:
        if not before:
            with contextlib.suppress(OSError):
                _delete(_ours(folder))
                folder.rmdir()
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}; nothing was changed") from error
    with contextlib.suppress(OSError):  # Windows keeps what a running training has open
        _delete([other for other in _ours(folder) if other not in (path, folder / DESCRIPTION)])


def remove(datasets_dir: Path, name: str) -> str:
    """Delete a data set, a damaged one too, and nothing else that lies in its folder; answers with what it was made
    from, empty where that cannot be read. Raises DataError where there is none, StoreError where it cannot be
    deleted."""
    if not _is_installed(datasets_dir, name):
        read_description(datasets_dir, name)  # says what there is
    try:
        source = read_description(datasets_dir, name).source
    except DataError:
        source = ""
    folder = datasets_dir / name
    try:
        (folder / DESCRIPTION).unlink()  # first: half a data set is none
        _delete(_ours(folder))
    except OSError as error:
        raise StoreError(f"{folder} cannot be deleted: {error.strerror or error}") from error
    with contextlib.suppress(OSError):  # where a person keeps something of theirs there
        folder.rmdir()
    return source


def _ours(folder: Path) -> list[Path]:
    """The files that :func:`write` makes, the temporary ones of a write that was killed included."""
    patterns = (DESCRIPTION, "images-*.npy", "points-*.npy", ".dataset.json-*.tmp", ".*.npy-*.tmp")
    return [path for pattern in patterns for path in folder.glob(pattern)]


def _delete(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def fingerprint(array: npt.NDArray[Any]) -> str:
    """sha256 of the numbers, a stretch at a time."""
    digest = hashlib.sha256(f"{array.dtype} {array.shape}".encode())
    for start in range(0, len(array), 4096):
        digest.update(np.ascontiguousarray(array[start : start + 4096]).tobytes())
    return digest.hexdigest()


def is_name(text: str) -> bool:
    """Whether this may name a data set: a word that is safe as a folder's name everywhere."""
    plain = text.isascii() and all(c.isalnum() or c in "-_" for c in text)
    return plain and 0 < len(text) <= 64 and text[0].isalnum() and text.lower() not in _DEVICES


def _is_installed(datasets_dir: Path, name: str) -> bool:
    """By its exact name: on some systems another spelling would open the same folder."""
    return is_name(name) and name in installed_names(datasets_dir)


def _array_path(datasets_dir: Path, description: Description) -> Path:
    what = "images" if description.kind == "images" else "points"
    return datasets_dir / description.name / f"{what}-{description.sha256[:16]}.npy"


def _remedy(name: str) -> str:
    return f"add it again with 'metagui data add {name} --from PATH'"


def _replace(path: Path, put: Callable[[IO[bytes]], object]) -> None:
    """Write beside the file, then move over it, so that a reader sees the old or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            put(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
