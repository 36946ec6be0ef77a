"""The papers' pseudo-code, as numbered lines in ``resources/walkthroughs/algorithms/*.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from metagui.errors import InvalidValueError
from metagui.resources import resource


@dataclass(frozen=True, slots=True)
class PseudoLine:
    """``number`` as in the paper; ``indent`` counts levels; ``code`` is False for a line that needs no code of ours
    (a requirement, an ``end for``)."""

    number: int
    text: str
    indent: int = 0
    code: bool = True


@dataclass(frozen=True, slots=True)
class PseudoCode:
    """``citation`` names paper and algorithm; ``note`` says how our lines differ from it, or is empty."""

    name: str
    title: str
    citation: str
    lines: tuple[PseudoLine, ...]
    note: str = ""

    def marker(self, number: int) -> str:
        """How the source refers to a line, e.g. ``maml:6``."""
        return f"{self.name}:{number}"


def pseudocode_names() -> list[str]:
    """All that are shipped, sorted."""
    return sorted(path.stem for path in resource("walkthroughs", "algorithms").glob("*.toml"))


@cache
def load_pseudocode(name: str) -> PseudoCode:
    """Raises InvalidValueError for a name that is not shipped."""
    if name not in pseudocode_names():
        raise InvalidValueError("algorithm", f"{name!r} is not one of {', '.join(pseudocode_names())}")
    content = tomllib.loads(resource("walkthroughs", "algorithms", f"{name}.toml").read_text(encoding="utf-8"))
    lines = tuple(PseudoLine(**line) for line in content["line"])
    return PseudoCode(name, content["title"], content["citation"], lines, content.get("note", ""))
