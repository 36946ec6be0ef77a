"""Everything that is installed, whatever its form on disk: listed, opened, checked and removed by name."""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from metagui.datasets import library, parts
from metagui.datasets.catalogue import OMNIGLOT
from metagui.datasets.lake_runs import read_runs
from metagui.datasets.library import Description, Group
from metagui.datasets.omniglot_archive import SIDE
from metagui.datasets.omniglot_install import omniglot_folder
from metagui.datasets.omniglot_names import PARTS, Part, split_characters, spoken
from metagui.datasets.splits import SPLITS, Split, split_hash
from metagui.errors import DataError, MetaguiError, StoreError

_RUNS = "lake_runs"


@dataclass(frozen=True, slots=True)
class Listed:
    """One installed data set. ``problem`` is a sentence where it is damaged, else empty; ``size`` in bytes on disk."""

    name: str
    title: str
    folder: Path
    kind: Literal["images", "curves"] = "images"
    classes: int = 0
    examples: int = 0
    form: str = ""
    splits: tuple[int, int, int] = (0, 0, 0)
    """Classes (or tasks) to train on, to validate on and to test on."""
    split_source: str = ""
    split_hash: str = ""
    sha256: str = ""
    licence: str = ""
    source: str = ""
    added: str = ""
    size: int = 0
    dropped: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    problem: str = ""


def inventory(datasets_dir: Path) -> list[Listed]:
    """All data sets, Omniglot first, then by name; the damaged ones included. Raises DataError where the folder itself
    cannot be read."""
    found = [_own(datasets_dir, name) for name in library.installed_names(datasets_dir)]
    if _omniglot_is_there(datasets_dir):
        found.insert(0, _omniglot(datasets_dir))
    return found


def opened(datasets_dir: Path, name: str) -> tuple[Description, npt.NDArray[Any]]:
    """What a data set is, and its rows: of Omniglot uint8 [32460, 28, 28] in the usual split, upright.

    Raises DataError where there is no such set, or it is damaged.
    """
    if name == OMNIGLOT.name:
        _require_omniglot(datasets_dir)
        description = describe_omniglot(datasets_dir)
        folder = omniglot_folder(datasets_dir)
        arrays = [parts.read_images(folder, parts.read_description(folder, part)) for part in _parts(datasets_dir)]
        return description, np.concatenate([images.reshape(-1, SIDE, SIDE) for images in arrays])
    description = library.read_description(datasets_dir, name)
    return description, library.read_array(datasets_dir, description)


def check(datasets_dir: Path, name: str) -> str:
    """Read everything and compare it with its recorded hash; a sentence where all is well, DataError where not."""
    if name != OMNIGLOT.name:
        description = library.check(datasets_dir, name)
        return f"{name} is as it was added on {description.added} from {description.source}."
    _require_omniglot(datasets_dir)
    folder, said = omniglot_folder(datasets_dir), []
    for part in _parts(datasets_dir):
        kept = parts.read_description(folder, part)
        if parts.fingerprint(parts.read_images(folder, kept)) != kept.sha256:
            raise DataError(
                f"{folder / part}.npy is not what was added on {kept.added}: add the data set again with 'metagui data "
                "add omniglot'"
            )
        said.append(f"{part} part of {kept.added}")
    if _has_runs(datasets_dir):
        library.check(folder, _RUNS)
        said.append("one-shot runs")
    return f"omniglot is as it was added ({', '.join(said)})."


def remove(datasets_dir: Path, name: str) -> str:
    """Delete a data set, a damaged one too; answers with what it was made from, empty where that cannot be read.

    Raises DataError where there is none, StoreError where it cannot be deleted.
    """
    if name != OMNIGLOT.name:
        return library.remove(datasets_dir, name)
    _require_omniglot(datasets_dir)
    folder = omniglot_folder(datasets_dir)
    sources = _omniglot(datasets_dir).source
    try:
        for part in PARTS:  # the description first: half a part is none
            (folder / f"{part}.json").unlink(missing_ok=True)
            (folder / f"{part}.npy").unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be deleted: {error.strerror or error}") from error
    if _has_runs(datasets_dir):
        library.remove(folder, _RUNS)
    with contextlib.suppress(OSError):  # where a person keeps something of theirs there
        folder.rmdir()
    return sources


def describe_omniglot(datasets_dir: Path) -> Description:
    """Omniglot's installed characters in the split that most papers compare on, as a data set like any other.

    Raises DataError where a part is damaged.
    """
    folder = omniglot_folder(datasets_dir)
    of_split = {name: split for split in SPLITS for name in split_characters("vinyals", split)}
    kept = [parts.read_description(folder, part) for part in _parts(datasets_dir)]
    groups: list[Group] = []
    for part in kept:
        for name in part.class_names:
            first = groups[-1].first + groups[-1].count if groups else 0
            groups.append(Group(name, of_split[name], first, part.examples_per_class))
    assigned: dict[str, Split] = {group.name: group.split for group in groups}
    return Description(
        kind="images",
        name=OMNIGLOT.name,
        title=OMNIGLOT.title,
        source="; ".join(part.source for part in kept),
        licence=OMNIGLOT.licence,
        added=max((part.added for part in kept), default=""),
        groups=tuple(groups),
        split_source="of Vinyals et al. 2016",
        split_hash=split_hash(assigned),
        sha256=hashlib.sha256("".join(part.sha256 for part in kept).encode()).hexdigest(),
        side=SIDE,
        channels=1,
    )


def title_of(description: Description, group: Group) -> str:
    """What a person reads of a class or task."""
    return spoken(group.name) if description.name == OMNIGLOT.name else group.name


def form_of(description: Description) -> str:
    """``28 x 28 grey``, or of a table ``sales by day, price``."""
    if description.kind == "curves":
        return f"{description.columns[-1]} by {', '.join(description.columns[:-1])}"
    return f"{description.side} x {description.side} {'grey' if description.channels == 1 else 'colour'}"


def _own(datasets_dir: Path, name: str) -> Listed:
    folder = datasets_dir / name
    try:
        description = library.read_description(datasets_dir, name)
    except DataError as error:
        return Listed(name, name, folder, size=_size(folder), problem=str(error))
    try:
        library.read_array(datasets_dir, description)
        problem = ""
    except DataError as error:
        problem = str(error)
    return _listed(description, folder, problem)


def _omniglot(datasets_dir: Path) -> Listed:
    folder = omniglot_folder(datasets_dir)
    known = [one for one in parts.installed_datasets(datasets_dir) if one.name == OMNIGLOT.name]
    problems = [one.problem for one in known if one.problem]
    names = known[0].parts if known else ()
    if _has_runs(datasets_dir):
        names = (*names, "one-shot runs")
        try:
            read_runs(datasets_dir)
        except DataError as error:
            problems.append(str(error))
    try:
        listed = _listed(describe_omniglot(datasets_dir), folder, " ".join(problems), names)
    except MetaguiError as error:
        told = " ".join(problems) or str(error)
        return Listed(OMNIGLOT.name, OMNIGLOT.title, folder, size=_size(folder), parts=names, problem=told)
    return listed


def _listed(description: Description, folder: Path, problem: str, parts_there: tuple[str, ...] = ()) -> Listed:
    count = Counter(group.split for group in description.groups)
    return Listed(
        name=description.name,
        title=description.title,
        folder=folder,
        kind=description.kind,
        classes=len(description.groups),
        examples=description.examples,
        form=form_of(description),
        splits=(count["train"], count["validation"], count["test"]),
        split_source=description.split_source,
        split_hash=description.split_hash,
        sha256=description.sha256,
        licence=description.licence,
        source=description.source,
        added=description.added,
        size=_size(folder),
        dropped=description.dropped,
        parts=parts_there,
        problem=problem,
    )


def _omniglot_is_there(datasets_dir: Path) -> bool:
    return bool(_parts(datasets_dir)) or _has_runs(datasets_dir)


def _require_omniglot(datasets_dir: Path) -> None:
    if not _omniglot_is_there(datasets_dir):
        raise DataError("Omniglot is not installed: add it with 'metagui data add omniglot'")


def _parts(datasets_dir: Path) -> list[Part]:
    there = parts.part_names(omniglot_folder(datasets_dir))
    return [part for part in PARTS if part in there]


def _has_runs(datasets_dir: Path) -> bool:
    return _RUNS in library.installed_names(omniglot_folder(datasets_dir))


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
