"""Lake's twenty runs: the real ones where they lie, and a stand-in in a real zip with all that can be wrong."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from metagui.datasets.lake_runs import RUNS, WAYS, find_runs, install_runs, read_runs
from metagui.errors import DataError

DATA = Path(os.environ.get("METAGUI_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
MakeRuns = Callable[..., Path]


def png(run: int, way: int, side: int = 105) -> bytes:
    """Black on white: a bar whose place tells run and class; shown and tested drawings differ by nothing else."""
    page = np.full((side, side), 255, np.uint8)
    page[4 + 5 * (run - 1) : 8 + 5 * (run - 1), 4 + 4 * way :] = 0
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    return buffer.getvalue()


def labels(run: int, shift: int = 3) -> bytes:
    """Item i shows class i + shift, round and round."""
    lines = [
        f"run{run:02d}/test/item{item:02d}.png run{run:02d}/training/class{(item - 1 + shift) % WAYS + 1:02d}.png"
        for item in range(1, WAYS + 1)
    ]
    return "\r\n".join(lines).encode()


@pytest.fixture
def make_runs(tmp_path: Path) -> MakeRuns:
    """``make_runs(changes, top="")``: an archive in which item i shows class i + 3; a change of None leaves out."""

    def make(changes: Mapping[str, bytes | None] | None = None, top: str = "", name: str = "all_runs.zip") -> Path:
        members: dict[str, bytes | None] = {}
        for run in range(1, RUNS + 1):
            members[f"run{run:02d}/class_labels.txt"] = labels(run)
            for way in range(1, WAYS + 1):
                members[f"run{run:02d}/training/class{way:02d}.png"] = png(run, way)
                members[f"run{run:02d}/test/item{way:02d}.png"] = png(run, (way - 1 + 3) % WAYS + 1)
        members |= changes or {}
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in members.items():
                if content is not None:
                    archive.writestr(top + member, content)
        return path

    return make


@pytest.mark.parametrize("top", ["", "all_runs/"])
def test_that_every_test_drawing_lies_beside_the_class_it_shows(make_runs: MakeRuns, tmp_path: Path, top: str) -> None:
    install_runs(make_runs(top=top), tmp_path / "data")
    runs = read_runs(tmp_path / "data")
    assert runs.shape == (RUNS, WAYS, 2, 28, 28)
    assert runs.dtype == np.uint8
    assert np.array_equal(runs[:, :, 0], runs[:, :, 1])
    assert len({picture.tobytes() for picture in runs[:, :, 0].reshape(-1, 28 * 28)}) == RUNS * WAYS
    assert runs[0, 0, 0].max() > 200, "ink is bright"


def test_that_an_unpacked_folder_and_the_official_repository_are_found(make_runs: MakeRuns, tmp_path: Path) -> None:
    archive = make_runs()
    clone = tmp_path / "omniglot" / "python" / "one-shot-classification"
    clone.mkdir(parents=True)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(clone / "all_runs")
    assert find_runs(archive) == archive
    assert find_runs(clone) == clone / "all_runs"
    assert find_runs(clone / "all_runs") == clone / "all_runs"
    (clone / "all_runs.zip").write_bytes(archive.read_bytes())
    assert find_runs(tmp_path / "omniglot") == clone / "all_runs.zip"
    assert find_runs(tmp_path / "nowhere") is None
    install_runs(clone / "all_runs", tmp_path / "a")
    install_runs(archive, tmp_path / "b")
    assert np.array_equal(read_runs(tmp_path / "a"), read_runs(tmp_path / "b"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"run07/class_labels.txt": None}, r"lacks run07/class_labels\.txt"),
        ({"run07/class_labels.txt": b"run07/test/item01.png\n"}, r"run07/class_labels\.txt does not pair 20"),
        ({"run07/class_labels.txt": labels(8)}, r"run07/class_labels\.txt does not pair"),
        ({"run07/class_labels.txt": labels(7).replace(b"class04", b"class05")}, r"does not pair"),
        ({"run20/test/item20.png": None}, r"lacks run20/test/item20\.png"),
        ({"run20/test/item20.png": b""}, r"run20/test/item20\.png is empty"),
        ({"run20/test/item20.png": b"GIF?"}, r"run20/test/item20\.png is no picture"),
        ({"run20/test/item20.png": png(1, 1, side=100)}, r"100 x 100 pixels"),
        ({"../run01/x.png": b"x"}, r"leads out of the archive"),
    ],
)
def test_that_what_is_wrong_is_named_and_nothing_is_installed(
    make_runs: MakeRuns, tmp_path: Path, changes: dict[str, bytes | None], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        install_runs(make_runs(changes), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_that_another_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all_runs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cats/tom.txt", "meow")
    with pytest.raises(DataError, match=r"holds no run01/class_labels\.txt"):
        install_runs(path, tmp_path / "data")
    path.write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="not a readable zip"):
        install_runs(path, tmp_path / "data")


def test_that_missing_and_damaged_runs_are_answered_with_the_command(make_runs: MakeRuns, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not installed.*metagui data add omniglot --from.*all_runs\.zip"):
        read_runs(tmp_path / "data")
    install_runs(make_runs(), tmp_path / "data")
    (array,) = (tmp_path / "data" / "omniglot" / "lake_runs").glob("*.npy")
    array.write_bytes(array.read_bytes()[:1000])
    with pytest.raises(DataError, match=r"damaged.*metagui data add omniglot"):
        read_runs(tmp_path / "data")


@pytest.mark.slow
def test_that_the_real_runs_show_evaluation_characters_as_stored_drawings(tmp_path: Path) -> None:
    source = DATA / "omniglot" / "all_runs.zip"
    if not source.is_file():
        pytest.skip("needs the real all_runs.zip")
    install_runs(source, tmp_path)
    runs = read_runs(tmp_path)
    with np.load(DATA / "omniglot" / "omniglot_28.npz") as archive:
        stored = {name: archive[name] for name in ("images", "label", "lake_split", "class_name")}
    ours = np.flatnonzero(stored["lake_split"][stored["label"]] == "evaluation")
    known = {stored["images"][row].tobytes(): int(stored["label"][row]) for row in ours}
    found = np.array([known[picture.tobytes()] for picture in runs.reshape(-1, 28, 28)]).reshape(RUNS, WAYS, 2)
    assert np.array_equal(found[..., 0], found[..., 1]), "the drawing to be told shows the class it is paired with"
    assert all(len(set(run)) == WAYS for run in found[..., 0].tolist())
    alphabets = [{stored["class_name"][label].rpartition("/")[0] for label in run} for run in found[..., 0].tolist()]
    assert all(len(one) == 1 for one in alphabets)
    assert len(set.union(*alphabets)) == 10
