"""Installed data sets on disk: one folder each, ``dataset.json`` and one array file beside it.

``images.npy`` holds uint8 [examples, side, side(, 3)], class by class; ``points.npy`` float64 [points, columns], task
by task, y last. The description is written last and replaced whole: a data set exists once its description does.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from metagui.datasets.splits import Split, split_hash
from metagui.errors import DataError, StoreError

DESCRIPTION = "dataset.json"
FORMAT = 1
RESERVED = frozenset({"sinusoid", "points", "glyphs", "omniglot", "images", "curves"})
"""Names of the built-in task families."""


class Group(msgspec.Struct, frozen=True):
    """One class of pictures, or one task of a table: ``count`` rows from ``first`` on."""

    name: str
    split: Split
    first: int
    count: int


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
    if not datasets_dir.is_dir():
        return []
    return sorted(folder.name for folder in datasets_dir.iterdir() if (folder / DESCRIPTION).is_file())


def offered(datasets_dir: Path) -> dict[str, list[tuple[str, str]]]:
    """Name and size of every data set that can be read, by the task family that takes it."""
    found: dict[str, list[tuple[str, str]]] = {"images": [], "curves": []}
    for name in installed_names(datasets_dir):
        try:
            description = read_description(datasets_dir, name)
        except DataError:
            continue  # 'metagui data list' says what is wrong with it
        what = "classes" if description.kind == "images" else "tasks"
        found[description.kind].append((name, f"{len(description.groups):,} {what}"))
    return found


def read_description(datasets_dir: Path, name: str) -> Description:
    """Raises DataError where there is no such data set, or its description cannot be read."""
    path = datasets_dir / name / DESCRIPTION
    if not is_name(name) or not path.is_file():
        known = ", ".join(installed_names(datasets_dir)) or "none"
        raise DataError(f"there is no data set {name!r} here (installed: {known}): add it with 'metagui data add'")
    try:
        description = msgspec.json.decode(path.read_bytes(), type=Description)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is damaged ({error}): {_remedy(name)}") from error
    if description.format != FORMAT:
        raise DataError(f"{path} was written by another version of metagui: {_remedy(name)}")
    return description


def read_array(datasets_dir: Path, description: Description) -> npt.NDArray[Any]:
    """The whole array, read-only and mapped from disk; raises DataError where it does not fit the description."""
    path = _array_path(datasets_dir, description)
    try:
        array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is damaged ({error}): {_remedy(description.name)}") from error
    if len(array) != description.examples or array.dtype != (np.uint8 if description.kind == "images" else np.float64):
        raise DataError(
            f"{path} is damaged: it holds {len(array):,} {array.dtype} rows, not {description.examples:,}: "
            f"{_remedy(description.name)}"
        )
    return array


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
    folder = datasets_dir / description.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()  # numpy writing to the disk itself hides that the disk is full
        np.save(content, np.ascontiguousarray(array), allow_pickle=False)
        _replace(_array_path(datasets_dir, description), content.getbuffer())
        _replace(folder / DESCRIPTION, msgspec.json.format(msgspec.json.encode(description), indent=1))
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}; nothing was changed") from error


def remove(datasets_dir: Path, name: str) -> Description:
    """Delete a data set; raises DataError where there is none, StoreError where it cannot be deleted."""
    description = read_description(datasets_dir, name)
    folder = datasets_dir / name
    try:
        (folder / DESCRIPTION).unlink()  # first: half a data set is none
        shutil.rmtree(folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be deleted: {error.strerror or error}") from error
    return description


def fingerprint(array: npt.NDArray[Any]) -> str:
    """sha256 of the numbers, a stretch at a time."""
    digest = hashlib.sha256(f"{array.dtype} {array.shape}".encode())
    for start in range(0, len(array), 4096):
        digest.update(np.ascontiguousarray(array[start : start + 4096]).tobytes())
    return digest.hexdigest()


def is_name(text: str) -> bool:
    """Whether this may name a data set: a word that is safe as a folder's name everywhere."""
    return 0 < len(text) <= 64 and text[0].isalnum() and all(c.isalnum() or c in "-_" for c in text) and text.isascii()


def _array_path(datasets_dir: Path, description: Description) -> Path:
    return datasets_dir / description.name / ("images.npy" if description.kind == "images" else "points.npy")


def _remedy(name: str) -> str:
    return f"add it again with 'metagui data add {name} --from PATH'"


def _replace(path: Path, content: bytes | memoryview) -> None:
    """Write beside the file, then move over it, so that a reader sees the old or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
