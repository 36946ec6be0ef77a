"""What the store hands out: frozen records of runs, checkpoints and log lines."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metagui.config import ExperimentConfig, parse
from metagui.errors import CheckpointError
from metagui.events import RunStatus
from metagui.runs.ownership import Owner, host_name

LIVE: tuple[RunStatus, ...] = ("queued", "running", "paused")
"""Statuses of a run that some process is answerable for."""

SILENT_SECONDS = 600.0
"""A run of another host may be taken over after this long without a sign of life."""

_ID = re.compile(r"r-(\d{4,})")


def run_id_of(number: int) -> str:
    """``7`` -> ``r-0007``."""
    return f"r-{number:04d}"


def number_of(run_id: str) -> int | None:
    """``r-0007`` -> ``7``; None for what is no run id."""
    match = _ID.fullmatch(run_id)
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as the store knows it. Times are seconds since the epoch, steps are completed meta-updates.

    ``facts`` is what the engine found at the start: device, threads, parameters, norm_mode, n_query. ``detail`` may
    be a traceback. ``owner`` and ``heartbeat`` (its last sign of life) are those of a live run.
    """

    id: str
    name: str
    status: RunStatus
    config: dict[str, Any]
    fingerprint: str
    algorithm: str
    created: float
    started: float | None
    ended: float | None
    reason: str
    detail: str
    step: int
    total_steps: int
    facts: dict[str, Any]
    owner: Owner | None
    heartbeat: float | None
    run_dir: Path

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def silence(self) -> float:
        """Seconds since the last sign of life."""
        return time.time() - (self.heartbeat or self.created)

    @property
    def forsaken(self) -> bool:
        """Whether a live run may be taken over though its owner cannot be asked: another host's, silent for long.

        A renamed machine and a container that was made anew are other hosts, too.
        """
        elsewhere = self.owner is not None and self.owner.host != host_name()
        return self.live and elsewhere and self.silence >= SILENT_SECONDS

    def experiment(self) -> ExperimentConfig:
        """The validated configuration; raises InvalidValueError where this version no longer accepts it."""
        return parse(self.config)


@dataclass(frozen=True, slots=True)
class CheckpointRecord:
    """``path`` is absolute; ``metric`` is the value that decided on ``best``."""

    path: Path
    sha256: str
    step: int
    best: bool
    metric: float | None
    written: float

    def verify(self) -> None:
        """Raises CheckpointError where the file is not, byte for byte, the one that was recorded."""
        try:
            damage = "" if digest_of(self.path) == self.sha256 else "its content is not what was written"
        except OSError as error:
            damage = error.strerror or str(error)
        if damage:
            raise CheckpointError(
                f"{self.path}: this checkpoint is damaged ({damage}); delete it to fall back on an earlier one"
            )


def digest_of(file: Path) -> str:
    """The sha256 of a file, as hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class LogRecord:
    time: float
    level: str
    message: str
