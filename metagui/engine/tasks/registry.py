"""Which family belongs to which configuration."""

from __future__ import annotations

from pathlib import Path

from metagui.config.tasks import GlyphTasks, OmniglotTasks, PointTasks, SinusoidTasks, TaskConfig
from metagui.engine.tasks.base import TaskFamily
from metagui.engine.tasks.glyphs import Glyphs
from metagui.engine.tasks.omniglot import Omniglot
from metagui.engine.tasks.points import Points
from metagui.engine.tasks.sinusoid import Sinusoid


def build_family(config: TaskConfig, datasets_dir: Path) -> TaskFamily:
    """The task family of a configuration; ``datasets_dir`` holds installed data sets.

    Raises DataError when a data set is not installed or damaged, InvalidValueError for more ways than classes.
    """
    match config:
        case SinusoidTasks():
            return Sinusoid(config)
        case PointTasks():
            return Points(config)
        case GlyphTasks():
            return Glyphs(config)
        case OmniglotTasks():
            return Omniglot(config, datasets_dir)
