"""Installs Omniglot below the data folder from a person's files. No torch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from metagui.datasets.content import Progress
from metagui.datasets.disk import disk_trouble
from metagui.datasets.omniglot_archive import find_parts
from metagui.datasets.omniglot_names import DRAWINGS, PARTS, Part, characters_of
from metagui.datasets.parts import PartDescription, fingerprint, part_names, write_part


@dataclass(frozen=True, slots=True)
class Installed:
    """What is installed now; ``parts`` includes those that were there before."""

    folder: Path
    parts: tuple[Part, ...]
    classes: int
    examples: int

    @property
    def summary(self) -> str:
        """One or two sentences for a person."""
        text = f"Omniglot: {self.classes:,} characters x {DRAWINGS} drawings in {self.folder}."
        lacking = [f"images_{part}.zip" for part in PARTS if part not in self.parts]
        if lacking:
            text += f" This is the {self.parts[0]} part alone: add {lacking[0]} as well for the usual splits."
        return text


def omniglot_folder(datasets_dir: Path) -> Path:
    """Where the installed data set lies."""
    return datasets_dir / "omniglot"


def _absolute(path: Path) -> str:
    return str(path.absolute())


def install_omniglot(
    source: Path, datasets_dir: Path, progress: Progress, origin: Callable[[Path], str] = _absolute
) -> Installed:
    """Check, shrink to 28 x 28 and install what ``source`` holds (see ``find_parts``), beside parts already there.

    ``progress(done, total)`` counts drawings; ``origin`` says where an archive or folder came from, for the record.
    Raises DataError that names the file and the remedy; then nothing that was installed has changed.
    """
    folder = omniglot_folder(datasets_dir)
    with ExitStack() as stack:
        found = find_parts(source, stack)
        total = DRAWINGS * sum(len(characters_of(part.part)) for part in found)
        done = 0

        def advance() -> None:
            nonlocal done
            done += DRAWINGS
            progress(done, total)

        # Everything is read and checked before anything is written.
        pictures = [(part, part.images(advance)) for part in found]
    with disk_trouble(folder):
        for part, images in pictures:
            write_part(
                folder,
                PartDescription(
                    dataset="omniglot",
                    title="Omniglot",
                    part=part.part,
                    class_names=characters_of(part.part),
                    examples_per_class=DRAWINGS,
                    source=origin(part.source),
                    sha256=fingerprint(images),
                    added=datetime.now(UTC).isoformat(timespec="seconds"),
                ),
                images,
            )
    there = part_names(folder)
    parts = tuple(part for part in PARTS if part in there)
    classes = sum(len(characters_of(part)) for part in parts)
    return Installed(folder, parts, classes, classes * DRAWINGS)
