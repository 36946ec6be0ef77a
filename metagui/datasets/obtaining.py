"""From the network, or from files a person has, to an installed data set: every way in, by its name."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from metagui.datasets.adding import About, add_dataset
from metagui.datasets.catalogue import OFFERS, OMNIGLOT, Offer
from metagui.datasets.content import Options
from metagui.datasets.disk import disk_trouble
from metagui.datasets.downloading import fetch
from metagui.datasets.lake_runs import ARCHIVE, find_runs, install_runs
from metagui.datasets.library import Description
from metagui.datasets.omniglot_install import install_omniglot
from metagui.datasets.reporting import Report, byte_count, items
from metagui.datasets.waiting import downloads_dir, part_of
from metagui.errors import InvalidValueError

_DRAWINGS = Options(side=28, colour="grey", invert=True)
"""How Omniglot's small sets are read: as the large one is."""

RUNS_TOLD = "Lake's twenty one-shot runs: metagui lake RUN puts a network to them."


def download(offer: Offer, datasets_dir: Path, report: Report) -> str:
    """Download, check and install; answers with a sentence or two on what is there now.

    Files that are complete are kept until all are installed, so that a second attempt goes on where the first broke
    off. Raises DataError or StoreError, and what ``report`` raises; then nothing that was installed has changed.
    """
    folder = downloads_dir(datasets_dir)
    remedy = f"check the connection and try again, or fetch the file by other means and add it ({_by_hand(offer)})"
    try:
        for file in offer.files:
            fetch(file, folder, byte_count(report, f"Downloading {file.name}"), remedy)
        told = _install(offer, folder, datasets_dir, report)
        discard(offer, datasets_dir)
        return told
    finally:
        with suppress(OSError):  # kept while something in it may be of use
            folder.rmdir()


def discard(offer: Offer, datasets_dir: Path) -> None:
    """Delete what was downloaded of it, whole files and parts."""
    folder = downloads_dir(datasets_dir)
    with disk_trouble(folder):
        for file in offer.files:
            (folder / file.name).unlink(missing_ok=True)
            part_of(file, folder).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def add_from(name: str, source: Path, datasets_dir: Path, options: Options, licence: str, report: Report) -> str:
    """Install a person's files under ``name``; Omniglot's own where that is the name. Answers with what is there now.

    Raises DataError, InvalidValueError or StoreError that names the file and what would be right.
    """
    if name == OMNIGLOT.name:
        return _omniglot_from(source, datasets_dir, report)
    offer = OFFERS.get(name)
    about = About(licence=licence) if offer is None else About(offer.title, offer.licence)
    options = options if offer is None else _DRAWINGS
    return told(add_dataset(name, source, datasets_dir, options, items(report, f"Reading {source.name}"), about))


def told(added: Description) -> str:
    """What was added, and what was left out."""
    what = "classes" if added.kind == "images" else "tasks"
    text = f"{added.title}: {len(added.groups):,} {what}, {added.examples:,} examples."
    if added.dropped:
        text += f" {len(added.dropped):,} left out, for example {added.dropped[0]}."
    return text


def offer_named(name: str) -> Offer:
    """Raises InvalidValueError where there is nothing to download under this name."""
    if name not in OFFERS:
        raise InvalidValueError(
            "--from", f"only {', '.join(OFFERS)} can be downloaded: name the folder or file that holds {name}"
        )
    return OFFERS[name]


def _omniglot_from(source: Path, datasets_dir: Path, report: Report) -> str:
    said = []
    runs = find_runs(source)
    if runs is not None:
        install_runs(runs, datasets_dir)
        said.append(RUNS_TOLD)
    if runs is None or runs != source:
        said.insert(0, install_omniglot(source, datasets_dir, items(report, "Reading drawings")).summary)
    return " ".join(said)


def _install(offer: Offer, folder: Path, datasets_dir: Path, report: Report) -> str:
    addresses = {file.name: file.address for file in offer.files}
    if offer.name != OMNIGLOT.name:
        (file,) = offer.files
        about = About(offer.title, offer.licence, file.address)
        progress = items(report, f"Reading {file.name}")
        return told(add_dataset(offer.name, folder / file.name, datasets_dir, _DRAWINGS, progress, about))
    installed = install_omniglot(
        folder, datasets_dir, items(report, "Reading drawings"), lambda path: addresses[path.name]
    )
    if ARCHIVE not in addresses:
        return installed.summary
    install_runs(folder / ARCHIVE, datasets_dir, addresses[ARCHIVE])
    return f"{installed.summary} {RUNS_TOLD}"


def _by_hand(offer: Offer) -> str:
    return f"metagui data add {offer.name} --from PATH"
