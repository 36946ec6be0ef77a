"""On which line each part of a TOML document stands: the standard library's reader keeps that to itself."""

from __future__ import annotations

import bisect
import re
import tomllib

Path = tuple[str | int, ...]
"""Keys and, within arrays, positions from 0: ``("slide", 0, "action", 2, "do")``."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"""(?!")', re.DOTALL),
    re.compile(r"'''.*?'''(?!')", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)
_SCALAR = re.compile(r"[^,\]}\n#]*")


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, where each table, key and array element begins.

    ``text`` must be valid TOML: it is walked, not checked. Keys within inline tables and arrays are found, too.
    """
    return _Walk(text.replace("\r\n", "\n")).whole()


def line_at(lines: dict[Path, int], path: Path) -> int:
    """The line of ``path``, or of the nearest thing around it that is written down; 1 where nothing is."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


class _Walk:
    """One pass over a document, statement by statement."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._lines: dict[Path, int] = {}
        self._elements: dict[Path, int] = {}
        """Arrays of tables, and how many tables each has so far."""

    def whole(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self._text):
            table = self._header() if self._sees("[") else self._pair(table)
        return self._lines

    # --- statements ----------------------------------------------------------------------------------------------

    def _header(self) -> Path:
        line = self._line()
        array = self._sees("[[")
        self._at += 2 if array else 1
        table: Path = ()
        *parents, last = self._keys()
        for key in parents:
            table = self._inside((*table, key))
        table = (*table, last)
        self._at += 2 if array else 1
        if array:
            self._elements[table] = self._elements.get(table, 0) + 1
            self._lines.setdefault(table, line)
        table = self._inside(table)
        self._lines[table] = line
        return table

    def _inside(self, table: Path) -> Path:
        """A table, or the last one where the name is that of an array of tables."""
        return (*table, self._elements[table] - 1) if table in self._elements else table

    def _pair(self, table: Path) -> Path:
        """``key = value``; returns the table, which the next pair belongs to as well."""
        line = self._line()
        path = table
        for key in self._keys():
            path = (*path, key)
            self._lines.setdefault(path, line)
        self._skip(_SPACE)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)
        return table

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            bare = _BARE_KEY.match(self._text, self._at)
            keys.append(self._take(bare) if bare else self._quoted_key())
            self._skip(_SPACE)
            if not self._sees("."):
                return keys
            self._at += 1

    def _quoted_key(self) -> str:
        start = self._at
        self._string()
        key: str = tomllib.loads(f"key = {self._text[start : self._at]}")["key"]
        return key

    # --- values --------------------------------------------------------------------------------------------------

    def _value(self, path: Path) -> None:
        if self._sees("["):
            self._array(path)
        elif self._sees("{"):
            self._inline_table(path)
        elif not self._string():
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        self._at += 1
        position = 0
        while self._skip(_BLANK) < len(self._text) and not self._sees("]"):
            self._lines[*path, position] = self._line()
            self._value((*path, position))
            position += 1
            self._skip(_BLANK)
            if self._sees(","):
                self._at += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while self._skip(_BLANK) < len(self._text) and not self._sees("}"):
            self._pair(path)
            self._skip(_BLANK)
            if self._sees(","):
                self._at += 1
        self._at += 1

    def _string(self) -> bool:
        for kind in _STRINGS:
            match = kind.match(self._text, self._at)
            if match:
                self._take(match)
                return True
        return False

    # --- characters ----------------------------------------------------------------------------------------------

    def _sees(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
        return self._at

    def _take(self, match: re.Match[str]) -> str:
        self._at = match.end()
        return match[0]

    def _line(self) -> int:
        return bisect.bisect_left(self._breaks, self._at) + 1
