"""A preset for every cell of the papers' tables, made from its protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from metagui.config.experiment import ExperimentConfig, parse
from metagui.config.presets import Preset, load_preset
from metagui.errors import InvalidValueError
from metagui.papers.table import Cell, Span, cells
from metagui.papers.words import told

PREFIX = "paper-"
MINI_IMAGENET = "mini-imagenet"
"""What the presets call the data set that everybody has to bring along."""

_BOOKKEEPING: dict[str, dict[str, Any]] = {
    "outer": {"validation_every": 100, "validation_tasks": 50},
    "compute": {"checkpoint_every": 250},
}


def preset_name(cell: Cell) -> str:
    """``paper-maml-omniglot-5w1s``"""
    return PREFIX + cell.name


def experiment(cell: Cell) -> ExperimentConfig:
    """The paper's protocol; what is not stated as the preset chooses it, a range at its lower end."""
    content: dict[str, dict[str, Any]] = {name: dict(fields) for name, fields in _BOOKKEEPING.items()}
    for path, value in {**cell.ours, **cell.protocol}.items():
        section, _, field = path.partition(".")
        content.setdefault(section, {})[field] = value.least if isinstance(value, Span) else value
    if cell.setting.family == "mini-ImageNet":
        content["task"]["dataset"] = MINI_IMAGENET
    if cell.metric == "mse":  # quick steps, cheap to look at seldom
        content["outer"]["validation_every"] = content["compute"]["checkpoint_every"] = 1000
    try:
        return parse(content)
    except InvalidValueError as error:
        raise InvalidValueError(f"{cell.method}.toml: cell.{cell.setting_name}: {error.field}", error.message) from None


def preset_of(cell: Cell) -> Preset:
    by = "" if cell.by == "the paper" else f" ({cell.by})"
    counts = f"{len(cell.protocol)} settings as published, {len(cell.ours)} not stated here"
    return Preset(
        name=preset_name(cell),
        title=f"{cell.title} as published: {told(cell)}",
        summary=f"To be reached: {told(cell)}{by}. {counts}.",
        config=experiment(cell),
        group=cell.setting.title,
    )


def paper_presets() -> list[Preset]:
    """One a cell, row by row of the papers' tables."""
    return [preset_of(cell) for cell in cells()]


def require_data(preset: Preset, config: ExperimentConfig, datasets_dir: Path) -> None:
    """Where a paper's preset has no data set to learn from: raises InvalidValueError that says how to add it."""
    dataset = getattr(config.task, "dataset", "")
    if not preset.group or not dataset:
        return
    from metagui.datasets.library import installed_names

    if dataset not in installed_names(datasets_dir):
        raise InvalidValueError(
            "task.dataset",
            f"no data set {dataset!r} is installed, and mini-ImageNet's pictures are not ours to ship: add yours with "
            f"metagui data add {MINI_IMAGENET} --from PATH (a folder or zip with a folder of pictures for each class, "
            "in train, val and test), or name one with --set task.dataset=NAME",
        )


def find_preset(name: str) -> Preset:
    """A shipped preset or a paper's. Raises InvalidValueError for an unknown name."""
    if not name.startswith(PREFIX):
        return load_preset(name)
    by_name = {preset_name(cell): cell for cell in cells()}
    if name not in by_name:
        import difflib

        near = difflib.get_close_matches(name, by_name, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InvalidValueError("--preset", f"{name!r} is no paper's cell; {hint}metagui presets --papers lists them")
    return preset_of(by_name[name])
