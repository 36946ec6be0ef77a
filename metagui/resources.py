"""Finds ``resources/``: in a source tree, an installed wheel, or a frozen bundle. Only this module knows where."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_root() -> Path:
    """Folder that holds icons, presets and scripts.

    A frozen bundle and a wheel carry ``_resources`` inside the package; a source tree has ``resources`` beside it.
    """
    candidates = [_PACKAGE / "_resources", _PACKAGE.parent / "resources"]
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        candidates.insert(0, Path(bundle) / "metagui" / "_resources")
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    searched = ", ".join(str(path) for path in candidates)
    raise FileNotFoundError(f"metagui's resources are missing; reinstall it (searched {searched})")


def resource(*parts: str) -> Path:
    """Path of one resource, for example ``resource("icons", "play.svg")``."""
    return resource_root().joinpath(*parts)
