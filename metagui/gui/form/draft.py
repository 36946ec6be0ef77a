"""The experiment being edited: what the person wrote, right or wrong, and what is wrong with it. No widgets."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from metagui.config import (
    SECTIONS,
    ExperimentConfig,
    Preset,
    Problem,
    Section,
    check,
    choices,
    describe,
    parse,
    switch,
)
from metagui.config.compute import ComputeConfig
from metagui.config.suggestions import is_suggested, suggested_model

_EXAMPLES: dict[type, Callable[[Any], str]] = {
    int: lambda default: f"write a whole number such as {default}",
    float: lambda default: f"write a number such as {default:g}",
    tuple: lambda default: f"write whole numbers with commas between them, such as {', '.join(map(str, default))}",
}


class Draft:
    """Content of every section, valid or not, compared with the preset it began from.

    ``presets`` must not be empty; the first one opens unless another is loaded.
    """

    def __init__(self, presets: list[Preset]) -> None:
        self.presets = {preset.name: preset for preset in presets}
        self.preset = presets[0]
        self._content = presets[0].config.to_dict()

    def section_class(self, section: str) -> type[Section]:
        """The class chosen for a section."""
        return ComputeConfig if section == "compute" else choices(section)[self.name_of(section)]

    def name_of(self, section: str) -> str:
        """Discriminator of a section, e.g. ``imaml``."""
        return str(self._content[section]["name"])

    def value(self, section: str, field: str) -> Any:
        return self._content[section][field]

    def set_value(self, section: str, field: str, value: Any) -> None:
        """Note what was written; a text where a number belongs is kept as it is and reported by problems()."""
        self._content[section][field] = value

    def choose(self, section: str, name: str) -> None:
        """Another class for a section; fields both have keep what the person changed."""
        self._content = switch(self._content, section, name)

    def suggest_model(self, side: int, channels: int) -> None:
        """The network that is usual for pictures of this form, unless the person chose one."""
        if is_suggested(self._content["model"]):
            self._content["model"] = suggested_model("images", side, channels)

    def load(self, config: ExperimentConfig, preset: Preset | None = None) -> None:
        """Take over a whole experiment, compared with ``preset`` or else with the preset it resembles most."""
        self._content = config.to_dict()
        self.preset = preset or min(self.presets.values(), key=lambda known: len(self._changes_to(known)))

    def load_preset(self, name: str) -> None:
        preset = self.presets[name]
        self.load(preset.config, preset)

    def problems(self) -> list[Problem]:
        """All that is wrong, by path of a field: ``section.field``."""
        return [self._in_plain_words(problem) for problem in check(self._content)]

    def config(self) -> ExperimentConfig | None:
        """The experiment, or None while anything is wrong."""
        return None if self.problems() else parse(self._content)

    def changed_paths(self) -> list[str]:
        """Paths whose values differ from the preset's (``section.name`` stands for a section of another class)."""
        return self._changes_to(self.preset)

    def made_for_it(self) -> Preset | None:
        """A preset for the algorithm and the task now chosen, where the one in use is for another algorithm."""
        wanted = self.name_of("task"), self.name_of("algorithm")
        if self.preset.config.algorithm.name == wanted[1]:
            return None
        fitting = (
            preset
            for preset in self.presets.values()
            if not preset.group and (preset.config.task.name, preset.config.algorithm.name) == wanted
        )
        return next(fitting, None)

    def _changes_to(self, preset: Preset) -> list[str]:
        changed: list[str] = []
        reference = preset.config.to_dict()
        for section in SECTIONS:
            ours = self._content[section]
            if "name" in ours and ours["name"] != reference[section]["name"]:
                changed.append(f"{section}.name")
                reference = switch(reference, section, ours["name"])
            changed += [f"{section}.{name}" for name, value in ours.items() if value != reference[section][name]]
        return changed

    def _in_plain_words(self, problem: Problem) -> Problem:
        section, _, rest = problem.path.partition(".")
        name = rest.partition(".")[0]
        written = self._content.get(section, {}).get(name)
        if not isinstance(written, str) or name == "name":
            return Problem(f"{section}.{name}", problem.message)
        field = next(known for known in describe(self.section_class(section)) if known.name == name)
        example = _EXAMPLES.get(type(field.default))
        if example is None:
            return Problem(f"{section}.{name}", problem.message)
        given = f"not {written.strip()!r}" if written.strip() else "it is empty"
        return Problem(problem.path, f"{example(field.default)}; {given}")

    def content(self) -> dict[str, Any]:
        """A copy of what was written."""
        return copy.deepcopy(self._content)
