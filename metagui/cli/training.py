"""A training run in this process: what ``train`` and ``resume`` share."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from metagui.cli.console import INTERRUPTED, OK, discard_stdout, report_error
from metagui.cli.interrupts import interrupts
from metagui.cli.json_lines import JsonLines
from metagui.cli.progress import Progress
from metagui.control import Control
from metagui.events import RunEnded, RunEvent, Stop
from metagui.workspace import Workspace

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.runs.records import RunRecord
    from metagui.runs.store import RunStore


class _Output:
    """Where events are shown, until nobody reads it any more; then training is asked to stop."""

    def __init__(self, view: JsonLines | Progress, control: Control) -> None:
        self._view: JsonLines | Progress | None = view
        self._control = control

    def show(self, event: RunEvent) -> None:
        if self._view is None:
            return
        try:
            self._view.show(event)
        except BrokenPipeError:
            self._view = None
            discard_stdout()
            self._control.send(Stop())


def run_here(
    store: RunStore,
    record: RunRecord,
    config: ExperimentConfig,
    *,
    json: bool,
    resume_from: Path | None = None,
    seconds: float | None = None,
) -> int:
    """Train in this thread, record and show what happens; returns the exit code.

    After ``seconds``, where given, training that still goes on stops with a checkpoint.
    """
    # Read by OpenMP when torch is loaded: threads that wait must not burn the core another program needs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from metagui.engine import trainer
    from metagui.runs.recorder import RunRecorder

    control = Control()
    view = JsonLines(record, config) if json else Progress(record)
    output = _Output(view, control)
    recorder = RunRecorder(store, record.id)

    def emit(event: RunEvent) -> None:
        recorder.record(event)
        output.show(event)

    def stop() -> None:
        # In a signal handler: only what cannot block.
        control.send(Stop())
        with contextlib.suppress(OSError):
            os.write(2, b"\nmetagui: stopping with a checkpoint; press Ctrl-C again to leave at once\n")

    workspace = Workspace(run_dir=record.run_dir, data_dir=store.data_dir, resume_from=resume_from)
    try:
        with interrupts(stop), _deadline(seconds, control) as time_is_over:
            ended = trainer.run(config, workspace, control, emit)
    except KeyboardInterrupt:
        store.set_status(record.id, "stopped", "Left at once: what came after the last checkpoint is lost.")
        raise
    finally:
        recorder.close()
        view.close()
    return OK if ended.status == "stopped" and time_is_over.is_set() else _exit_code(ended)


@contextlib.contextmanager
def _deadline(seconds: float | None, control: Control) -> Iterator[threading.Event]:
    """Ends training at a time; what was planned to end before that does so of itself. Yields whether it had to."""
    over = threading.Event()
    if seconds is None:
        yield over
        return

    def end() -> None:
        print("metagui: the time is over; stopping with a checkpoint", file=sys.stderr, flush=True)
        control.send(Stop())
        over.set()

    timer = threading.Timer(max(0.0, seconds), end)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
        timer.join()


def _exit_code(ended: RunEnded) -> int:
    match ended.status:
        case "finished":
            return 0
        case "stopped":
            return INTERRUPTED
        case _:
            if ended.detail:
                print(ended.detail.rstrip(), file=sys.stderr)
            report_error(ended.reason)
            return ended.exit_code or 1


def show_notices(store: RunStore) -> None:
    """What opening the store had to mend, on stderr."""
    for notice in store.notices:
        print(f"metagui: {notice}", file=sys.stderr)
