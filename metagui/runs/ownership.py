"""Which process a live run belongs to, and whether that process still exists."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psutil

_FIRST_PID_NAMESPACE = "pid:[4026531836]"  # Linux: the namespace of a machine that is no container


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told from every other: ``pid`` numbers are used again, ``start`` says which life is meant."""

    host: str
    pid: int
    start: str


def current_owner() -> Owner:
    """This process."""
    return _owner_of(os.getpid())


@lru_cache(maxsize=4)
def _owner_of(pid: int) -> Owner:
    return Owner(host_name(), pid, process_start(pid) or "")


@lru_cache(maxsize=1)
def host_name() -> str:
    """Name of the place where process ids mean something: this machine, or this container on it."""
    name = socket.gethostname()
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        return name
    return name if namespace == _FIRST_PID_NAMESPACE else f"{name} {namespace}"


def process_start(pid: int) -> str | None:
    """When a process began, as a text to compare; None when there is none (a zombie is none), "" when hidden.

    On Linux the kernel's own count is taken, because a start time in seconds since the epoch shifts whenever the
    clock is set, and a living process would look like another one.
    """
    if os.path.exists("/proc/self/stat"):
        return _linux_start(pid)
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return ""


def _linux_start(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return "" if psutil.pid_exists(pid) else None
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the program's name comes before and may hold anything
    state, start = fields[0], fields[19]
    return None if state in "ZX" else f"{boot}+{start}"


def lives(owner: Owner) -> bool:
    """Whether the owner exists still. Where that cannot be known (another host, a hidden process): yes."""
    if owner.host != host_name():
        return True
    start = process_start(owner.pid)
    if start is None:
        return False
    return not start or not owner.start or start == owner.start
