"""Pictures in a numpy archive: ``images`` [n, side, side(, 1 or 3)] and ``label`` [n]; no pickles."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil

from metagui.datasets.content import Content, Options, Progress
from metagui.datasets.files import BAD_ARCHIVE
from metagui.datasets.image_folders import square_pixels
from metagui.datasets.splits import Split, split_of
from metagui.errors import DataError

_WANTED = "images, uint8 [n, side, side] or [n, side, side, 3], and label, whole numbers [n]"


def read_npz(source: Path, options: Options, progress: Progress) -> Content:
    """The pictures of every class. ``class_name`` and ``split`` (one entry a class, or one a picture) are taken where
    they are there; raises DataError that names the array, and what would be right."""
    arrays = _arrays(source)
    images = _images(source, arrays, options)
    labels = _labels(source, arrays, len(images))
    numbers = np.unique(labels)
    names = _names(source, arrays, numbers)
    splits = _splits(source, arrays, labels, numbers, names)
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], numbers)
    rows = {}
    for index, chosen in enumerate(np.split(order, bounds[1:])):
        rows[names[index]] = images[np.sort(chosen)]
        progress(int(bounds[index]) + len(chosen), len(images))
    return Content("images", rows, splits)


def _arrays(source: Path) -> dict[str, npt.NDArray[Any]]:
    try:
        with zipfile.ZipFile(source) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > psutil.virtual_memory().available // 2:
            raise DataError(f"{source} unpacks to {size:,} bytes, more than half of the free memory")
        with np.load(source, allow_pickle=False) as loaded:
            return {name: loaded[name] for name in loaded.files}
    except (*BAD_ARCHIVE, OSError, ValueError, KeyError) as error:
        if isinstance(error, DataError):
            raise
        if "pickle" in str(error):
            raise DataError(
                f"{source} holds Python objects, which are never loaded (they could run code): save plain arrays, "
                f"{_WANTED}"
            ) from error
        raise DataError(f"{source} is no readable numpy archive, perhaps cut short: {error}") from error


def _images(source: Path, arrays: Mapping[str, npt.NDArray[Any]], options: Options) -> npt.NDArray[np.uint8]:
    images = arrays.get("images")
    if images is None:
        raise DataError(f"{source} has no array 'images' (it has {', '.join(arrays) or 'none'}): it needs {_WANTED}")
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[-1] != 3) or not images.size:
        raise DataError(f"{source}: images has the shape {images.shape}: it needs {_WANTED}")
    if images.dtype.kind == "f":
        if not np.isfinite(images).all() or images.min() < 0 or images.max() > 1:
            raise DataError(f"{source}: images are floating-point numbers outside 0..1: scale them, or use uint8")
        images = np.round(images * 255)
    elif images.dtype.kind not in "ub" and (images.min() < 0 or images.max() > 255):
        raise DataError(f"{source}: images of type {images.dtype} go beyond 0..255: save them as uint8")
    elif images.dtype.kind == "b":
        images = images * np.uint8(255)
    if images.ndim == 4 and options.colour == "grey":
        images = images @ np.array([0.299, 0.587, 0.114])
    elif images.ndim == 3 and options.colour == "rgb":
        images = np.repeat(images[..., None], 3, axis=-1)
    pixels = square_pixels(np.asarray(images, np.uint8), options.side, f"{source}: images")
    return 255 - pixels if options.invert else pixels


def _labels(source: Path, arrays: Mapping[str, npt.NDArray[Any]], n: int) -> npt.NDArray[np.int64]:
    labels = next((arrays[name] for name in ("label", "labels") if name in arrays), None)
    if labels is None:
        raise DataError(f"{source} has no array 'label' (it has {', '.join(arrays)}): it needs {_WANTED}")
    if labels.shape != (n,) or labels.dtype.kind not in "iu":
        raise DataError(
            f"{source}: label is {labels.dtype} {labels.shape}: it needs one whole number for each of {n:,}"
        )
    return labels.astype(np.int64)


def _names(source: Path, arrays: Mapping[str, npt.NDArray[Any]], numbers: npt.NDArray[np.int64]) -> list[str]:
    given = arrays.get("class_name")
    if given is None:
        return [f"class {number}" for number in numbers]
    if given.ndim != 1 or numbers.min() < 0 or numbers.max() >= len(given):
        raise DataError(
            f"{source}: class_name has {given.size:,} entries, but labels run from {numbers.min()} to {numbers.max()}"
        )
    names = [str(given[number]) for number in numbers]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{source}: two classes are called {twice!r}: give each a name of its own")
    return names


def _splits(
    source: Path,
    arrays: Mapping[str, npt.NDArray[Any]],
    labels: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.int64],
    names: list[str],
) -> Mapping[str, Split]:
    given = arrays.get("split")
    if given is None:
        return {}
    if given.ndim == 1 and len(given) > numbers.max() and len(given) != len(labels):
        words = [str(given[number]) for number in numbers]
    elif given.shape == labels.shape:
        words = []
        for number, name in zip(numbers, names, strict=True):
            found = sorted({str(word) for word in given[labels == number]})
            if len(found) > 1:
                raise DataError(
                    f"{source}: the class {name!r} is in {' and in '.join(found)}: a class that is held out must not "
                    "be trained on"
                )
            words.append(found[0])
    else:
        raise DataError(f"{source}: split has {given.size:,} entries: it needs one a class, or one a picture")
    splits = {}
    for name, word in zip(names, words, strict=True):
        split = split_of(word)
        if split is None:
            raise DataError(f"{source}: split {word!r} of class {name!r} is none of train, validation and test")
        splits[name] = split
    return splits
