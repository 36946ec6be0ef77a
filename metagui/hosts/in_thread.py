"""Training in a thread of this very process: for debugging and the smallest demonstrations, chosen explicitly.

It imports torch here, shares the interpreter with the window and takes it down when it crashes: the child host does
none of this.
"""

from __future__ import annotations

import os
import queue
import sys
import threading

from metagui.config import ExperimentConfig
from metagui.control import Control
from metagui.events import PROTOCOL_VERSION, ControlCommand, Event, RunEnded, Stop, Train, WorkerReady
from metagui.hosts.base import Inbox
from metagui.hosts.execution import Emit, Trainer, execute
from metagui.workspace import Workspace


class InThreadHost:
    """The child host's protocol without a child. A thread cannot be killed: closing asks, waits, and may give up."""

    isolated: bool = False

    def __init__(self, inbox: Inbox, *, trainer: Trainer | None = None) -> None:
        self._inbox = inbox
        self._trainer = trainer
        self._control = Control()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, train: Train) -> None:
        if self._thread is not None or self._closing.is_set():
            raise RuntimeError("a host starts once")
        self._thread = threading.Thread(target=self._run, args=(train,), name="host-training", daemon=True)
        self._thread.start()

    def send(self, command: ControlCommand) -> None:
        self._control.send(command)

    def close(self, grace: float = 1.0) -> None:
        self._control.send(Stop())
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=grace + 1.0)

    def _run(self, train: Train) -> None:
        execute(train, self._train, self._control, self._deliver)

    def _train(self, config: ExperimentConfig, workspace: Workspace, control: Control, emit: Emit) -> RunEnded:
        trainer = self._trainer or _import_trainer()
        torch = sys.modules.get("torch")
        version = str(getattr(torch, "__version__", ""))
        self._deliver(WorkerReady(protocol=PROTOCOL_VERSION, pid=os.getpid(), torch_version=version))
        return trainer(config, workspace, control, emit)

    def _deliver(self, event: Event) -> None:
        while True:
            try:
                return self._inbox.put(event, timeout=0.1)
            except queue.Full:
                if self._closing.is_set():
                    return None


def _import_trainer() -> Trainer:
    from metagui.engine import trainer

    return trainer.run
