"""Installed image data sets on disk: a folder a data set, in parts that arrive one at a time. No torch.

``<datasets>/<name>/<part>.npy`` holds uint8 [classes, examples, side, side], ink 255 on 0; ``<part>.json`` beside it
says what it is and where it came from. Both are replaced whole, the description last: a part exists once its
description does, and an interrupted or failed write leaves what was there.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from metagui.errors import DataError

Images = npt.NDArray[np.uint8]


class PartDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """The small JSON beside a part; ``source`` is the file or address it was made from, ``sha256`` of the pixels."""

    dataset: str
    title: str
    part: str
    class_names: tuple[str, ...]
    examples_per_class: int
    source: str
    sha256: str
    added: str


@dataclass(frozen=True, slots=True)
class InstalledDataset:
    """One line of a listing. ``problem`` is a sentence where something is damaged, else empty."""

    name: str
    title: str
    classes: int
    examples: int
    parts: tuple[str, ...]
    provenance: tuple[str, ...]
    problem: str = ""


def installed_datasets(datasets_dir: Path) -> list[InstalledDataset]:
    """All data sets below this folder, by name; never raises for a damaged one."""
    if not datasets_dir.is_dir():
        return []
    folders = (folder for folder in sorted(datasets_dir.iterdir()) if folder.is_dir())
    # A person's own data sets are described by metagui.datasets.library.
    listed = (_listed(folder) for folder in folders if not (folder / "dataset.json").exists())
    return [dataset for dataset in listed if dataset is not None]


def _listed(folder: Path) -> InstalledDataset | None:
    parts, problems = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            parts.append(read_description(folder, path.stem))
            _check_size(folder, parts[-1])
        except DataError as error:
            problems.append(str(error))
    if not parts and not problems:
        return None
    return InstalledDataset(
        name=folder.name,
        title=parts[0].title if parts else folder.name,
        classes=sum(len(part.class_names) for part in parts),
        examples=sum(len(part.class_names) * part.examples_per_class for part in parts),
        parts=tuple(part.part for part in parts),
        provenance=tuple(f"{part.part}: {part.source}, added {part.added}" for part in parts),
        problem=" ".join(problems),
    )


def part_names(folder: Path) -> list[str]:
    """The parts that are installed, sorted."""
    return sorted(path.stem for path in folder.glob("*.json"))


def read_description(folder: Path, part: str) -> PartDescription:
    """Raises DataError where it cannot be read."""
    path = folder / f"{part}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=PartDescription)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is damaged ({error}): {_remedy(folder)}") from error


def read_images(folder: Path, description: PartDescription) -> Images:
    """The whole part in memory, uint8 [classes, examples, side, side]; raises DataError for a damaged file."""
    path = folder / f"{description.part}.npy"
    try:
        images: Images = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is damaged ({error}): {_remedy(folder)}") from error
    expected = (len(description.class_names), description.examples_per_class)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[:2] != expected:
        raise DataError(
            f"{path} is damaged: it holds {images.dtype} {images.shape} instead of pictures of {expected[0]} classes "
            f"x {expected[1]}: {_remedy(folder)}"
        )
    return images


def write_part(folder: Path, description: PartDescription, images: Images) -> None:
    """Put one part in place, replacing an earlier one; raises OSError with nothing changed."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = io.BytesIO()  # numpy writing to the disk itself hides that the disk is full
    np.save(pixels, np.ascontiguousarray(images), allow_pickle=False)
    _replace(folder / f"{description.part}.npy", pixels.getbuffer())
    _replace(folder / f"{description.part}.json", msgspec.json.format(msgspec.json.encode(description), indent=1))


def fingerprint(images: Images) -> str:
    """sha256 of the pixels."""
    return hashlib.sha256(np.ascontiguousarray(images).tobytes()).hexdigest()


def _check_size(folder: Path, description: PartDescription) -> None:
    path = folder / f"{description.part}.npy"
    pixels = len(description.class_names) * description.examples_per_class
    if not path.is_file() or path.stat().st_size < pixels:
        raise DataError(f"{path} is missing or cut short: {_remedy(folder)}")


def _remedy(folder: Path) -> str:
    return f"add the data set again with 'metagui data add {folder.name}'"


def _replace(path: Path, content: bytes | memoryview) -> None:
    """Write beside the file, then move over it, so that a reader sees the old or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
