"""How a process ended, in words a person understands."""

from __future__ import annotations

import signal

_SIGNALS = {
    "SIGSEGV": "crashed (segmentation fault)",
    "SIGBUS": "crashed (bus error; a full disk or full shared memory can cause it)",
    "SIGILL": "crashed (illegal instruction: this build of PyTorch may not suit this processor)",
    "SIGFPE": "crashed (arithmetic error)",
    "SIGABRT": "aborted itself (SIGABRT)",
    "SIGKILL": "was killed (SIGKILL), perhaps because memory ran out",
    "SIGTERM": "was ended from outside (SIGTERM)",
    "SIGHUP": "was ended from outside (SIGHUP)",
    "SIGINT": "was interrupted (SIGINT)",
}
_WINDOWS = {
    0xC0000005: "crashed (access violation)",
    0xC0000017: "ran out of memory",
    0xC000001D: "crashed (illegal instruction: this build of PyTorch may not suit this processor)",
    0xC00000FD: "crashed (stack overflow)",
    0xC0000135: "could not start: a DLL is missing",
    0xC000013A: "was interrupted",
    0xC0000409: "aborted itself",
}


def exit_words(exit_code: int | None) -> str:
    """The predicate of a sentence such as "the training process ..."; exit codes as in :class:`subprocess.Popen`."""
    if exit_code is None:
        return "closed its connection and had to be ended"
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        return _SIGNALS.get(name, f"was ended by {name}")
    if exit_code in _WINDOWS:
        return _WINDOWS[exit_code]
    if exit_code == 0:
        return "ended without saying why"
    return f"ended with exit code {exit_code}"


def last_error(output: str) -> str:
    """The last line that looks like the end of a Python traceback, e.g. ``ModuleNotFoundError: ...``; or empty."""
    for line in reversed(output.splitlines()):
        name, colon, _ = line.partition(":")
        words = name.rsplit(".", 1)[-1]
        if colon and words.isidentifier() and words.endswith(("Error", "Exception", "Interrupt")):
            return line.strip()
    return ""
