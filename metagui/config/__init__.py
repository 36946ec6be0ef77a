"""The experiment as data: validated models, presets, overrides. No torch, no Qt."""

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
