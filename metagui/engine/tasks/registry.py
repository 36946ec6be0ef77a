"""Which family belongs to which configuration."""

from __future__ import annotations

from pathlib import Path

from metagui.config.tasks import TaskSection
from metagui.engine.implementation import implementation_of
from metagui.engine.tasks.base import TaskFamily


def build_family(config: TaskSection, datasets_dir: Path) -> TaskFamily:
    """The task family of a configuration; ``datasets_dir`` holds installed data sets.

    Raises DataError when a data set is not installed or damaged, InvalidValueError for more ways than classes.
    """
    family: TaskFamily = implementation_of("task.name", config)(config, datasets_dir)
    return family
