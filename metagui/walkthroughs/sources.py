"""The textbook's source as text, from the installed package and without importing it, and its markers.

A comment that begins with one or more markers binds its statement to lines of pseudo-code: ``# maml:6 fomaml:6 ...``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

_COMMENT = re.compile(r"#\s*((?:[a-z_]+:\d+\s*)+)")
_MARKER = re.compile(r"[a-z_]+:\d+")


@dataclass(frozen=True, slots=True)
class Source:
    """``file`` is a name such as ``maml.py``; ``markers`` are those of each line, counted from 1, that has some:
    of the statement that begins there."""

    file: str
    text: str
    markers: Mapping[int, tuple[str, ...]]

    def lines_of(self, marker: str) -> list[int]:
        """Where a line of pseudo-code is computed, in order."""
        return [line for line, found in self.markers.items() if marker in found]


def source_names() -> list[str]:
    """The textbook's files, sorted."""
    return sorted(path.name for path in _folder().iterdir() if path.name.endswith(".py") and path.name[0] != "_")


@cache
def load_source(file: str) -> Source:
    """Raises ValueError for a file that is not the textbook's."""
    if file not in source_names():
        raise ValueError(f"{file!r} is no file of the textbook")
    text = (_folder() / file).read_text(encoding="utf-8")
    starts = statement_starts(text)
    markers: dict[int, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        comment = _COMMENT.search(line)
        if comment:
            start = starts.get(number, number)
            markers[start] = (*markers.get(start, ()), *_MARKER.findall(comment[1]))
    return Source(file, text, dict(sorted(markers.items())))


def without_markers(text: str) -> str:
    """The source for the eye: markers are shown beside the lines, so only what follows them stays of a comment."""
    lines = text.split("\n")
    return "\n".join(
        _COMMENT.sub("# ", line).removesuffix("# ").rstrip() if _COMMENT.search(line) else line for line in lines
    )


def places_of(marker: str) -> list[tuple[str, int]]:
    """Every (file, line) that a line of pseudo-code is bound to."""
    return [(file, line) for file in source_names() for line in load_source(file).lines_of(marker)]


def statement_starts(text: str) -> dict[int, int]:
    """The first line of the statement that each line belongs to; of a loop, a condition or a function, its head."""
    starts: dict[int, int] = {}
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        for line in range(node.lineno, max(last, node.lineno) + 1):
            # The innermost statement wins; of two on one line, the outer one begins it.
            starts[line] = max(starts.get(line, 0), node.lineno)
    return starts


def _folder() -> Traversable:
    return files("metagui") / "engine" / "textbook"
