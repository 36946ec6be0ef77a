"""``--set field.path=value``: changes to a configuration, given as text."""

from __future__ import annotations

import copy
import difflib
import tomllib
from collections.abc import Iterable
from typing import Any

from metagui.config.experiment import SECTIONS, ExperimentConfig, choices, parse
from metagui.config.fields import Section
from metagui.config.models import ModelSection
from metagui.config.suggestions import is_suggested, suggested_model
from metagui.config.tasks import TaskSection
from metagui.errors import InvalidValueError


def apply_overrides(config: ExperimentConfig, assignments: Iterable[str]) -> ExperimentConfig:
    """The configuration with every ``path=value`` applied, in order, then validated as a whole.

    Values are TOML (``3``, ``0.1``, ``true``, ``[40, 40]``); what is no TOML is taken as a string. Setting a
    section's ``name`` swaps the section: fields both have are kept where valid, the rest take their defaults.
    Raises InvalidValueError naming the path.
    """
    content = config.to_dict()
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        path = path.strip()
        if not equals:
            raise InvalidValueError(path, "write it as field.path=value, for example algorithm.inner_steps=5")
        content = _assign(content, path, _value(text.strip()))
    return parse(content)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _assign(content: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    section, dot, name = path.partition(".")
    if section not in SECTIONS:
        raise InvalidValueError(path, f"paths begin with {', '.join(SECTIONS)}{_near(section, SECTIONS)}")
    if not dot or not name:
        raise InvalidValueError(path, f"name a field of {section}, for example {section}.name")
    if name == "name" and section != "compute":
        return switch(content, section, str(value))
    known = [field for field in _section_class(content, section).model_fields if field != "name"]
    if name not in known:
        owners = [other for other, cls in _classes(section).items() if name in cls.model_fields]
        if owners:
            instead = " or ".join(f"{section}.name={other}" for other in owners)
            raise InvalidValueError(path, f"{content[section]['name']} has no such field; it belongs to {instead}")
        raise InvalidValueError(path, f"there is no such field; {section} has {', '.join(known)}{_near(name, known)}")
    changed = copy.deepcopy(content)
    changed[section][name] = value
    return changed


def switch(content: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    """Choose another class for a section: a new content that keeps the shared fields a person changed.

    Tasks of another kind get the network suggested for them, unless another one was chosen that takes them, too.
    """
    classes = choices(section)
    if name not in classes:
        raise InvalidValueError(
            f"{section}.name", f"{name!r} is not one of {', '.join(classes)}{_near(name, list(classes))}"
        )
    old, new = _section_class(content, section), classes[name]
    if old is new:
        return content
    kept: dict[str, Any] = {"name": name}
    for field, value in content[section].items():
        if field == "name" or field not in new.model_fields:
            continue
        was_default = old.model_validate({}).model_dump(mode="json")[field] == value
        if not was_default:
            kept[field] = value
    changed = copy.deepcopy(content)
    changed[section] = {**new.model_validate({}).model_dump(mode="json"), **kept}
    if issubclass(old, TaskSection) and issubclass(new, TaskSection) and old.kind != new.kind:
        model = content["model"]
        fits = new.kind in _model_class(model["name"]).fits
        if not fits or is_suggested(model):
            changed["model"] = suggested_model(new.kind)
    return changed


def _model_class(name: str) -> type[ModelSection]:
    chosen = choices("model")[name]
    assert issubclass(chosen, ModelSection)
    return chosen


def _classes(section: str) -> dict[str, type[Section]]:
    return {} if section == "compute" else choices(section)


def _section_class(content: dict[str, Any], section: str) -> type[Section]:
    if section == "compute":
        from metagui.config.compute import ComputeConfig

        return ComputeConfig
    return choices(section)[content[section]["name"]]


def _near(word: str, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {match[0]}?" if match else ""
