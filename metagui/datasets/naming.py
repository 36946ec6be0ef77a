"""What a data set that a person points at might be called, from the name of its file or folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from pathlib import Path

from metagui.config import choices
from metagui.datasets.catalogue import OFFERS, OMNIGLOT
from metagui.datasets.library import is_name

ENDINGS = (".zip", ".npz", ".csv", ".tsv")
_OMNIGLOT_FOLDERS = ("images_background", "images_evaluation", "all_runs")


def can_be_added(path: Path) -> bool:
    """Whether this may be a data set: a folder, or a file of an ending that is read."""
    return path.is_dir() or path.suffix.lower() in ENDINGS


def suggested_name(source: Path, taken: Collection[str] = ()) -> str:
    """A name that no other data set here has; Omniglot's own where these are its files. Empty where nothing of the
    file's name can be used."""
    for offer in OFFERS.values():
        if source.name in {file.name for file in offer.files}:
            return offer.name
    if source.name in _OMNIGLOT_FOLDERS or _holds_omniglot(source):
        return OMNIGLOT.name
    plain = unicodedata.normalize("NFKD", source.stem if source.is_file() else source.name)
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", plain.encode("ascii", "ignore").decode()).strip("-_")[:60].lower()
    if not stem:
        return ""
    refused = {name.lower() for name in (*taken, *choices("task"), *OFFERS)}
    names = (stem, *(f"{stem}-{number}" for number in range(2, 100)))
    return next((name for name in names if name not in refused and is_name(name)), "")


def _holds_omniglot(source: Path) -> bool:
    beside = [name for folder in _OMNIGLOT_FOLDERS for name in (folder, f"{folder}.zip")]
    return source.is_dir() and any((source / name).exists() for name in beside)
