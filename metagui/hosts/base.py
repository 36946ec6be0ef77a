"""What every host offers, and what it puts into its owner's inbox."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import Protocol

from metagui.events import ControlCommand, Event, Train


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """The last record of a child's life: nothing comes after it.

    ``reason`` is a sentence for a person, ``detail`` the last lines the worker printed, ``exit_code`` as in
    :class:`subprocess.Popen` (negative: a signal), ``expected`` whether the host itself had ended the worker.
    """

    reason: str
    detail: str
    exit_code: int | None
    expected: bool


Delivery = Event | WorkerLost


class Inbox(Protocol):
    """Where a host delivers: a bounded :class:`queue.Queue`, or anything that takes records like one."""

    def put(self, item: Delivery, block: bool = True, timeout: float | None = None) -> None:
        """Raises queue.Full after ``timeout`` seconds without room."""


def new_inbox(size: int = 4096) -> queue.Queue[Delivery]:
    """Bounded, so that a worker that floods is slowed down instead of filling this process's memory."""
    return queue.Queue(size)


class Host(Protocol):
    """One place where one training executes. Events arrive in the inbox it was made with."""

    isolated: bool
    """Whether closing ends the work whatever it does; a thread of this process can only be asked."""

    def start(self, train: Train) -> None:
        """Begin; raises WorkerLostError where no worker can be started. Once only."""

    def send(self, command: ControlCommand) -> None:
        """Steer; never blocks, from any thread. Without effect once closed."""

    def close(self, grace: float = 1.0) -> None:
        """End whatever still runs and give every resource back; idempotent.

        A worker is asked to end, after ``grace`` seconds told to, and then made to.
        """
