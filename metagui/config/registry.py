"""What can be chosen: the built-in algorithms, tasks and models, and those that other packages bring.

A plug-in package names a :class:`~metagui.config.fields.Section` class under one of the entry-point groups
``metagui.algorithms``, ``metagui.tasks`` and ``metagui.models``. The class is data (it must import neither torch nor
Qt); its ``implementation`` says where the engine finds the code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import Field, ValidationError

from metagui.config.fields import Section, describe

Group = Literal["metagui.algorithms", "metagui.tasks", "metagui.models"]
GROUPS: tuple[Group, ...] = get_args(Group)

_NEEDED: dict[Group, tuple[str, ...]] = {
    "metagui.algorithms": ("fits", "inner_steps", "evaluation_steps"),
    "metagui.tasks": ("kind", "k_shot", "n_query"),
    "metagui.models": ("fits",),
}
"""What the program asks of every choice, as a field or a class attribute."""

_NAME = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class PlugIn:
    """One entry point of another package; ``problem`` says why it cannot be used, and is empty where it can."""

    group: Group
    entry: str
    package: str
    section: type[Section] | None = None
    problem: str = ""


def with_plug_ins(group: Group, base: type[Section], built_in: Sequence[type[Section]]) -> Any:
    """The union of the built-in classes and all plug-ins of a group that can be used, told apart by ``name``."""
    classes = {name_of(cls): cls for cls in built_in}
    for found in entry_points(group=group):
        plug_in = _load(group, base, found, taken=classes)
        if plug_in.section is not None and plug_in.section in classes.values():
            continue  # installed twice, such as for development and for use
        _found.append(plug_in)
        if plug_in.section is not None:
            classes[name_of(plug_in.section)] = plug_in.section
    return Annotated[Union[tuple(classes.values())], Field(discriminator="name")]  # noqa: UP007


def plug_ins() -> tuple[PlugIn, ...]:
    """Every plug-in that was found, in the order they were asked for, the unusable ones included."""
    return tuple(_found)


def plug_in_notices() -> list[str]:
    """A sentence for each plug-in that cannot be used."""
    return [
        f"The plug-in {plug_in.entry} of {plug_in.package} cannot be used: {plug_in.problem}. All else works."
        for plug_in in plug_ins()
        if plug_in.problem
    ]


def name_of(section: type[Section]) -> str:
    """What a configuration file calls this choice."""
    return str(section.model_fields["name"].default)


_found: list[PlugIn] = []


def _load(group: Group, base: type[Section], found: EntryPoint, taken: dict[str, type[Section]]) -> PlugIn:
    package = found.dist.name if found.dist is not None else found.module
    try:
        section = found.load()
        problem = _problem_of(group, section, base, taken)
    except (Exception, SystemExit) as error:  # a plug-in may fail in any way; the program starts all the same
        return PlugIn(group, found.name, package, problem=_in_a_line(error))
    if problem:
        return PlugIn(group, found.name, package, problem=problem)
    return PlugIn(group, found.name, package, section)


def _in_a_line(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"its default of {'.'.join(map(str, first['loc']))} is wrong: {first['msg']}"
    text, *_ = str(error).partition("\n\nFor further information")
    return f"{type(error).__name__}: {' '.join(text.split())}"


def _problem_of(group: Group, section: Any, base: type[Section], taken: dict[str, type[Section]]) -> str:
    """Why a class cannot be one of the choices; raises whatever its own code raises."""
    if not (isinstance(section, type) and issubclass(section, base)):
        return f"{section!r} is no subclass of {base.__module__}.{base.__qualname__}"
    field = section.model_fields.get("name")
    if field is None or get_args(field.annotation) != (field.default,):
        return f'{section.__qualname__} needs a field like  name: Literal["{section.__qualname__.lower()}"] = ...'
    if not (isinstance(field.default, str) and _NAME.fullmatch(field.default)):
        return f"{section.__qualname__}.name must be a word of small letters, digits, - and _, not {field.default!r}"
    if taken.get(field.default, section) is not section:
        return f"the name {field.default!r} is taken by {taken[field.default].__module__}"
    if ":" not in section.implementation:
        return f'{section.__qualname__}.implementation must be "module:callable", not {section.implementation!r}'
    if not section.title:
        return f"{section.__qualname__}.title is empty: it is what a person calls this choice"
    return _problem_in_use(group, section)


def _problem_in_use(group: Group, section: type[Section]) -> str:
    """What would stop a form, a run or a checkpoint: found here, where the program can still go without it."""
    section.model_rebuild()  # names its types by words that may stand for nothing
    chosen = section()
    lacking = [name for name in _NEEDED[group] if not hasattr(chosen, name)]
    if lacking:
        return f"{section.__qualname__} lacks {', '.join(lacking)}"
    describe(section)
    stored = json.loads(json.dumps(chosen.model_dump(mode="json")))
    if section.model_validate(stored) != chosen:
        return f"{section.__qualname__} is not the same after it was stored as JSON"
    return ""
