"""Reads ``resources/papers/*.toml``: one file a row of the papers' tables, one cell a number with its protocol."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metagui.config.experiment import SECTIONS, choices
from metagui.config.fields import Section
from metagui.errors import InvalidValueError
from metagui.papers.facts import FACTS
from metagui.resources import resource


@dataclass(frozen=True, slots=True)
class Setting:
    """A column of the tables: a task family with ways and shots. ``n_way`` 0 means a regression."""

    title: str
    family: str
    task: str
    n_way: int
    k_shot: int

    @property
    def metric(self) -> str:
        return "accuracy" if self.n_way else "mse"

    @property
    def content(self) -> dict[str, Any]:
        """Its part of the protocol."""
        ways = {"n_way": self.n_way} if self.n_way else {}
        return {"name": self.task, **ways, "k_shot": self.k_shot}


SETTINGS = {
    "omniglot-5w1s": Setting("Omniglot, 5-way 1-shot", "Omniglot", "omniglot", 5, 1),
    "omniglot-5w5s": Setting("Omniglot, 5-way 5-shot", "Omniglot", "omniglot", 5, 5),
    "omniglot-20w1s": Setting("Omniglot, 20-way 1-shot", "Omniglot", "omniglot", 20, 1),
    "omniglot-20w5s": Setting("Omniglot, 20-way 5-shot", "Omniglot", "omniglot", 20, 5),
    "mini-imagenet-5w1s": Setting("mini-ImageNet, 5-way 1-shot", "mini-ImageNet", "images", 5, 1),
    "mini-imagenet-5w5s": Setting("mini-ImageNet, 5-way 5-shot", "mini-ImageNet", "images", 5, 5),
    "sinusoid-10s": Setting("Sinusoid, 10-shot", "Sinusoid", "sinusoid", 0, 10),
}

_METHODS = ("maml", "fomaml", "reptile", "imaml", "imaml-hf", "protonet", "meta-sgd")
"""Rows, in the order of the papers' tables."""


@dataclass(frozen=True, slots=True)
class Span:
    """A value that a paper gives as a range; ``most`` None means no upper end is given."""

    least: float
    most: float | None = None

    def holds(self, value: float) -> bool:
        return self.least <= value and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a paper: ``mean`` and its interval ``low`` .. ``high`` in units of the metric (0.987, not 98.7 %).

    ``has_interval`` is false where only a number is given. ``protocol`` holds what the paper says by our field paths,
    ``facts`` what our fields have no word for, ``ours`` what a preset chooses because it is not stated.
    """

    method: str
    title: str
    reference: str
    setting_name: str
    mean: float
    low: float
    high: float
    has_interval: bool
    by: str
    protocol: Mapping[str, Any]
    facts: Mapping[str, Any]
    ours: Mapping[str, Any]

    @property
    def name(self) -> str:
        """``maml-omniglot-5w1s``"""
        return f"{self.method}-{self.setting_name}"

    @property
    def setting(self) -> Setting:
        return SETTINGS[self.setting_name]

    @property
    def metric(self) -> str:
        return self.setting.metric

    @property
    def test_steps(self) -> int | None:
        """Inner steps after which the paper tells its number, where that is stated."""
        steps = self.protocol.get("algorithm.evaluation_steps")
        return steps if isinstance(steps, int) else None


@functools.cache
def cells() -> tuple[Cell, ...]:
    """All numbers, row by row; raises InvalidValueError naming file and field where one is wrong."""
    folder = resource("papers")
    return tuple(cell for method in _METHODS for cell in read_paper(folder / f"{method}.toml"))


def cell_named(name: str) -> Cell:
    """Raises InvalidValueError for a name that no cell has."""
    import difflib

    by_name = {cell.name: cell for cell in cells()}
    if name not in by_name:
        near = difflib.get_close_matches(name, by_name, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InvalidValueError("--cell", f"{name!r} is not one of {', '.join(by_name)}{hint}")
    return by_name[name]


def read_paper(path: Path) -> list[Cell]:
    """One file's cells. Raises InvalidValueError: its field is the file and the place in it, a line where it is no
    TOML at all."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValueError(path.name, f"is no TOML: {error}") from None
    return _Reader(path.name, path.stem, content).cells()


class _Reader:
    """One file's content on its way to cells; every complaint names the place."""

    def __init__(self, file: str, method: str, content: dict[str, Any]) -> None:
        self._file = file
        self._method = method
        self._content = content

    def cells(self) -> list[Cell]:
        self._only(self._content, "", ("paper", "group", "cell"))
        paper = self._table(self._content, "paper")
        self._only(paper, "paper", ("title", "reference"))
        return [self._cell(name, paper) for name in self._table(self._content, "cell")]

    def _cell(self, name: str, paper: dict[str, Any]) -> Cell:
        place = f"cell.{name}"
        if name not in SETTINGS:
            raise self._wrong(place, f"is not one of {', '.join(SETTINGS)}")
        cell = self._table(self._table(self._content, "cell"), name, "cell.")
        self._only(cell, place, ("value", "interval", "low", "high", "by", "groups"))
        mean, low, high, has_interval = self._numbers(cell, place, SETTINGS[name].metric)
        merged: dict[str, dict[str, Any]] = {"protocol": {}, "facts": {}, "ours": {}}
        groups = self._content.get("group", {})
        for group in cell.get("groups", ()):
            if group not in groups:
                raise self._wrong(f"{place}.groups", f"{group!r} is not one of {', '.join(groups)}")
            where = f"group.{group}"
            self._only(groups[group], where, tuple(merged))
            for kind in ("protocol", "ours"):
                merged[kind] |= self._fields(groups[group].get(kind, {}), f"{where}.{kind}")
            merged["facts"] |= self._facts(groups[group].get("facts", {}), f"{where}.facts")
        setting = SETTINGS[name]
        merged["protocol"] |= {f"task.{field}": value for field, value in setting.content.items()}
        if setting.family == "mini-ImageNet":
            merged["facts"]["data"] = setting.family
        # What a later group states is stated, though an earlier one had to choose.
        merged["ours"] = {path: value for path, value in merged["ours"].items() if path not in merged["protocol"]}
        self._check_fields(merged["protocol"] | merged["ours"], place)
        return Cell(
            method=self._method,
            title=self._text(paper, "title", "paper"),
            reference=self._text(paper, "reference", "paper"),
            setting_name=name,
            mean=mean,
            low=low,
            high=high,
            has_interval=has_interval,
            by=str(cell.get("by", "the paper")),
            protocol=merged["protocol"],
            facts=merged["facts"],
            ours=merged["ours"],
        )

    def _numbers(self, cell: dict[str, Any], place: str, metric: str) -> tuple[float, float, float, bool]:
        scale = 100.0 if metric == "accuracy" else 1.0
        if "low" in cell or "high" in cell:
            low, high = self._number(cell, "low", place), self._number(cell, "high", place)
            if low > high or "value" in cell or "interval" in cell:
                raise self._wrong(place, "give either value and interval, or low and high in order")
            return _exact((low + high) / 2 / scale), _exact(low / scale), _exact(high / scale), True
        value = self._number(cell, "value", place)
        half = self._number(cell, "interval", place) if "interval" in cell else 0.0
        if half < 0 or (metric == "accuracy" and not 0 <= value <= 100):
            raise self._wrong(place, "an accuracy is a percentage, and an interval is not negative")
        ends = _exact((value - half) / scale), _exact((value + half) / scale)
        return _exact(value / scale), *ends, "interval" in cell

    def _fields(self, content: Any, place: str) -> dict[str, Any]:
        if not isinstance(content, dict):
            raise self._wrong(place, "must be a table of sections")
        flat: dict[str, Any] = {}
        for section, fields in content.items():
            if section not in SECTIONS or not isinstance(fields, dict):
                raise self._wrong(f"{place}.{section}", f"must be a table; sections are {', '.join(SECTIONS)}")
            for field, value in fields.items():
                flat[f"{section}.{field}"] = self._value(value, f"{place}.{section}.{field}")
        return flat

    def _value(self, value: Any, place: str) -> Any:
        if not isinstance(value, dict):
            return value
        if not set(value) <= {"least", "most"} or "least" not in value:
            raise self._wrong(place, "a range has least, and most where there is an upper end")
        return Span(value["least"], value.get("most"))

    def _facts(self, facts: dict[str, Any], place: str) -> dict[str, Any]:
        for name in facts:
            if name not in FACTS:
                raise self._wrong(f"{place}.{name}", f"is not one of {', '.join(FACTS)}")
        return facts

    def _check_fields(self, fields: Mapping[str, Any], place: str) -> None:
        """Whether every path is a field of the schema, of the classes that the cell names."""
        for path in fields:
            section, _, field = path.partition(".")
            if field != "name" and field not in section_class(section, fields).model_fields:
                raise self._wrong(f"{place}: {path}", "there is no such field")

    def _table(self, content: dict[str, Any], name: str, prefix: str = "") -> dict[str, Any]:
        table = content.get(name)
        if not isinstance(table, dict):
            raise self._wrong(prefix + name, "is missing")
        return table

    def _text(self, content: dict[str, Any], name: str, place: str) -> str:
        if not isinstance(content.get(name), str):
            raise self._wrong(f"{place}.{name}", "must be a text")
        return str(content[name])

    def _number(self, content: dict[str, Any], name: str, place: str) -> float:
        value = content.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(f"{place}.{name}", "must be a number")
        return float(value)

    def _only(self, content: dict[str, Any], place: str, known: tuple[str, ...]) -> None:
        for name in content:
            if name not in known:
                raise self._wrong(f"{place}.{name}".lstrip("."), f"is not one of {', '.join(known)}")

    def _wrong(self, place: str, message: str) -> InvalidValueError:
        return InvalidValueError(f"{self._file}: {place}", message)


def _exact(value: float) -> float:
    """Without the last digits that decimal fractions leave in binary: 0.9916, not 0.9915999999999999."""
    return round(value, 10)


def section_class(section: str, fields: Mapping[str, Any]) -> type[Section]:
    """The class of a section that ``section.name`` chooses among these fields."""
    if section == "compute":
        from metagui.config.compute import ComputeConfig

        return ComputeConfig
    classes = choices(section)
    name = fields.get(f"{section}.name", "")
    if name not in classes:
        raise InvalidValueError(f"{section}.name", f"{name!r} is not one of {', '.join(classes)}")
    return classes[name]
