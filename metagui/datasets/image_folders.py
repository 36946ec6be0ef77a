"""Pictures in folders, one folder a class: ``train/dog/1.jpg`` or ``dog/1.jpg``, in a folder or a zip archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np
import psutil

from metagui.datasets.content import Content, Options, Progress
from metagui.datasets.files import File, files_of
from metagui.datasets.pictures import ENDINGS, Colour, Pixels, decoded, look_at
from metagui.datasets.splits import Split, split_of
from metagui.errors import DataError

LARGEST_SIDE = 84
"""Side that pictures of different or larger sizes are brought to, unless a person says otherwise: mini-ImageNet's."""

_LOOKED_AT = 200
"""Pictures whose size and colour are looked at to decide what the others become."""

_LISTED = 5


def read_image_folder(source: Path, options: Options, progress: Progress) -> Content:
    """The pictures of every class; raises DataError that names the file, and what would be right."""
    with files_of(source) as files:
        pictures = [file for file in files if file.path.suffix.lower() in ENDINGS]
        if not pictures:
            raise DataError(
                f"{source} holds no pictures ({', '.join(sorted(ENDINGS))}): put those of each class into a folder of "
                "its own"
            )
        classes, splits = _by_class(source, pictures)
        side, colour = _form(source, pictures, options)
        _refuse_too_many(source, len(pictures), side * side * (3 if colour == "rgb" else 1))
        rows, broken, done = {}, [], 0
        for name, members in classes.items():
            images = []
            for file in members:
                try:
                    images.append(decoded(file.read(), f"{source}: {file.path}", side, colour, options.invert))
                except DataError as error:
                    broken.append(str(error))
                done += 1
                progress(done, len(pictures))
            if images:
                rows[name] = np.stack(images)
    if broken and not options.skip_broken:
        more = f"; and {len(broken) - _LISTED:,} more" if len(broken) > _LISTED else ""
        raise DataError(
            f"{'; '.join(broken[:_LISTED])}{more}. Mend or remove {'it' if len(broken) == 1 else 'them'}, or leave "
            "out what cannot be read with --skip-broken"
        )
    lost = [f"{name}: none of its pictures can be read" for name in classes if name not in rows]
    skipped = [f"{text} (left out)" for text in broken]
    return Content("images", rows, splits, dropped=(*lost, *skipped))


def _by_class(source: Path, pictures: list[File]) -> tuple[dict[str, list[File]], Mapping[str, Split]]:
    """Files of each class, and its split where the topmost folders name splits."""
    common = _common_folders([file.path for file in pictures])
    relative = {file.path: PurePosixPath(*file.path.parts[common:]) for file in pictures}
    loose = [path for path, inner in relative.items() if len(inner.parts) < 2]
    if loose:
        raise DataError(
            f"{source}: {loose[0]} lies in no class folder: put the pictures of each class into a folder of its own"
        )
    first = {inner.parts[0] for inner in relative.values()}
    has_splits = len(first) > 1 and all(split_of(word) for word in first)
    if not has_splits:
        _refuse_half_a_split(source, list(relative.values()))
    classes: dict[str, list[File]] = {}
    splits: dict[str, Split] = {}
    for file in pictures:
        folders = relative[file.path].parent.parts
        if has_splits:
            split = split_of(folders[0])
            if len(folders) < 2:
                raise DataError(
                    f"{source}: {file.path} lies in no class folder: put the pictures of each class into a folder of "
                    "its own"
                )
            name = "/".join(folders[1:])
            if splits.setdefault(name, split or "train") != split:
                raise DataError(
                    f"{source}: the class {name!r} is in {splits[name]} and in {split}: a class that is held out must "
                    "not be trained on; rename or move one of them"
                )
        else:
            name = "/".join(folders)
        classes.setdefault(name, []).append(file)
    alike = [names for names, count in Counter(name.casefold() for name in classes).items() if count > 1]
    if alike:
        both = [repr(name) for name in classes if name.casefold() == alike[0]]
        raise DataError(f"{source}: the classes {' and '.join(both)} differ in case alone: rename or merge them")
    return dict(sorted(classes.items())), splits


def _refuse_too_many(source: Path, pictures: int, size: int) -> None:
    """They are gathered class by class and then joined, so that they are held twice."""
    needed, there = 2 * pictures * size, psutil.virtual_memory().available
    if needed > there:
        raise DataError(
            f"{source} has {pictures:,} pictures, which need {needed:,} bytes of memory while they are read, and "
            f"{there:,} are free: ask for smaller ones with --side, or for --colour grey"
        )


def _refuse_half_a_split(source: Path, paths: list[PurePosixPath]) -> None:
    """Folders of a split beside others would become classes, and the same class trained on and held out."""
    first = {path.parts[0] for path in paths}
    split = {word for word in first if split_of(word)}
    holding_classes = {path.parts[0] for path in paths if len(path.parts) > 2}
    if len({split_of(word) for word in split}) > 1 and split <= holding_classes:
        others = ", ".join(sorted(first - split)[:_LISTED])
        raise DataError(
            f"{source} has the splits {', '.join(sorted(split))}, and beside them {others}: move or remove what "
            "belongs to no split"
        )


def _common_folders(paths: list[PurePosixPath]) -> int:
    """How many topmost folders all files share; the last one that could be a class or a split is kept."""
    parents = [path.parent.parts for path in paths]
    shortest = min(len(parts) for parts in parents)
    common = 0
    while common < shortest and len({parts[common] for parts in parents}) == 1:
        common += 1
    return min(common, max(shortest - 1, 0))


def _form(source: Path, pictures: list[File], options: Options) -> tuple[int, Colour]:
    """Side and colour of all pictures: what was asked for, else what they have in common."""
    if options.side is not None and options.colour is not None:
        return options.side, options.colour
    step = max(1, len(pictures) // _LOOKED_AT)
    looked = []
    for file in pictures[::step]:
        try:
            looked.append(look_at(file.read(), f"{source}: {file.path}"))
        except DataError:
            continue  # said when it is read
    sizes = {(width, height) for width, height, _ in looked}
    width, height = sizes.pop() if len(sizes) == 1 else (0, 1)
    side = width if width == height and width <= LARGEST_SIDE else LARGEST_SIDE
    colour: Colour = "grey" if looked and all(colour == "grey" for *_, colour in looked) else "rgb"
    return options.side or side, options.colour or colour


def square_pixels(images: Pixels, side: int | None, where: str) -> Pixels:
    """Arrays of pictures brought to a side; raises DataError where they are not square or empty."""
    if images.shape[1] != images.shape[2]:
        raise DataError(f"{where} holds pictures of {images.shape[2]} x {images.shape[1]} pixels; squares are needed")
    if side is None or images.shape[1] == side:
        return images
    from PIL import Image

    resized = [np.asarray(Image.fromarray(one).resize((side, side), Image.Resampling.LANCZOS)) for one in images]
    return np.stack(resized)
