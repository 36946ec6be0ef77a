"""Runs one training to its one RunEnded, whatever happens: shared by the worker and the in-thread host."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from metagui.config import ExperimentConfig, parse
from metagui.control import Control
from metagui.errors import MetaguiError
from metagui.events import RunEnded, RunEvent, Train
from metagui.workspace import Workspace

Emit = Callable[[RunEvent], None]
Trainer = Callable[[ExperimentConfig, Workspace, Control, Emit], RunEnded]


def execute(train: Train, trainer: Trainer, control: Control, emit: Emit) -> None:
    """Call the trainer and see to it that RunEnded is emitted exactly once, as the last event."""
    ended: RunEnded | None = None

    def emit_until_end(event: RunEvent) -> None:
        nonlocal ended
        if ended is None:
            emit(event)
            if isinstance(event, RunEnded):
                ended = event

    try:
        config = parse(train.config)
        result = trainer(config, workspace_of(train), control, emit_until_end)
    except MetaguiError as error:
        result = RunEnded(status="failed", step=0, reason=str(error), exit_code=error.exit_code)
    except MemoryError as error:
        result = RunEnded(status="failed", step=0, reason=f"memory ran out: {error}", exit_code=1)
    except Exception as error:
        reason = f"training failed: {type(error).__name__}: {error}"
        if ended is not None:  # too late for the run, which has ended; not to be lost without a trace
            traceback.print_exc()
        result = RunEnded(status="failed", step=0, reason=reason, detail=traceback.format_exc(), exit_code=1)
    if ended is None:
        emit(result)


def workspace_of(train: Train) -> Workspace:
    resume = Path(train.resume_from) if train.resume_from else None
    return Workspace(Path(train.run_dir), Path(train.data_dir), resume)
