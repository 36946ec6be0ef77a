"""What ``metagui doctor`` looks at. Each check answers with findings; none of them can take the doctor down."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from metagui.identity import APP_NAME, __version__
from metagui.screen import DEBIAN_PACKAGES, screen_problem

Level = Literal["ok", "warning", "error"]

PACKAGES = (
    "torch",
    "PySide6-Essentials",
    "shiboken6",
    "pyqtgraph",
    "numpy",
    "pydantic",
    "msgspec",
    "safetensors",
    "pillow",
    "pooch",
    "psutil",
    "pygments",
)
_PROBE_SECONDS = 60
_LOW_SPACE = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """``name`` says what was looked at, ``value`` what is there, ``advice`` what to do where it is not well."""

    group: str
    name: str
    value: str
    level: Level = "ok"
    advice: str = ""


def plug_ins() -> Iterator[Finding]:
    """What other packages bring, and why some of it cannot be used."""
    import metagui.config.experiment  # noqa: F401  (looks for them)
    from metagui.config import registry

    for plug_in in registry.plug_ins():
        kind = plug_in.group.removeprefix("metagui.").removesuffix("s")
        name = f"{plug_in.entry} ({kind})"
        if plug_in.problem:
            advice = f"mend or remove {plug_in.package}; everything else works without it"
            yield Finding("plug-ins", name, plug_in.problem, "warning", advice)
        else:
            yield Finding("plug-ins", name, f"from {plug_in.package}")


def versions() -> Iterator[Finding]:
    yield Finding("versions", APP_NAME, __version__)
    yield Finding("versions", "python", f"{platform.python_version()} ({platform.python_implementation()})")
    yield Finding("versions", "system", platform.platform())
    for package in PACKAGES:
        found = version_of(package)
        if found is None:
            yield Finding("versions", package, "missing", "error", "install metagui again: pip install .")
        else:
            yield Finding("versions", package, found)
    yield Finding("versions", "sqlite", sqlite3.sqlite_version)


def version_of(package: str) -> str | None:
    """Version of an installed distribution; a frozen bundle has them too. None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def known_bad(qt: str | None, pyqtgraph: str | None, python: tuple[int, int]) -> Iterator[Finding]:
    """Combinations of versions that are known not to work together."""
    qt_version = _numbers(qt)
    if qt_version[:2] == (6, 12) and python == (3, 11):
        yield _bad(
            f"PySide6 {qt} on Python 3.11",
            "it loses references to None and aborts the program within seconds of plotting",
        )
    if qt_version in ((6, 9, 1), (6, 9, 2)):
        yield _bad(f"PySide6 {qt}", "these two releases crash in ordinary use")
    if qt_version >= (6, 11) and _numbers(pyqtgraph)[:2] <= (0, 14):
        yield Finding(
            "combinations",
            f"pyqtgraph {pyqtgraph} with Qt {qt}",
            "exporting a plot as SVG fails",
            "warning",
            f'pip install "{QT_REQUIREMENT}"',
        )


QT_REQUIREMENT = "PySide6-Essentials>=6.8.3,<6.11,!=6.9.1,!=6.9.2"


def _bad(name: str, value: str) -> Finding:
    return Finding("combinations", name, value, "error", f'pip install "{QT_REQUIREMENT}"')


def _numbers(version: str | None) -> tuple[int, ...]:
    parts = (version or "").split(".")
    return tuple(int(part) for part in parts[:3] if part.isdigit())


def combinations() -> Iterator[Finding]:
    found = list(known_bad(version_of("PySide6-Essentials"), version_of("pyqtgraph"), sys.version_info[:2]))
    yield from found or [Finding("combinations", "known-bad combinations", "none")]


def devices() -> Iterator[Finding]:
    try:
        from metagui.config.device_rules import limits_of
        from metagui.engine.device import list_devices, resolve_device
        from metagui.engine.machine_memory import room_on

        for device in list_devices():
            limits = limits_of(device.name.partition(":")[0])
            room = room_on(resolve_device(device.name))
            memory = f"{gibibytes(room.available)} of {gibibytes(room.total)} free"
            yield Finding("devices", device.name, ", ".join(filter(None, [device.title, memory, limits])))
    except Exception as error:  # whatever a broken torch or driver raises is what the doctor is to tell
        yield Finding(
            "devices", "torch", f"{type(error).__name__}: {error}", "error", "install PyTorch again: see README.md"
        )


def window() -> Iterator[Finding]:
    """Opens a window in a process of its own: where Qt cannot, it aborts the process that asked."""
    problem = screen_problem()
    if problem:
        # No fault: training needs no screen.
        yield Finding("window", "screen", problem, "warning")
    environment = dict(os.environ) if not problem else {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    try:
        probe = subprocess.run(
            probe_command(),
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Finding("window", "Qt", f"a window could not be tried: {error}", "error")
        return
    if probe.returncode == 0:
        yield Finding("window", "Qt platform", f"{probe.stdout.strip()}: a window opens")
        return
    last_words = (probe.stderr.strip() or f"exit code {probe.returncode}").splitlines()[-1]
    yield Finding(
        "window", "Qt", f"no window opens: {last_words}", "error", f"Debian, Ubuntu: apt-get install {DEBIAN_PACKAGES}"
    )


def probe_command() -> list[str]:
    """This program with its hidden option that opens a window for a moment."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--probe-window"]
    return [sys.executable, "-m", "metagui", "--probe-window"]


def data_folder(folder: Path) -> Iterator[Finding]:
    # It is made when it is first needed; until then its place has to be writable.
    place = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".doctor-"):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        yield Finding("data", str(folder), f"cannot be written: {reason}", "error", "choose another with --data-dir")
        return
    free = shutil.disk_usage(place).free
    low = free < _LOW_SPACE
    yield Finding(
        "data",
        str(folder),
        f"writable, {gibibytes(free)} free",
        "warning" if low else "ok",
        "checkpoints need space: free some, or choose another folder with --data-dir" if low else "",
    )


def gibibytes(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB"
