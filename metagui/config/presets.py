"""Presets: complete experiments in ``resources/presets/*.toml``, with a title and a sentence."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from metagui.config.experiment import ExperimentConfig, parse
from metagui.errors import InvalidValueError
from metagui.resources import resource

DEFAULT_PRESET = "sinusoid-maml"


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    title: str
    summary: str
    config: ExperimentConfig
    group: str = ""
    """Where a gallery keeps it apart from the others; empty for those that stand in front."""


def preset_names() -> list[str]:
    """Names of the shipped presets, sorted."""
    return sorted(path.stem for path in resource("presets").glob("*.toml"))


def load_preset(name: str) -> Preset:
    """Raises InvalidValueError for an unknown name or a file that is no valid experiment."""
    names = preset_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InvalidValueError("--preset", f"{name!r} is not one of {', '.join(names)}{hint}")
    return read_preset(resource("presets", f"{name}.toml"))


def read_preset(path: Path) -> Preset:
    """One preset file; a wrong field is reported with the file's name."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        heading = content.pop("preset")
        return Preset(path.stem, heading["title"], heading["summary"], parse(content))
    except InvalidValueError as error:
        raise InvalidValueError(f"{path.name}: {error.field}", error.message) from None
    except (tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError) as error:
        raise InvalidValueError(path.name, f"is no preset: {error}") from None


def load_presets() -> list[Preset]:
    """All shipped presets, by name."""
    return [load_preset(name) for name in preset_names()]
