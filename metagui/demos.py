"""Demonstrations: small trained networks in ``resources/demos``, worth showing at once and without a network.

``NAME.toml`` says what it shows and the recipe that made it; ``NAME.safetensors`` beside it holds the weights. Both are
made by ``packaging/make_demos.py`` with this program's own commands.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.errors import InvalidValueError
from metagui.resources import resource


@dataclass(frozen=True, slots=True)
class Measured:
    """What ``metagui evaluate`` found right after the training: ``metric`` over ``n_tasks`` held-out tasks after
    ``inner_steps``, and the half-width of its 95 % interval."""

    step: int
    metric: str
    mean: float
    ci95: float
    n_tasks: int
    inner_steps: int


@dataclass(frozen=True, slots=True)
class Demo:
    """A trained network to show. ``command`` trains it anew."""

    name: str
    title: str
    summary: str
    command: tuple[str, ...]
    config: ExperimentConfig
    checkpoint: Path
    sha256: str
    measured: Measured


def demo_names() -> list[str]:
    """Names of the demonstrations whose weights are there, sorted."""
    return sorted(path.stem for path in resource("demos").glob("*.toml") if path.with_suffix(".safetensors").is_file())


def load_demo(name: str) -> Demo:
    """Raises InvalidValueError for an unknown name or a file that is no demonstration."""
    names = demo_names()
    if name not in names:
        raise InvalidValueError("demo", f"{name!r} is not one of {', '.join(names)}")
    path = resource("demos", f"{name}.toml")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        heading, recipe, trained = content["demo"], content["recipe"], content["trained"]
        return Demo(
            name=name,
            title=heading["title"],
            summary=heading["summary"],
            command=training_command(recipe),
            config=recipe_config(recipe),
            checkpoint=path.with_suffix(".safetensors"),
            sha256=trained["sha256"],
            measured=Measured(**{field: trained[field] for field in Measured.__slots__}),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise InvalidValueError(path.name, f"is no demonstration: {error}") from None


def training_command(recipe: dict[str, Any]) -> tuple[str, ...]:
    """The words of the command that carries a recipe out."""
    changes = [word for change in recipe["set"] for word in ("--set", change)]
    return ("metagui", "train", "--preset", recipe["preset"], "--seed", str(recipe["seed"]), *changes)


def recipe_config(recipe: dict[str, Any]) -> ExperimentConfig:
    """The experiment that a recipe trains; raises InvalidValueError where a field does not fit."""
    changes = [*recipe["set"], f"compute.seed={recipe['seed']}"]
    return apply_overrides(load_preset(recipe["preset"]).config, changes)
