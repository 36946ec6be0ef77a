"""``metagui fields``: what ``--set`` can change, generated from the same schema as the window's form."""

from __future__ import annotations

import argparse
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from metagui.cli.console import OK, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json

if TYPE_CHECKING:
    from metagui.config import FieldDescription, Section

_SECTIONS = ("task", "model", "algorithm", "outer", "compute")


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "fields",
        run,
        summary="List the fields of an experiment, with symbol, unit, range and meaning.",
        examples="""
            metagui fields algorithm
            metagui train --set algorithm.name=imaml --set algorithm.proximal_lambda=0.5
        """,
    )
    parser.add_argument("section", nargs="?", choices=_SECTIONS, help="only this part of an experiment")
    add_json(parser, "print an array of objects")


def run(args: argparse.Namespace) -> int:
    sections = (args.section,) if args.section else _SECTIONS
    if args.json:
        print_json([_as_json(section, cls, field) for section in sections for cls, field in _fields(section)])
    else:
        print("\n\n".join(_paragraph(section) for section in sections))
    return OK


def _classes(section: str) -> list[type[Section]]:
    from metagui.config import choices
    from metagui.config.compute import ComputeConfig

    return [ComputeConfig] if section == "compute" else list(choices(section).values())


def _fields(section: str) -> Iterator[tuple[type[Section], FieldDescription]]:
    from metagui.config import describe

    for cls in _classes(section):
        for field in describe(cls):
            yield cls, field


def _choice(cls: type[Section]) -> str | None:
    name = cls.model_fields.get("name")
    return str(name.default) if name else None


def _paragraph(section: str) -> str:
    lines = []
    if section != "compute":
        lines.append(f"{section}.name = {' | '.join(str(_choice(cls)) for cls in _classes(section))}")
    for cls in _classes(section):
        choice = _choice(cls)
        lines.append(f"\n{section}.name={choice}: {cls.summary}" if choice else f"{section}: {cls.summary}")
        lines += [_line(section, field) for shown, field in _fields(section) if shown is cls]
    return "\n".join(lines)


def _line(section: str, field: FieldDescription) -> str:
    names = f"{field.title} {field.symbol}".strip()
    unit = f" {field.unit}" if field.unit else ""
    default = _text(field.default)
    head = f"  {section}.{field.name} = {default}{unit}"
    condition = f" With {' and '.join(_conditions(section, field))}." if field.when else ""
    return f"{head:<42} {names}; {accepts(field)}. {field.help}{condition}"


def _conditions(section: str, field: FieldDescription) -> list[str]:
    """The settings beside which a field has a meaning: ``algorithm.solver=cg``."""
    return [f"{section}.{name}={' or '.join(map(_text, allowed))}" for name, allowed in field.when.items()]


def accepts(field: FieldDescription) -> str:
    """What values a field takes, in words: ``1 to 1000``, ``relu | tanh``, ``true | false``."""
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return " | ".join(str(value) for value in get_args(annotation))
    if annotation is bool:
        return "true | false"
    if get_origin(annotation) is tuple:
        return "a list such as [40, 40]"
    if annotation in (int, float):
        return _range(field)
    return "text"


def _range(field: FieldDescription) -> str:
    low, high = field.minimum, field.maximum
    if low is None and high is None:
        return "any number"
    if high is None:
        return f"{'more than' if field.exclusive_minimum else 'at least'} {_text(low)}"
    if low is None:
        return f"{'less than' if field.exclusive_maximum else 'at most'} {_text(high)}"
    start = f"more than {_text(low)}" if field.exclusive_minimum else _text(low)
    end = f"less than {_text(high)}" if field.exclusive_maximum else _text(high)
    return f"{start} to {end}"


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.7g}"
        case tuple() | list():
            return "[" + ", ".join(_text(item) for item in value) + "]"
        case _:
            return str(value)


def _type_name(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return "choice"
    if origin is tuple:
        return "list"
    if origin in (Union, types.UnionType):
        return " or ".join(_type_name(item) for item in get_args(annotation))
    return {int: "integer", float: "number", bool: "boolean", str: "text"}.get(annotation, str(annotation))


def _as_json(section: str, cls: type[Section], field: FieldDescription) -> dict[str, Any]:
    is_choice = get_origin(field.annotation) is Literal
    return {
        "path": f"{section}.{field.name}",
        "choice": _choice(cls),
        "title": field.title,
        "symbol": field.symbol,
        "unit": field.unit,
        "type": _type_name(field.annotation),
        "choices": list(get_args(field.annotation)) if is_choice else None,
        "default": field.default,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "exclusive_minimum": field.exclusive_minimum,
        "exclusive_maximum": field.exclusive_maximum,
        "help": field.help,
        "when": {f"{section}.{name}": list(allowed) for name, allowed in field.when.items()},
    }
