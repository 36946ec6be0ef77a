"""Resident memory of this process: what it is, and the most it has been since a mark.

Linux keeps the peak itself (VmHWM, to be set back through ``clear_refs``); elsewhere the peak is that since the start
of the process, which is no lower.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

_STATUS = Path("/proc/self/status")


def resident() -> int:
    """Bytes now."""
    return int(psutil.Process().memory_info().rss)


def mark_peak() -> None:
    """Let the peak begin here, where the system can."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:  # no Linux, or not allowed: the peak then counts from the start
        return


def peak() -> int:
    """Bytes at most since :func:`mark_peak`."""
    if _STATUS.exists():
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
