"""Starts a worker process with two pipes of its own. Never by fork: a fork after torch hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from metagui.errors import WorkerLostError
from metagui.hosts.frames import FrameReader, FrameWriter


@dataclass(frozen=True, slots=True)
class Launched:
    """A started worker: its frames in both directions, and ``process.stdout``, which carries all it prints."""

    process: subprocess.Popen[bytes]
    reader: FrameReader
    writer: FrameWriter


def worker_command() -> list[str]:
    """The worker of this very program. A frozen bundle is its own interpreter and has a hidden ``--worker``."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker"]
    # -P: a file named random.py in the folder the person started from must not replace the library's.
    return [sys.executable, "-P", "-m", "metagui.worker"]


def launch(command: Sequence[str], nice: int, variables: Mapping[str, str]) -> Launched:
    """Start ``command`` with ``--read FD --write FD --nice N`` added; raises WorkerLostError where that fails.

    ``variables`` join the worker's environment.
    """
    child_read, parent_write = os.pipe()
    parent_read, child_write = os.pipe()
    try:
        process = _spawn(list(command), child_read, child_write, nice, {**environment(), **variables})
    except OSError as error:
        os.close(parent_read)
        os.close(parent_write)
        raise WorkerLostError(f"the worker process could not be started: {error}") from error
    finally:
        os.close(child_read)
        os.close(child_write)
    return Launched(process, FrameReader(parent_read), FrameWriter(parent_write))


def environment() -> dict[str, str]:
    """What the worker sees besides this process's own environment."""
    variables = dict(os.environ)
    variables["OMP_WAIT_POLICY"] = "PASSIVE"  # spinning threads would starve the window
    variables["PYTHONUNBUFFERED"] = "1"  # the last words before a crash must get out
    package_root = str(Path(__file__).resolve().parents[2])
    installed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    if not getattr(sys, "frozen", False) and package_root not in installed:
        given = variables.get("PYTHONPATH")
        variables["PYTHONPATH"] = f"{given}{os.pathsep}{package_root}" if given else package_root
    return variables


if sys.platform == "win32":
    import msvcrt

    def _spawn(
        command: list[str], read_fd: int, write_fd: int, nice: int, environ: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        """Windows hands over operating-system handles; the worker turns them back into descriptors."""
        handles = [msvcrt.get_osfhandle(read_fd), msvcrt.get_osfhandle(write_fd)]
        for handle in handles:
            os.set_handle_inheritable(handle, True)
        priority = subprocess.BELOW_NORMAL_PRIORITY_CLASS if nice > 0 else subprocess.NORMAL_PRIORITY_CLASS
        return subprocess.Popen(
            [*command, "--read", str(handles[0]), "--write", str(handles[1])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            # With a handle list only these handles (and the standard ones) are inherited.
            startupinfo=subprocess.STARTUPINFO(lpAttributeList={"handle_list": handles}),
            creationflags=subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | priority,
        )

    def inherited_fd(number: int, flags: int) -> int:
        """The descriptor of a handle named on the worker's command line; ``flags`` os.O_RDONLY or os.O_WRONLY."""
        os.set_handle_inheritable(number, False)
        return msvcrt.open_osfhandle(number, flags | os.O_BINARY)

else:

    def _spawn(
        command: list[str], read_fd: int, write_fd: int, nice: int, environ: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        """A process group of its own: Ctrl-C in a terminal reaches this process alone, which then decides."""
        return subprocess.Popen(
            [*command, "--read", str(read_fd), "--write", str(write_fd), "--nice", str(nice)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            pass_fds=(read_fd, write_fd),
            process_group=0,
        )

    def inherited_fd(number: int, flags: int) -> int:
        """A descriptor named on the worker's command line, kept from the worker's own children."""
        os.set_inheritable(number, False)
        return number
