"""How the C library hands out memory while training."""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # names of mallopt(3)
_LARGEST_INT, _LARGEST_MMAP_THRESHOLD = 2**31 - 1, 32 << 20


def keep_freed_memory() -> bool:
    """Let glibc keep freed blocks instead of giving them back to the system; returns whether it does.

    Each meta-step asks for the same large tensors as the last: mapped anew every time, their pages cost convolutions a
    tenth of their speed. The process then holds what it needed most, and no more. Where the environment already says
    how memory is to be handed out (``MALLOC_...``), that holds.
    """
    if not sys.platform.startswith("linux") or any(name.startswith("MALLOC_") for name in os.environ):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    settings = ((_TRIM_THRESHOLD, _LARGEST_INT), (_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD), (_TOP_PAD, 64 << 20))
    answers = [mallopt(name, value) for name, value in settings]
    return all(answers)
