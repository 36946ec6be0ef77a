"""Recording that outlives a moody disk: a store that refuses is told of, tried again, and never kills a training."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from metagui.errors import MetaguiError
from metagui.events import RunEvent
from metagui.runs.recorder import RunRecorder
from metagui.runs.store import RunStore

RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
HEARTBEAT_SECONDS = 2.0
BUSY_SECONDS = 2.0


class Ledger:
    """Records one run in a store of its own, opened in the thread that makes it.

    While the store refuses (a full disk, a locked database), events wait here and the store is tried again every
    ``RETRY_SECONDS``. After ``PATIENCE_SECONDS`` of refusals :attr:`given_up` is true, and the training should be
    stopped with a checkpoint: curves that nobody can keep are not worth more hours. ``tell`` gets a sentence when
    the trouble begins, and one when it is over.
    """

    def __init__(self, data_dir: Path, run_id: str, tell: Callable[[str], None]) -> None:
        """Raises StoreError where the store cannot be opened at all."""
        self._store = RunStore(data_dir)
        # Another program's lock is waited for by trying again, not by leaving the worker unattended.
        self._store.database.wait_at_most(BUSY_SECONDS)
        self._recorder = RunRecorder(self._store, run_id)
        self._run_id = run_id
        self._tell = tell
        self._waiting: deque[RunEvent] = deque()
        self._trouble_since: float | None = None
        self._next_try = 0.0
        self._next_heartbeat = 0.0
        self.trouble = ""
        """What the store last said, while it refuses."""

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    @property
    def given_up(self) -> bool:
        return self._trouble_since is not None and time.monotonic() - self._trouble_since > PATIENCE_SECONDS

    def record(self, event: RunEvent) -> None:
        """Never raises for what the disk does."""
        self._waiting.append(event)
        if self._trouble_since is None or time.monotonic() >= self._next_try:
            self._write()

    def tick(self) -> None:
        """To be called a few times a second: a sign of life, and another try where one is due."""
        now = time.monotonic()
        if self._trouble_since is not None:
            if now >= self._next_try:
                self._write()
        elif now >= self._next_heartbeat:
            self._next_heartbeat = now + HEARTBEAT_SECONDS
            self._write(beat=True)

    def settle(self, seconds: float) -> bool:
        """Try to get all that waits written, for a while at most; whether that succeeded."""
        deadline = time.monotonic() + seconds
        while not self._write(flush=True):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _write(self, *, flush: bool = False, beat: bool = False) -> bool:
        try:
            while self._waiting:
                self._recorder.record(self._waiting[0])
                self._waiting.popleft()
            if flush:
                self._recorder.flush()
            if beat:
                self._store.heartbeat(self._run_id)
        except (MetaguiError, OSError) as error:
            self._refused(str(error))
            return False
        if self._trouble_since is not None:
            self._trouble_since, self.trouble = None, ""
            self._tell("The run is recorded again; nothing was lost.")
        return True

    def _refused(self, trouble: str) -> None:
        now = time.monotonic()
        self.trouble = trouble
        self._next_try = now + RETRY_SECONDS
        if self._trouble_since is None:
            self._trouble_since = now
            self._tell(f"The run cannot be recorded: {trouble} Training goes on, and recording is tried again.")
