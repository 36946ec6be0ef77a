"""From a folder, archive or table to an installed data set: everything is read and checked, then put in place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from metagui.config import choices
from metagui.datasets import library
from metagui.datasets.array_files import read_npz
from metagui.datasets.content import Content, Options, Progress, no_progress
from metagui.datasets.files import readable
from metagui.datasets.image_folders import read_image_folder
from metagui.datasets.known_splits import known_split
from metagui.datasets.library import Description, Group
from metagui.datasets.splits import SPLITS, Split, pinned_splits, place, split_hash
from metagui.datasets.tables import read_table
from metagui.errors import DataError, InvalidValueError

FEWEST_EXAMPLES = 2
"""Pictures of a class: one to adapt on and one to be judged by."""


@dataclass(frozen=True, slots=True)
class About:
    """What is recorded of a data set beside what its files say; empty means its name, nothing, and where it lay."""

    title: str = ""
    licence: str = ""
    source: str = ""


_TAKEN = "a folder or zip of pictures by class, a .npz with images and label, or a .csv with task,x,y"


def add_dataset(
    name: str,
    source: Path,
    datasets_dir: Path,
    options: Options,
    progress: Progress = no_progress,
    about: About = About(),
) -> Description:
    """Read ``source``, decide the splits, and install it under ``name``; replaces an earlier one of that name.

    Raises DataError, InvalidValueError or StoreError that names the file and what would be right; then nothing that
    was installed has changed.
    """
    if not library.is_name(name):
        raise InvalidValueError("NAME", f"{name!r} cannot name a data set: use letters, digits, - and _, up to 64")
    if name.lower() in {family.lower() for family in choices("task")}:
        raise InvalidValueError("NAME", f"{name!r} is the name of a task family: choose another")
    alike = [other for other in library.installed_names(datasets_dir) if other.lower() == name.lower()]
    if alike and name not in alike:  # on some systems it would be the same folder
        raise InvalidValueError(
            "NAME", f"{name!r} differs from the data set {alike[0]!r} in case alone: choose another"
        )
    if options.side is not None and not 4 <= options.side <= 512:
        raise InvalidValueError("--side", f"must be from 4 to 512 pixels, not {options.side}")
    content = _read(source, options, progress)
    content = _without_short_classes(content)
    if len(content.rows) < len(SPLITS):
        what = "classes" if content.kind == "images" else "tasks"
        why = f" ({'; '.join(content.dropped[:3])})" if content.dropped else ""
        raise DataError(
            f"{source} has {len(content.rows)} {what} that can be used{why}; at least {len(SPLITS)} are needed, for "
            "training, validation and test"
        )
    splits = _splits(source, content)
    rows = np.concatenate(list(content.rows.values()))
    description = _described(name, source, content, splits, rows, about)
    library.write(datasets_dir, description, rows)
    return description


def _read(source: Path, options: Options, progress: Progress) -> Content:
    if not source.exists():
        raise DataError(f"{source} does not exist: --from takes {_TAKEN}")
    ending = source.suffix.lower()
    if source.is_dir() or ending == ".zip":
        return read_image_folder(source, options, progress)
    if ending == ".npz":
        return read_npz(source, options, progress)
    if ending in (".csv", ".tsv"):
        return read_table(source, progress)
    if ending in (".pkl", ".pickle", ".pt", ".pth"):
        raise DataError(f"{source} is a pickle, which can run code when it is loaded, so it never is: give {_TAKEN}")
    raise DataError(f"{source} is none of what can be read: --from takes {_TAKEN}")


def _without_short_classes(content: Content) -> Content:
    if content.kind == "curves":
        return content  # its reader has dropped tasks of one point
    short = [name for name, images in content.rows.items() if len(images) < FEWEST_EXAMPLES]
    reasons = tuple(f"{name}: one picture alone; a class needs at least {FEWEST_EXAMPLES}" for name in short)
    rows = {name: images for name, images in content.rows.items() if name not in short}
    return Content(content.kind, rows, content.splits, content.columns, (*content.dropped, *reasons))


def _splits(source: Path, content: Content) -> dict[str, Split]:
    """The source's own where it has them, else that of a known list, or by the hash of the names; every split must
    have something in it."""
    if not content.splits:
        known = known_split(content.rows)
        if known is not None:
            return {name: known.of_class[name.rpartition("/")[2]] for name in content.rows}
        return pinned_splits(content.rows)
    splits = {name: content.splits[name] for name in content.rows}
    if "train" not in splits.values():
        raise DataError(f"{source} has nothing to train on: no class or task is in train")
    held_out = [name for name, split in splits.items() if split != "train"]
    if not held_out:
        raise DataError(f"{source} holds nothing out: move some classes or tasks to validation or test")
    for lacking in set(SPLITS) - set(splits.values()):
        # One of the two is there: half of it, by hash, becomes the other.
        ranked = sorted(held_out, key=place)
        if len(ranked) < 2:
            raise DataError(f"{source} has one class or task held out; {lacking} needs at least one of its own")
        for name in ranked[: len(ranked) // 2]:
            splits[name] = lacking
    return splits


def _split_source(content: Content) -> str:
    if content.splits:
        return "of the source"
    known = known_split(content.rows)
    return "by the hash of the names" if known is None else known.source


def _described(
    name: str, source: Path, content: Content, splits: dict[str, Split], rows: npt.NDArray[Any], about: About
) -> Description:
    groups, first = [], 0
    for group, values in content.rows.items():
        groups.append(Group(group, splits[group], first, len(values)))
        first += len(values)
    images = content.kind == "images"
    training = np.concatenate([content.rows[group.name] for group in groups if group.split == "train"])
    spread = () if images else training.std(axis=0)
    size = () if images else np.abs(training).max(axis=0)
    return Description(
        kind=content.kind,
        name=name,
        title=about.title or name,
        source=about.source or readable(str(source.absolute())),
        licence=about.licence,
        added=library.now(),
        groups=tuple(groups),
        split_source=_split_source(content),
        split_hash=split_hash(splits),
        sha256=library.fingerprint(rows),
        side=rows.shape[1] if images else 0,
        channels=(rows.shape[3] if rows.ndim == 4 else 1) if images else 0,
        columns=content.columns,
        centre=() if images else tuple(float(value) for value in training.mean(axis=0)),
        # A column of one number has a deviation, too: that of its rounding.
        scale=tuple(float(s) if s > 1e-12 * largest else 1.0 for s, largest in zip(spread, size, strict=True)),
        dropped=content.dropped,
    )
