"""Where episodes come from: task families, and the data sets some of them need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metagui.config.tasks import TaskSection
    from metagui.engine.tasks.base import TaskFamily


def build_family(config: TaskSection, datasets_dir: Path) -> TaskFamily:
    """The task family of a configuration; see :func:`metagui.engine.tasks.registry.build_family`."""
    # Imported here: installing a data set uses this package too and needs no torch.
    from metagui.engine.tasks import registry

    return registry.build_family(config, datasets_dir)
