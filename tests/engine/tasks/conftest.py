"""Omniglot in miniature bytes: full in number, cheap in content, through real zip files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from metagui.engine.tasks.datasets import PartDescription, fingerprint, write_part
from metagui.engine.tasks.omniglot_names import DRAWINGS, PARTS, Part, characters_of

MakeZip = Callable[..., Path]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Small tensors on all cores of a busy machine take many times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _place(row: int, name: str, drawer: int) -> str:
    """Where the official archive keeps a drawing."""
    return f"images_{name}/{row + 1:04d}_{drawer:02d}.png"


def _png(ink: int, side: int = 105) -> bytes:
    """Black on white, one bit a pixel: a block whose place and size tell ``ink`` apart."""
    pixels = np.full((side, side), True)
    pixels[10 + ink : 40 + ink, 20 : 30 + 2 * ink] = False
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


_PICTURES = [_png(ink) for ink in range(25)]


def _picture_of(row: int, drawer: int) -> bytes:
    return _PICTURES[(row + drawer) % len(_PICTURES)]


@pytest.fixture(scope="session")
def make_zip() -> MakeZip:
    """``make_zip(path, part, changes)``: a whole part, but ``changes`` names members to replace (None: leave out)."""

    def make(path: Path, part: Part = "evaluation", changes: Mapping[str, bytes | None] | None = None) -> Path:
        changes = dict(changes or {})
        with zipfile.ZipFile(path, "w") as archive:
            for row, name in enumerate(characters_of(part)):
                for drawer in range(1, DRAWINGS + 1):
                    member = _place(row, name, drawer)
                    content = changes.pop(member, _picture_of(row, drawer))
                    if content is not None:
                        archive.writestr(member, content)
            for member, content in changes.items():
                archive.writestr(member, content or b"")
        return path

    return make


@pytest.fixture(scope="session")
def evaluation_zip(make_zip: MakeZip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of the evaluation part."""
    return make_zip(tmp_path_factory.mktemp("omniglot") / "images_evaluation.zip")


def _stamped(part: Part) -> np.ndarray:
    """Pictures that say which they are: row, row // 256 and drawing in the first three pixels."""
    names = characters_of(part)
    images = np.zeros((len(names), DRAWINGS, 28, 28), np.uint8)
    rows = np.arange(len(names)) + (0 if part == "background" else len(characters_of("background")))
    images[:, :, 0, 0] = (rows % 256)[:, None]
    images[:, :, 0, 1] = (rows // 256)[:, None]
    images[:, :, 0, 2] = np.arange(DRAWINGS)
    return images


def _install_stamped(datasets_dir: Path, part: Part) -> None:
    images = _stamped(part)
    description = PartDescription(
        "omniglot", "Omniglot", part, characters_of(part), DRAWINGS, "a test", fingerprint(images), "2026-01-01"
    )
    write_part(datasets_dir / "omniglot", description, images)


@pytest.fixture(scope="session")
def install_stamped() -> Callable[[Path, Part], None]:
    """``install_stamped(datasets_dir, part)``: a part whose pictures say which they are."""
    return _install_stamped


@pytest.fixture(scope="session")
def stamped_omniglot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A datasets folder with both parts of a stamped Omniglot."""
    folder = tmp_path_factory.mktemp("datasets")
    for part in PARTS:
        _install_stamped(folder, part)
    return folder
