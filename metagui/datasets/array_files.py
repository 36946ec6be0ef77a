"""Pictures in a numpy archive: ``images`` [n, side, side(, 1 or 3)] and ``label`` [n]; no pickles."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil

from metagui.datasets.content import Content, Options, Progress
from metagui.datasets.files import BAD_ARCHIVE, readable
from metagui.datasets.image_folders import square_pixels
from metagui.datasets.splits import Split, split_of
from metagui.errors import DataError

_TAKEN = ("images", "label", "labels", "class_name", "split")
_WANTED = "images, uint8 [n, side, side] or [n, side, side, 3], and label, whole numbers [n]"


def read_npz(source: Path, options: Options, progress: Progress) -> Content:
    """The pictures of every class. ``class_name`` and ``split`` (one entry a class, or one a picture) are taken where
    they are there; raises DataError that names the array, and what would be right."""
    arrays = _arrays(source)
    images = _images(source, arrays, options)
    labels = _labels(source, arrays, len(images))
    numbers = np.unique(labels)
    names = _names(source, arrays, labels, numbers)
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
            return {name: loaded[name] for name in loaded.files if name in _TAKEN}
    except DataError:
        raise
    except (*BAD_ARCHIVE, OSError, ValueError, KeyError, MemoryError, SyntaxError) as error:
        if "pickle" in str(error):
            raise DataError(
                f"{source} holds Python objects, which are never loaded (they could run code): save plain arrays, "
                f"{_WANTED}"
            ) from error
        raise DataError(f"{source} is no readable numpy archive, perhaps cut short: {error}") from error


def _images(source: Path, arrays: Mapping[str, npt.NDArray[Any]], options: Options) -> npt.NDArray[np.uint8]:
    images = arrays.get("images")
    if images is None:
        raise DataError(f"{source} has no array 'images': it needs {_WANTED}")
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[-1] != 3) or not images.size:
        raise DataError(f"{source}: images has the shape {images.shape}: it needs {_WANTED}")
    if images.dtype.kind not in "uibf":
        raise DataError(f"{source}: images are of type {images.dtype}: save them as uint8")
    if images.dtype.kind == "f":
        if not np.isfinite(images).all() or images.min() < 0 or images.max() > 1:
            raise DataError(f"{source}: images are floating-point numbers outside 0..1: scale them, or use uint8")
        images = np.round(images * 255)
    elif images.dtype.kind in "ui" and (images.min() < 0 or images.max() > 255):
        raise DataError(f"{source}: images of type {images.dtype} go beyond 0..255: save them as uint8")
    elif images.dtype.kind == "b":
        images = images * np.uint8(255)
    if images.ndim == 4 and options.colour == "grey":
        images = np.round(images @ np.array([0.299, 0.587, 0.114]))
    elif images.ndim == 3 and options.colour == "rgb":
        images = np.repeat(images[..., None], 3, axis=-1)
    pixels = square_pixels(np.asarray(images, np.uint8), options.side, f"{source}: images")
    return 255 - pixels if options.invert else pixels


def _labels(source: Path, arrays: Mapping[str, npt.NDArray[Any]], n: int) -> npt.NDArray[np.int64]:
    labels = next((arrays[name] for name in ("label", "labels") if name in arrays), None)
    if labels is None:
        raise DataError(f"{source} has no array 'label': it needs {_WANTED}")
    if labels.shape != (n,) or labels.dtype.kind not in "iu":
        raise DataError(
            f"{source}: label is {labels.dtype} {labels.shape}: it needs one whole number for each of {n:,}"
        )
    return labels.astype(np.int64)


def _names(
    source: Path, arrays: Mapping[str, npt.NDArray[Any]], labels: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]
) -> list[str]:
    given = arrays.get("class_name")
    if given is None:
        return [f"class {number}" for number in numbers]
    names = [readable(words[0]) for words in _words(source, "class_name", given, labels, numbers)]
    twice = next((name for name, count in Counter(name.casefold() for name in names).items() if count > 1), None)
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
    splits = {}
    for name, words in zip(names, _words(source, "split", given, labels, numbers), strict=True):
        if len(words) > 1:
            raise DataError(
                f"{source}: the class {name!r} is in {' and in '.join(words)}: a class that is held out must not be "
                "trained on"
            )
        split = split_of(words[0])
        if split is None:
            raise DataError(f"{source}: split {words[0]!r} of class {name!r} is none of train, validation and test")
        splits[name] = split
    return splits


def _words(
    source: Path, array: str, given: npt.NDArray[Any], labels: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]
) -> list[list[str]]:
    """What an array of one entry a class, or one a picture, says of each class: distinct words, sorted."""
    if given.ndim != 1 or given.dtype.kind not in "USiu":
        raise DataError(
            f"{source}: {array} is {given.dtype} {given.shape}: it needs words, one a class or one a picture"
        )
    words = np.char.decode(given, "utf-8", "backslashreplace") if given.dtype.kind == "S" else given
    if numbers.min() >= 0 and len(given) == numbers.max() + 1:
        return [[str(words[number])] for number in numbers]
    if len(given) == len(labels):
        found = [sorted({str(word) for word in words[labels == number]}) for number in numbers]
        if array == "class_name" and any(len(one) > 1 for one in found):
            both = next(one for one in found if len(one) > 1)
            raise DataError(f"{source}: pictures of one label are called {both[0]!r} and {both[1]!r} in {array}")
        return found
    raise DataError(
        f"{source}: {array} has {given.size:,} entries: it needs one a class (labels run from {numbers.min()} to "
        f"{numbers.max()}), or one a picture"
    )
