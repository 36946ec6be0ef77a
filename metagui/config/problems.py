"""Turns pydantic's errors into sentences at field paths."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError


@dataclass(frozen=True, slots=True)
class Problem:
    """``path`` as in ``algorithm.inner_steps``; ``message`` says what is wrong and what would be right."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


_LEADING_FIELD = re.compile(r"^([a-z_]+(?:\.[a-z_]+)?): (.*)$", re.DOTALL)
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "greater than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def problems_of(error: ValidationError) -> list[Problem]:
    """One problem for each wrong field, in the order pydantic found them."""
    return [_problem(item) for item in error.errors(include_url=False)]


def _problem(item: Any) -> Problem:
    location = [str(part) for part in item["loc"]]
    # A discriminated union puts the chosen name between section and field; a person does not write it.
    if len(location) >= 2 and location[0] in ("task", "model", "algorithm", "outer"):
        location.pop(1)
    path = ".".join(location)
    kind, context, given = item["type"], item.get("ctx", {}), item.get("input")
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return Problem(path, f"must be {words} {context[key]:g}, not {given}")
    if kind == "extra_forbidden":
        return Problem(path, "there is no such field here")
    if kind == "union_tag_invalid":
        tags = str(context["expected_tags"]).replace("'", "")
        near = difflib.get_close_matches(str(context["tag"]), tags.split(", "), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return Problem(f"{path}.name", f"{context['tag']!r} is not one of {tags}{hint}")
    if kind == "union_tag_not_found":
        return Problem(f"{path}.name", "is missing")
    if kind == "literal_error":
        return Problem(path, f"must be {context['expected']}, not {given!r}")
    if kind == "string_pattern_mismatch" and path == "compute.device":
        return Problem(path, f"must be auto, cpu, cuda, cuda:0, mps or xpu, not {given!r}")
    if kind == "value_error":
        message = str(context["error"])
        # Cross-field rules lead with the field to blame, relative to the section they stand in.
        match = _LEADING_FIELD.match(message)
        return Problem(f"{path}.{match[1]}" if path else match[1], match[2]) if match else Problem(path, message)
    if kind.startswith("int_"):
        return Problem(path, f"must be a whole number, not {_as_given(given)}")
    if kind.startswith("float_") or kind == "finite_number":
        return Problem(path, f"must be a number, not {_as_given(given)}")
    if kind.startswith("bool_"):
        return Problem(path, f"must be true or false, not {_as_given(given)}")
    if kind.endswith(("_parsing", "_type")):
        return Problem(path, f"{item['msg'][0].lower()}{item['msg'][1:]}, not {_as_given(given)}")
    return Problem(path, f"{item['msg'][0].lower()}{item['msg'][1:]}")


def _as_given(value: Any) -> str:
    return repr(value) if isinstance(value, str) else f"{value}"
