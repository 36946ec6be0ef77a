"""Settings that may be changed while a run goes on: which they are, and a configuration with one of them changed."""

from __future__ import annotations

import copy
from typing import Any

from metagui.config.experiment import ExperimentConfig, parse
from metagui.errors import InvalidValueError

_SECTION = "algorithm"


def changeable_paths(config: ExperimentConfig) -> tuple[str, ...]:
    """``algorithm.inner_lr`` and the like, in the order of the form."""
    return tuple(f"{_SECTION}.{name}" for name in config.algorithm.changeable_now)


def value_at(config: ExperimentConfig, path: str) -> Any:
    """The value of a changeable setting."""
    return getattr(config.algorithm, path.removeprefix(f"{_SECTION}."))


def with_change(config: ExperimentConfig, path: str, value: Any) -> ExperimentConfig:
    """The configuration with one setting changed, held to all its rules.

    Raises InvalidValueError where the setting has to stay as it was when the run began, or the value breaks a rule.
    """
    possible = changeable_paths(config)
    if path not in possible:
        which = (
            f"only {' and '.join(possible)} can be" if possible else f"no setting of {config.algorithm.title} can be"
        )
        raise InvalidValueError(path, f"cannot be changed while the run goes on; {which}")
    content = copy.deepcopy(config.to_dict())
    content[_SECTION][path.removeprefix(f"{_SECTION}.")] = value
    return parse(content)


def with_changes_of(config: ExperimentConfig, saved: dict[str, Any]) -> ExperimentConfig:
    """The configuration with the changeable settings as ``saved``, the content of another one of the same algorithm.

    What the other one lacks, or has of another algorithm, stays.
    """
    values = saved.get(_SECTION, {})
    if values.get("name") != config.algorithm.name:
        return config
    content = copy.deepcopy(config.to_dict())
    for path in changeable_paths(config):
        name = path.removeprefix(f"{_SECTION}.")
        content[_SECTION][name] = values.get(name, content[_SECTION][name])
    return parse(content)
