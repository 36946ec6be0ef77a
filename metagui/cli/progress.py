"""A run for a person at a terminal: a progress bar on stderr, and on stdout what came of it."""

from __future__ import annotations

import contextlib
import math
import os
import shlex
import sys
import time
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from metagui import events
from metagui.cli.console import short
from metagui.cli.series import Mean, Values, is_held_out, rows
from metagui.events import CheckpointWritten, LogLine, Metrics, RunEnded, RunEvent, RunStarted
from metagui.workspace import default_data_dir

if TYPE_CHECKING:
    from metagui.runs.records import RunRecord

LINE_EVERY = 10.0
"""Seconds between two lines where stderr is a file: a log is no place for a bar."""


class Progress:
    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._loss = Mean()
        self._shown_loss = math.nan
        self._validation: Values = {}
        self._bar: tqdm[Any] | None = None
        self._line_due = 0.0
        self._line_step = -1

    def show(self, event: RunEvent) -> None:
        match event:
            case RunStarted():
                self._started(event)
            case Metrics():
                self._metrics(event)
            case events.Progress():
                self._progress(event)
            case LogLine():
                self._say(f"metagui: {event.level}: {event.message}")
            case RunEnded():
                self.close()
                self._ended(event)
            case CheckpointWritten():
                pass  # a matter of course; `--json` and the store have them all

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _started(self, event: RunStarted) -> None:
        many = "s" if event.threads != 1 else ""
        self._say(
            f"run {self._record.id} ({self._record.name}): {event.parameters:,} parameters on {event.device}, "
            f"{event.threads} thread{many}"
        )
        if _shows_a_bar():
            tqdm.monitor_interval = 0  # no thread of its own: progress arrives several times a second
            self._bar = tqdm(
                total=event.total_steps,
                initial=event.step,
                dynamic_ncols=True,
                bar_format="{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}",
            )

    def _metrics(self, event: Metrics) -> None:
        for step, _time, values in rows(event):
            if "outer_loss" in values:
                self._loss.add(step, {"outer_loss": values["outer_loss"]})
            self._validation |= {name: value for name, value in values.items() if is_held_out(name)}

    def _progress(self, event: events.Progress) -> None:
        if self._loss.steps:
            self._shown_loss = self._loss.take()["outer_loss"]
        words = [f"{event.tasks_per_second:,.0f} tasks/s"]
        if event.eta is not None:
            words.append(f"ETA {duration(event.eta)}")
        if not math.isnan(self._shown_loss):
            words.append(f"outer loss {short(self._shown_loss)}")
        validation = self._validation_words()
        if validation:
            words.append(f"validation {validation}")
        if self._bar is not None:
            self._bar.n = event.step
            self._bar.set_postfix_str(", ".join(words))
        elif time.monotonic() >= self._line_due or event.step == event.total_steps != self._line_step:
            self._line_step = event.step
            self._line_due = time.monotonic() + LINE_EVERY
            share = 100 * event.step / event.total_steps
            self._say(f"step {event.step:,} of {event.total_steps:,} ({share:.0f} %), {', '.join(words)}")

    def _validation_words(self) -> str:
        if "validation_accuracy" in self._validation:
            return f"accuracy {self._validation['validation_accuracy']:.1%}"
        if "validation_loss" in self._validation:
            return f"loss {short(self._validation['validation_loss'])}"
        return ""

    def _folder_option(self) -> str:
        """What a command that is pasted needs to find this run."""
        data_dir = self._record.run_dir.parent.parent
        return "" if data_dir == default_data_dir() else f" --data-dir {shlex.quote(str(data_dir))}"

    def _ended(self, event: RunEnded) -> None:
        if event.status in ("finished", "stopped"):
            print(event.reason)
        print(f"run         {self._record.id}  {self._record.name}")
        print(f"folder      {self._record.run_dir}")
        validation = self._validation_words()
        if validation:
            print(f"validation  {validation}, on held-out tasks")
        if event.status == "finished":
            print(f"next        metagui evaluate {self._record.id} --tasks 600{self._folder_option()}")
        elif event.step:
            print(f"go on with  metagui resume {self._record.id}{self._folder_option()}")
        sys.stdout.flush()

    def _say(self, line: str) -> None:
        with contextlib.suppress(OSError):
            if self._bar is not None:
                self._bar.write(line, file=sys.stderr)
            else:
                print(line, file=sys.stderr, flush=True)


def _shows_a_bar() -> bool:
    """Whether stderr is a terminal with room for one: some, made by programs, say that they have no columns."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns > 40
    except (OSError, ValueError):
        return False


def duration(seconds: float) -> str:
    """``75`` -> ``1:15``; hours where there are any."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{second:02d}" if hours else f"{minutes}:{second:02d}"
