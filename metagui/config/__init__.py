"""The experiment as data: validated models, presets, overrides. No torch, no Qt.

Names are imported when first asked for: a plug-in that derives from one of the classes here must not be looked for
while it is itself being imported.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metagui.config.experiment import SECTIONS, ExperimentConfig, check, choices, parse
    from metagui.config.fields import FieldDescription, Section, describe
    from metagui.config.overrides import apply_overrides, switch
    from metagui.config.presets import DEFAULT_PRESET, Preset, load_preset, load_presets, preset_names
    from metagui.config.problems import Problem

__all__ = [
    "DEFAULT_PRESET",
    "SECTIONS",
    "ExperimentConfig",
    "FieldDescription",
    "Preset",
    "Problem",
    "Section",
    "apply_overrides",
    "check",
    "choices",
    "describe",
    "load_preset",
    "load_presets",
    "parse",
    "preset_names",
    "switch",
]

_MODULES = {
    "experiment": ("SECTIONS", "ExperimentConfig", "check", "choices", "parse"),
    "fields": ("FieldDescription", "Section", "describe"),
    "overrides": ("apply_overrides", "switch"),
    "presets": ("DEFAULT_PRESET", "Preset", "load_preset", "load_presets", "preset_names"),
    "problems": ("Problem",),
}
_WHERE = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
