"""Turns what pydantic finds wrong in a script into sentences at paths of the document."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from metagui.walkthroughs.script_actions import ACTIONS
from metagui.walkthroughs.script_positions import Path

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text in quotes",
    "dict": "a table",
    "tuple": "a list",
    "list": "a list",
    "model": "a table",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "greater than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


@dataclass(frozen=True, slots=True)
class Located:
    """Something wrong at a path of the document."""

    path: Path
    message: str


def located_problems(error: ValidationError) -> list[Located]:
    """One problem for each wrong place."""
    return [_located(item) for item in error.errors(include_url=False)]


def near(word: str, known: list[str]) -> str:
    """``; did you mean x?``, or nothing."""
    match = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {match[0]}?" if match else ""


def _located(item: Any) -> Located:
    kind: str = item["type"]
    path, action = _document_path(tuple(item["loc"]), kind)
    context, given = item.get("ctx", {}), item.get("input")
    what = f"{path[-1]} " if path and isinstance(path[-1], str) else ""
    match kind:
        case "missing":
            return Located(path, f"{what}is missing{_in(action)}")
        case "extra_forbidden":
            known = _keys(path, action)
            return Located(
                path, f"there is no {path[-1]!r}{_in(action)}{_keys_known(known)}{near(str(path[-1]), known)}"
            )
        case "union_tag_invalid":
            tag = str(context["tag"])
            actions = sorted(ACTIONS)
            return Located((*path, "do"), f"{tag!r} is no action: {', '.join(actions)} are{near(tag, actions)}")
        case "union_tag_not_found":
            return Located(path, 'an action says what to do: do = "train", for example')
        case "literal_error":
            return Located(path, f"{what}must be {context['expected']}, not {_as_given(given)}")
        case "string_pattern_mismatch":
            return Located(path, f"{what}must be small letters, digits and hyphens, not {_as_given(given)}")
        case "string_too_short":
            return Located(path, f"{what}must not be empty")
        case "value_error":
            return Located(path, str(context["error"]))
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return Located(path, f"{what}must be {words} {context[key]:g}, not {_as_given(given)}")
    wanted = _TYPES.get(kind.partition("_")[0])
    if wanted and kind.endswith("_type"):
        return Located(path, f"{what}must be {wanted}, not {_as_given(given)}")
    return Located(path, f"{what}{item['msg'][:1].lower()}{item['msg'][1:]}")


def _document_path(location: tuple[int | str, ...], kind: str) -> tuple[Path, str]:
    """The path as it is written, without the name of the action that pydantic puts in; and that name."""
    action = ""
    if len(location) > 4 and location[0] == "slide" and location[2] == "action":
        action = str(location[4])
        location = (*location[:4], *location[5:])
    if kind in ("int_type", "float_type") and location and location[-1] in ("int", "float"):
        location = location[:-1]  # which branch of "int or float" was tried
    return location, action


def _keys(path: Path, action: str) -> list[str]:
    from metagui.walkthroughs.script import Heading, Limits, Script, Slide

    if action:
        return [field.alias or name for name, field in ACTIONS[action].model_fields.items() if name != "do"]
    levels: dict[int, type[BaseModel]] = {1: Script, 2: Heading, 3: Limits}
    model = levels.get(len(path), Slide) if path[0] != "slide" else Slide
    return [field.alias or name for name, field in model.model_fields.items()]


def _keys_known(keys: list[str]) -> str:
    return f"; {', '.join(keys)} can stand here" if keys else "; it stands alone"


def _in(action: str) -> str:
    return f" in {action}" if action else ""


def _as_given(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
