"""Lines of a TOML document: every part that the standard library reads is found, and where it stands."""

from __future__ import annotations

import tomllib
from pathlib import Path as File
from typing import Any

import pytest

from metagui.resources import resource_root
from metagui.walkthroughs.script_positions import Path, line_at, lines_of

EXAMPLE = '''# a comment = 1
title = "a # no comment, and a [bracket]"
dotted.key = 'x = 1'
"quoted \\" key" = 3

[table] # trailing
text = """
[not.a.table]
x = \\"""
"""
after = """quotes at the end"""""
literal = \'\'\'
key = "it's"\'\'\'
list = [
  1, # one
  [2, 3],
  { deep = { deeper = "}" }, other = 4 },
]

[[slide]]
id = "one"

[[slide.action]]
do = "wait"
[slide.action.set]
"outer.steps" = 3
[[slide.action]]
do = "stop"

[[slide]]
id = "two"
action = [{ do = "wait" }, {do="stop"}]
'''


def paths_of(value: Any, path: Path = ()) -> set[Path]:
    """Every path of a parsed document."""
    found = {path} if path else set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found |= paths_of(item, (*path, key))
    return found


def line_containing(text: str) -> int:
    return next(number for number, line in enumerate(EXAMPLE.splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("title",), "no comment"),
        (("dotted", "key"), "dotted.key"),
        (('quoted " key',), "quoted"),
        (("table",), "[table]"),
        (("table", "text"), 'text = """'),
        (("table", "after"), "after ="),
        (("table", "literal"), "literal ="),
        (("table", "list", 1, 1), "[2, 3]"),
        (("table", "list", 2, "deep", "deeper"), "deeper"),
        (("slide", 0), "[[slide]]"),
        (("slide", 0, "action", 0, "set", "outer.steps"), "outer.steps"),
        (("slide", 0, "action", 1, "do"), 'do = "stop"'),
        (("slide", 1, "action", 1, "do"), 'do="stop"'),
    ],
)
def test_that_a_part_is_found_on_its_line(path: Path, text: str) -> None:
    assert lines_of(EXAMPLE)[path] == line_containing(text)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_that_every_part_of_a_document_has_a_line(ending: str) -> None:
    text = EXAMPLE.replace("\n", ending)
    assert paths_of(tomllib.loads(text)) <= set(lines_of(text))


@pytest.mark.parametrize("path", sorted((resource_root() / "walkthroughs").rglob("*.toml")), ids=lambda path: path.name)
def test_that_every_part_of_the_shipped_files_has_a_line(path: File) -> None:
    text = path.read_text(encoding="utf-8")
    assert paths_of(tomllib.loads(text)) <= set(lines_of(text))


def test_that_what_is_not_written_down_is_placed_at_what_is_around_it() -> None:
    lines = lines_of(EXAMPLE)
    assert line_at(lines, ("slide", 1, "title")) == lines["slide", 1]
    assert line_at(lines, ("talk", "title")) == 1
