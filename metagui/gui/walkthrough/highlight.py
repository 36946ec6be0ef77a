"""What each piece of a source line is, by pygments; computed once a file. No Qt: views choose the colours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token, _TokenType

Kind = Literal["plain", "keyword", "name", "builtin", "string", "number", "comment", "reference", "subscript"]

_KINDS: tuple[tuple[_TokenType, Kind], ...] = (
    (Comment, "comment"),
    (Keyword.Constant, "builtin"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Name.Function, "name"),
    (Name.Class, "name"),
    (Name.Decorator, "name"),
    (Name.Builtin, "builtin"),
    (Name.Exception, "builtin"),
    (String.Doc, "comment"),
    (String, "string"),
    (Number, "number"),
)

_REFERENCE = re.compile(r"#\s*[a-z_]+:\d")
"""A comment that names its line in the paper."""


@dataclass(frozen=True, slots=True)
class Span:
    """``length`` characters from ``start`` on are of this kind."""

    start: int
    length: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line of text, without its end."""

    number: int
    text: str
    spans: tuple[Span, ...] = ()

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip(" "))


@lru_cache(maxsize=64)
def highlighted(source: str) -> tuple[Line, ...]:
    """The lines of a Python source, counted from 1."""
    texts = source.split("\n")
    spans: list[list[Span]] = [[] for _ in texts]
    row, column = 0, 0
    for token, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(source):
        kind = _kind(token, value)
        for index, piece in enumerate(value.split("\n")):
            if index:
                row, column = row + 1, 0
            if piece and kind != "plain" and row < len(spans):
                spans[row].append(Span(column, len(piece), kind))
            column += len(piece)
    if texts and not texts[-1]:
        texts.pop()
    return tuple(Line(index + 1, text, tuple(spans[index])) for index, text in enumerate(texts))


_SUBSCRIPT = re.compile(r"_(\{([^}]*)\}|\w)")


def formula_line(number: int, text: str) -> Line:
    """A line of pseudo-code: ``θ_i`` and ``θ_{i+1}`` become subscripts."""
    parts: list[str] = []
    spans: list[Span] = []
    length = end = 0
    for found in _SUBSCRIPT.finditer(text):
        before, low = text[end : found.start()], found[2] if found[2] is not None else found[1]
        parts += [before, low]
        length += len(before)
        spans.append(Span(length, len(low), "subscript"))
        length += len(low)
        end = found.end()
    return Line(number, "".join([*parts, text[end:]]), tuple(spans))


def _kind(token: _TokenType, value: str) -> Kind:
    if token in Token.Literal.String.Interpol or token in Token.Literal.String.Affix:
        return "string"
    for family, kind in _KINDS:
        if token in family:
            return "reference" if kind == "comment" and _REFERENCE.match(value) else kind
    return "plain"
