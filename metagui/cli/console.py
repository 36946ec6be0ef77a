"""Writing to the terminal: errors as sentences, JSON a line, and a reader that may go away at any time."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from typing import Any

OK, RUN_FAILED, USAGE, ENVIRONMENT, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes of every command."""


def report_error(message: str) -> None:
    """One line on stderr; silently dropped where even that is closed."""
    with contextlib.suppress(OSError, ValueError):
        print(f"metagui: error: {message}", file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """One value on one line of stdout, flushed at once. NaN and infinities, which JSON lacks, become null."""
    print(json.dumps(finite(value), ensure_ascii=False, allow_nan=False), flush=True)


def finite(value: Any) -> Any:
    """The same structure with every NaN and infinity replaced by None."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {str(key): finite(item) for key, item in value.items()}
        case list() | tuple():
            return [finite(item) for item in value]
        case _:
            return value


def discard_stdout() -> None:
    """After a broken pipe: whatever is still written, at exit too, goes nowhere instead of raising again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def short(value: float) -> str:
    """Four significant digits, for people."""
    return f"{value:.4g}" if math.isfinite(value) else str(value)
