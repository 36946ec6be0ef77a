"""Troubles of the disk as sentences, and whether there is room before something is begun."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from metagui.errors import DataError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def disk_trouble(path: Path, needed: int = 30_000_000) -> Iterator[None]:
    """Turns an error of the disk into a DataError; ``needed`` bytes are named where it is full."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            remedy = f"free about {needed / 1e6:,.0f} MB there, or choose another folder with --data-dir"
        else:
            remedy = "choose a folder that can be written with --data-dir"
        raise DataError(f"{path} cannot be written ({error.strerror or error}): {remedy}") from error


def require_room(folder: Path, needed: int, what: str) -> None:
    """Raises DataError where the disk of ``folder`` has less than ``needed`` bytes left."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError(
            f"{what} needs {needed / 1e6:,.1f} MB, and the disk of {folder} has {free / 1e6:,.1f} MB left: free some, "
            "or choose another folder with --data-dir"
        )
