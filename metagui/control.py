"""How a running training is steered: commands arrive from any thread, the trainer polls between inner steps."""

from __future__ import annotations

import threading
from collections import deque

from metagui.events import Change, ControlCommand, Pause, Resume, Step, StepUnit, Stop

_RANK: dict[StepUnit, int] = {"inner_step": 0, "task": 1, "meta_update": 2}


class Control:
    """Thread-safe switchboard between whoever steers and the trainer.

    The trainer calls :meth:`pauses_at` at every boundary and, when that is true, :meth:`wait`.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._commands: deque[ControlCommand] = deque()
        self._changes: list[Change] = []
        self._pause_at: StepUnit | None = None
        self._stopping = False

    def send(self, command: ControlCommand) -> None:
        """Give a command. Later commands win over earlier ones; ``Stop`` is final. A change ends no pause."""
        with self._condition:
            if isinstance(command, Change):
                self._changes.append(command)
                return
            self._commands.append(command)
            self._condition.notify_all()

    @property
    def stopping(self) -> bool:
        with self._condition:
            self._apply()
            return self._stopping

    def changes(self) -> list[Change]:
        """The changes asked for since the last time, in order."""
        with self._condition:
            changes, self._changes = self._changes, []
            return changes

    def pauses_at(self, unit: StepUnit) -> bool:
        """Whether training is to hold at this boundary. A task's end is also the end of an inner step, and so on."""
        with self._condition:
            self._apply()
            return not self._stopping and self._pause_at is not None and _RANK[unit] >= _RANK[self._pause_at]

    def wait(self) -> bool:
        """Block until told to go on. True: training runs freely again; False: one more step, or a stop."""
        with self._condition:
            while True:
                self._condition.wait_for(lambda: bool(self._commands))
                while self._commands and isinstance(self._commands[0], Pause):
                    self._commands.popleft()
                if self._commands:
                    self._apply()
                    return self._pause_at is None and not self._stopping

    def _apply(self) -> None:
        while self._commands:
            match self._commands.popleft():
                case Pause():
                    self._pause_at = "inner_step"
                case Resume():
                    self._pause_at = None
                case Step(unit=unit):
                    self._pause_at = unit
                case Stop():
                    self._stopping = True
