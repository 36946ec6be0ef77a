"""What lies half downloaded in the data folder, until all of a set is there and installed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from metagui.datasets.catalogue import Offer, RemoteFile


def downloads_dir(datasets_dir: Path) -> Path:
    """Where files lie while they are downloaded, and until all of a set are installed."""
    return datasets_dir / ".downloads"


def part_of(file: RemoteFile, folder: Path) -> Path:
    """Where what came so far of a file is kept."""
    return folder / f"{file.name}.part"


def bytes_waiting(offer: Offer, datasets_dir: Path) -> int:
    """What an interrupted download left here; the next one goes on from there."""
    folder = downloads_dir(datasets_dir)
    return sum(_bytes_here(file, folder) for file in offer.files)


def _bytes_here(file: RemoteFile, folder: Path) -> int:
    for path in (folder / file.name, part_of(file, folder)):
        with suppress(OSError):
            return path.stat().st_size
    return 0
