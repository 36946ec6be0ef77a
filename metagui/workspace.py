"""Where a run lives on disk. No part of the experiment, so no part of its hash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

from metagui.identity import APP_NAME


def default_data_dir() -> Path:
    """The platform's folder for runs, data sets and settings of this user (not created here)."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


@dataclass(frozen=True, slots=True)
class Workspace:
    """Folders of one run: ``run_dir`` is written, ``data_dir/datasets`` is read."""

    run_dir: Path
    data_dir: Path
    resume_from: Path | None = None

    @property
    def checkpoint_dir(self) -> Path:
        return self.run_dir / "checkpoints"

    @property
    def datasets_dir(self) -> Path:
        return datasets_dir(self.data_dir)


def datasets_dir(data_dir: Path) -> Path:
    """Folder of the installed data sets below a data folder."""
    return data_dir / "datasets"
