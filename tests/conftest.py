"""Fixtures for every test: own data folder, the real data where it lies, and nothing left running behind a test.

Also Omniglot in miniature bytes: full in number, cheap in content, through real zip files.
"""

from __future__ import annotations

import io
import os
import threading
import time
import weakref
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from metagui.datasets.omniglot_names import DRAWINGS, PARTS, Part, characters_of
from metagui.datasets.parts import PartDescription, fingerprint, write_part

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_GRACE_SECONDS = 2.0

MakeZip = Callable[..., Path]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data folder of this test's own."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets (``omniglot/`` and so on); skips where this machine has none."""
    given = os.environ.get("METAGUI_TEST_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the real data sets: set METAGUI_TEST_DATA to their folder")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skip has to say what it needs (``needs a CUDA device``); any other is unexpected and fails."""
    report = yield
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if report.skipped and not hasattr(report, "wasxfail") and not reason.startswith("Skipped: needs "):
        report.outcome = "failed"
        report.longrepr = f"unexpected skip of {item.nodeid}: {reason}"
    return report


@pytest.fixture(autouse=True)
def _nothing_is_left_running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that leaves a thread, a QThread or a child process behind.

    Daemon threads are let pass: libraries own some. What a wider fixture started before the test is let pass too.
    """
    threads_before = set(threading.enumerate())
    children_before = set(psutil.Process().children(recursive=True))
    started_qthreads = _watch_qthreads(monkeypatch)
    yield
    deadline = time.monotonic() + _GRACE_SECONDS
    while left := _left_behind(threads_before, children_before, started_qthreads):
        if time.monotonic() > deadline:
            pytest.fail("left running: " + "; ".join(left))
        time.sleep(0.02)


def _watch_qthreads(monkeypatch: pytest.MonkeyPatch) -> weakref.WeakSet[Any]:
    started: weakref.WeakSet[Any] = weakref.WeakSet()
    try:
        from PySide6.QtCore import QThread
    except ImportError:
        return started
    start = QThread.start

    def remember_and_start(thread: QThread, *args: Any) -> None:
        started.add(thread)
        start(thread, *args)

    monkeypatch.setattr(QThread, "start", remember_and_start)
    return started


def _left_behind(
    threads_before: set[threading.Thread],
    children_before: set[psutil.Process],
    started_qthreads: weakref.WeakSet[Any],
) -> list[str]:
    left = [f"thread {t.name}" for t in threading.enumerate() if not t.daemon and t not in threads_before]
    left += [f"QThread {type(t).__name__}" for t in list(started_qthreads) if _is_running(t)]
    for child in set(psutil.Process().children(recursive=True)) - children_before:
        try:
            command = " ".join(child.cmdline())
            # The standard library's own helper lives until the interpreter ends.
            if "multiprocessing.resource_tracker" not in command:
                left.append(f"process {child.pid} ({child.status()}): {command or child.name()}")
        except psutil.NoSuchProcess:
            continue
    return left


def _is_running(thread: Any) -> bool:
    try:
        return bool(thread.isRunning())
    except RuntimeError:  # its C++ half is gone, so it ended
        return False


# --- Omniglot ---------------------------------------------------------------------------------------------------


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
