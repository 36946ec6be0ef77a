"""Lake's twenty one-shot runs, the test that people took: read from ``all_runs.zip``, checked and installed. No torch.

A run has twenty characters of one alphabet. ``training/classNN.png`` shows each once, by one drawer, and
``test/itemNN.png`` each once more, by another; ``class_labels.txt`` says which test picture shows which class (Lake,
Salakhutdinov, Tenenbaum, *Human-level concept learning through probabilistic program induction*, Science 2015).
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from metagui.datasets.files import File, files_of
from metagui.datasets.library import Description, Group, fingerprint, now, read_array, read_description, write
from metagui.datasets.pictures import decoded, look_at
from metagui.datasets.splits import split_hash
from metagui.errors import DataError

RUNS = 20
WAYS = 20
SIDE = 28
ARCHIVE = "all_runs.zip"
_ORIGINAL = (105, 105)
_NAME = "lake_runs"
_LABELS = "class_labels.txt"
_PLACES = (ARCHIVE, "all_runs", f"one-shot-classification/{ARCHIVE}", f"python/one-shot-classification/{ARCHIVE}")

Pictures = npt.NDArray[np.uint8]


def find_runs(source: Path) -> Path | None:
    """The archive or folder of the runs: ``source`` itself, or where a person or the official repository keeps it in
    there; None where there is none."""
    if source.name in (ARCHIVE, "all_runs"):
        return source if source.exists() else None
    if source.is_dir() and (source / "run01" / _LABELS).is_file():
        return source
    return next((source / place for place in _PLACES if (source / place).exists()), None)


def install_runs(source: Path, datasets_dir: Path, origin: str = "") -> None:
    """Read ``all_runs.zip``, or a folder unpacked from it, check it whole and put it beside Omniglot.

    ``origin`` says where it came from, for the record; empty means ``source``.
    Raises DataError that names what is wrong, StoreError where it cannot be written; then nothing has changed.
    """
    with files_of(source) as files:
        pictures = _read(source, {str(file.path): file for file in files})
    stored = pictures.reshape(RUNS * WAYS * 2, SIDE, SIDE)
    names = [f"run {run + 1}, class {way + 1}" for run in range(RUNS) for way in range(WAYS)]
    description = Description(
        kind="images",
        name=_NAME,
        title="Lake's one-shot runs",
        source=origin or str(source.absolute()),
        licence="MIT, (c) 2015 Brenden Lake",
        added=now(),
        groups=tuple(Group(name=name, split="test", first=2 * at, count=2) for at, name in enumerate(names)),
        split_source="Lake et al. 2015",
        split_hash=split_hash(dict.fromkeys(names, "test")),
        sha256=fingerprint(stored),
        side=SIDE,
        channels=1,
    )
    write(_folder(datasets_dir), description, stored)


def read_runs(datasets_dir: Path) -> Pictures:
    """uint8 [run, class, 2, 28, 28], ink 255 on 0: of each class the drawing that is shown, then the one to be told.

    Raises DataError where the runs are not installed, or damaged.
    """
    folder = _folder(datasets_dir)
    try:
        array = read_array(folder, read_description(folder, _NAME))
        if array.shape != (RUNS * WAYS * 2, SIDE, SIDE):
            raise DataError(f"it holds pictures {array.shape}")
    except DataError as error:
        raise DataError(
            f"Lake's one-shot runs are not installed, or damaged ({error}): 'metagui data add omniglot --from PATH' "
            f"takes {ARCHIVE} of the official repository (python/one-shot-classification), or a folder that holds it"
        ) from error
    return np.array(array).reshape(RUNS, WAYS, 2, SIDE, SIDE)  # 0.6 MB, no longer mapped from disk


def _folder(datasets_dir: Path) -> Path:
    return datasets_dir / "omniglot"


def _read(source: Path, files: dict[str, File]) -> Pictures:
    """[run, class, 2, 28, 28], what :func:`read_runs` answers with."""
    top = _top(source, files)
    pictures = np.empty((RUNS, WAYS, 2, SIDE, SIDE), np.uint8)
    for run in range(RUNS):
        for shown, tested in _pairs(source, files, top, f"run{run + 1:02d}"):
            way = int(shown.removesuffix(".png")[-2:]) - 1
            for which, name in enumerate((shown, tested)):
                pictures[run, way, which] = _picture(source, files, top + name)
    return pictures


def _top(source: Path, files: dict[str, File]) -> str:
    """What comes before ``run01`` in the paths: nothing, or a folder that was packed as a whole."""
    for name in files:
        path = PurePosixPath(name)
        if path.name == _LABELS and path.parent.name == "run01":
            return "".join(f"{part}/" for part in path.parts[:-2])
    raise DataError(f"{source} holds no run01/{_LABELS}: it is not Omniglot's {ARCHIVE}")


def _pairs(source: Path, files: dict[str, File], top: str, run: str) -> list[tuple[str, str]]:
    """Of each class the picture that is shown and the one to be told, as ``class_labels.txt`` has it."""
    labels = f"{run}/{_LABELS}"
    if top + labels not in files:
        raise DataError(f"{source} lacks {labels}: get {ARCHIVE} again")
    lines = [
        line.split() for line in files[top + labels].read().decode("utf-8", "replace").splitlines() if line.strip()
    ]
    expected = (
        {f"{run}/training/class{way:02d}.png" for way in range(1, WAYS + 1)},
        {f"{run}/test/item{way:02d}.png" for way in range(1, WAYS + 1)},
    )
    if (
        len(lines) != WAYS
        or any(len(line) != 2 for line in lines)
        or ({shown for _, shown in lines}, {tested for tested, _ in lines}) != expected
    ):
        raise DataError(
            f"{source}: {labels} does not pair {WAYS} test pictures with {WAYS} classes, one each: get {ARCHIVE} again"
        )
    return [(shown, tested) for tested, shown in lines]


def _picture(source: Path, files: dict[str, File], name: str) -> Pictures:
    if name not in files:
        raise DataError(f"{source} lacks {name}: get {ARCHIVE} again")
    data, where = files[name].read(), f"{source}: {name}"
    width, height, _ = look_at(data, where)
    if (width, height) != _ORIGINAL:
        raise DataError(f"{where} has {width} x {height} pixels; a drawing of Omniglot has 105 x 105")
    return decoded(data, where, SIDE, "grey", invert=True)
