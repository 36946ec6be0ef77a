"""Pictures and tables as people have them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

MakePicture = Callable[..., bytes]


@pytest.fixture
def picture() -> MakePicture:
    """``picture(shade, size=(10, 10), mode="RGB", form="PNG")``: one colour, encoded."""

    def make(shade: int = 0, size: tuple[int, int] = (10, 10), mode: str = "RGB", form: str = "PNG") -> bytes:
        buffer = io.BytesIO()
        Image.new("L", size, shade).convert(mode).save(buffer, form)
        return buffer.getvalue()

    return make


@pytest.fixture
def folder(tmp_path: Path, picture: MakePicture) -> Callable[..., Path]:
    """``folder({"dog/1.png": bytes, ...})``, or with class names: three pictures of each."""

    def make(content: dict[str, bytes] | list[str], name: str = "pictures") -> Path:
        if isinstance(content, list):
            content = {f"{one}/{k}.png": picture(20 * k) for one in content for k in range(3)}
        for path, data in content.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return tmp_path / name

    return make


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    """``archive(images=..., label=...)``: a numpy archive."""

    def make(**arrays: np.ndarray) -> Path:
        path = tmp_path / "arrays.npz"
        np.savez(path, **arrays)
        return path

    return make
