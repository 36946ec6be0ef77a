"""Writes a run's checkpoints, and says once when the disk refuses."""

from __future__ import annotations

import time
from collections.abc import Callable

from metagui.engine.checkpoint import Checkpoint, checkpoint_name, write_checkpoint
from metagui.events import CheckpointWritten, LogLine, RunEvent
from metagui.workspace import Workspace

CHECKPOINT_SECONDS = 60.0
"""A slow run is saved this often, however few steps it made."""


class CheckpointWriter:
    """``saved_step`` is that of the latest checkpoint on disk, None before the first."""

    def __init__(self, workspace: Workspace, emit: Callable[[RunEvent], None], saved_step: int | None = None) -> None:
        self.saved_step = saved_step
        self._workspace = workspace
        self._emit = emit
        self._tried_at = time.monotonic()
        self._disk_refuses = False

    @property
    def is_overdue(self) -> bool:
        return time.monotonic() - self._tried_at > CHECKPOINT_SECONDS

    def write(self, checkpoint: Checkpoint, metric: float | None = None) -> bool:
        """Whether it could be written; ``metric`` is given with a new best. Training goes on in any case."""
        path = self._workspace.checkpoint_dir / checkpoint_name(checkpoint.step)
        self._tried_at = time.monotonic()
        try:
            sha256 = write_checkpoint(path, checkpoint)
        except OSError as error:
            if not self._disk_refuses:  # said once, not at every attempt
                self._disk_refuses = True
                why = error.strerror or str(error)
                message = (
                    f"The checkpoint of meta-step {checkpoint.step:,} could not be written to {path.parent}: {why}."
                )
                self._emit(LogLine(level="error", message=f"{message} Training goes on and keeps trying."))
            return False
        if self._disk_refuses:
            self._disk_refuses = False
            message = f"Checkpoints are written again, from meta-step {checkpoint.step:,} on."
            self._emit(LogLine(level="info", message=message))
        self.saved_step = checkpoint.step
        relative = path.relative_to(self._workspace.run_dir).as_posix()
        self._emit(
            CheckpointWritten(
                path=relative, sha256=sha256, step=checkpoint.step, best=metric is not None, metric=metric
            )
        )
        return True
