"""Installs Omniglot below the data folder: from a person's files, or downloaded from its official address. No torch."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pooch

from metagui.datasets.omniglot_archive import find_parts
from metagui.datasets.omniglot_names import DRAWINGS, PARTS, Part, characters_of
from metagui.datasets.parts import PartDescription, fingerprint, part_names, write_part
from metagui.errors import DataError

Progress = Callable[[int, int], None]

OFFICIAL_ADDRESS = "https://github.com/brendenlake/omniglot/raw/master/python/"
OFFICIAL_MD5 = {
    "images_background.zip": "68d2efa1b9178cc56df9314c21c6e718",
    "images_evaluation.zip": "6b91aef0f799c5bb55b94e3f2daec811",
}
_LOCAL_REMEDY = (
    "check the connection, or fetch images_background.zip and images_evaluation.zip by other means and name their "
    "folder: metagui data add omniglot --from FOLDER"
)


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


def install_omniglot(source: Path, datasets_dir: Path, progress: Progress) -> Installed:
    """Check, shrink to 28 x 28 and install what ``source`` holds (see ``find_parts``), beside parts already there.

    ``progress(done, total)`` counts drawings. Raises DataError that names the file and the remedy; then nothing
    that was installed has changed.
    """
    return _install(source, datasets_dir, progress, lambda path: str(path.absolute()))


def _install(source: Path, datasets_dir: Path, progress: Progress, origin: Callable[[Path], str]) -> Installed:
    """``origin`` says where an archive or folder came from, for the record."""
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
    with _disk_trouble(folder):
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


def download_omniglot(
    datasets_dir: Path,
    progress: Progress,
    *,
    base_url: str = OFFICIAL_ADDRESS,
    checksums: Mapping[str, str] = OFFICIAL_MD5,
    progressbar: bool = True,
) -> Installed:
    """Download the official zips (with a progress bar on stderr each), check their md5 and install them.

    A zip that is complete is kept until all are installed, so that a second attempt goes on where the first broke
    off. Raises DataError for a network failure, and for a file of a wrong checksum, which is set aside as
    ``<name>.rejected``.
    """
    downloads = omniglot_folder(datasets_dir) / "downloads"
    with _disk_trouble(downloads):
        downloads.mkdir(parents=True, exist_ok=True)
    try:
        for name, checksum in checksums.items():
            _fetch(base_url + name, downloads / name, checksum, progressbar)
        installed = _install(downloads, datasets_dir, progress, lambda path: base_url + path.name)
        with _disk_trouble(downloads):
            for name in checksums:
                (downloads / name).unlink()
        return installed
    finally:
        with suppress(OSError):  # kept while something in it may be of use
            downloads.rmdir()


def _fetch(url: str, target: Path, checksum: str, progressbar: bool) -> None:
    with _disk_trouble(target):
        if target.is_file() and pooch.file_hash(str(target), alg="md5") == checksum:
            return
    unfinished = target.with_name(target.name + ".part")
    try:
        pooch.HTTPDownloader(progressbar=progressbar)(url, str(unfinished), None)
        actual = pooch.file_hash(str(unfinished), alg="md5")
        if actual != checksum:
            rejected = target.with_name(target.name + ".rejected")
            os.replace(unfinished, rejected)
            raise DataError(
                f"{url} sent something else than Omniglot: its md5 is {actual} instead of {checksum}; what came is "
                f"set aside as {rejected}: {_LOCAL_REMEDY}"
            )
        os.replace(unfinished, target)
    except OSError as error:
        if error.errno is None:  # requests' errors are OSErrors without a number
            raise DataError(f"{url} could not be downloaded ({_innermost(error)}): {_LOCAL_REMEDY}") from error
        with _disk_trouble(target):
            raise
    finally:
        unfinished.unlink(missing_ok=True)


def _innermost(error: BaseException) -> str:
    """What really happened, without the chain of wrappers around it."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error) or type(error).__name__


@contextmanager
def _disk_trouble(path: Path) -> Iterator[None]:
    """Turns an error of the disk into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            remedy = "free about 30 MB there, or choose another folder with --data-dir"
        else:
            remedy = "choose a folder that can be written with --data-dir"
        raise DataError(f"{path} cannot be written ({error.strerror or error}): {remedy}") from error
