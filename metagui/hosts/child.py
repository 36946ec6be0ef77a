"""A worker in a process of its own: whatever happens to it, this process lives on and is told."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from metagui.errors import WorkerLostError
from metagui.events import ControlCommand, ProtocolError, Request, Shutdown, Train, decode_event, encode
from metagui.hosts.base import Delivery, Inbox, WorkerLost
from metagui.hosts.exit_words import exit_words, last_error
from metagui.hosts.frames import FrameReader, FrameWriter
from metagui.hosts.launch import launch, worker_command

TRAINING_NICE = 10  # measured: a painting window stays smooth, training loses 2-16 %
INTERACTIVE_NICE = 5  # a person waits for the answer, but the window goes first

_OUTPUT_LINES = 200
_OUTPUT_LINE_BYTES = 2000
_CLOSED_PIPE_GRACE = 2.0
_TERMINATE_GRACE = 1.0


class ChildHost:
    """Starts a worker and speaks the protocol of :mod:`metagui.events` with it.

    ``title`` is the subject of sentences about its end; ``variables`` join the worker's environment. Threads: one
    writes (so that sending never blocks), one reads frames into ``inbox``, one keeps the last lines of what the
    worker prints.
    """

    def __init__(
        self,
        inbox: Inbox,
        *,
        command: Sequence[str] | None = None,
        nice: int = TRAINING_NICE,
        title: str = "the training process",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._inbox = inbox
        self._command = list(command) if command is not None else worker_command()
        self._nice = nice
        self._title = title
        self._variables = dict(variables or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._output: deque[str] = deque(maxlen=_OUTPUT_LINES)
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._close_lock = threading.Lock()

    isolated: bool = True

    @property
    def pid(self) -> int | None:
        """Process id of the worker once it was started."""
        return self._process.pid if self._process is not None else None

    def open(self) -> None:
        """Start the worker, without work yet; raises WorkerLostError where that fails. Once only."""
        if self._process is not None or self._closing.is_set():
            raise RuntimeError("a host starts its worker once")
        launched = launch(self._command, self._nice, self._variables)
        self._process = launched.process
        writing = self._thread("write", self._write, launched.writer)
        output = self._thread("output", self._keep_output, launched.process)
        reading = self._thread("read", self._read, launched.reader, launched.process, output)
        self._threads = [writing, output, reading]
        for thread in self._threads:
            thread.start()

    def start(self, train: Train) -> None:
        self.open()
        self.send(train)

    def send(self, message: ControlCommand | Request) -> None:
        if not self._closing.is_set():
            self._outgoing.put(encode(message))

    def close(self, grace: float = 1.0) -> None:
        with self._close_lock:
            if not self._closing.is_set():
                self._outgoing.put(encode(Shutdown()))
                self._outgoing.put(None)
            self._closing.set()
            if self._process is None:
                return
            end_process(self._process, grace)
            for thread in self._threads:
                # A grandchild may hold the output pipe open for ever; the thread then dies with this process.
                thread.join(timeout=5.0)
            self._threads = []

    def _thread(self, name: str, target: Callable[..., None], *args: object) -> threading.Thread:
        return threading.Thread(target=target, args=args, name=f"host-{name}", daemon=True)

    def _write(self, writer: FrameWriter) -> None:
        try:
            while (frame := self._outgoing.get()) is not None:
                writer.write(frame)
        except OSError:
            pass  # the worker is gone; the reading thread says so
        finally:
            writer.close()

    def _keep_output(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            while line := stream.readline(_OUTPUT_LINE_BYTES):
                self._output.append(line.decode("utf-8", "replace").rstrip())

    def _read(self, reader: FrameReader, process: subprocess.Popen[bytes], output: threading.Thread) -> None:
        complaint = ""
        try:
            while (frame := reader.read()) is not None:
                self._deliver(decode_event(frame))
        except (ProtocolError, OSError) as error:
            complaint = str(error)
        finally:
            reader.close()
        self._deliver(self._lost(process, complaint, output))

    def _deliver(self, item: Delivery) -> None:
        """Wait for room as long as anyone may still read; a full inbox thereby slows the worker down."""
        while True:
            try:
                return self._inbox.put(item, timeout=0.0 if self._closing.is_set() else 0.1)
            except queue.Full:
                if self._closing.is_set():
                    return None

    def _lost(self, process: subprocess.Popen[bytes], complaint: str, output: threading.Thread) -> WorkerLost:
        """The worker's connection has ended: wait for its exit code, and make it exit where it lives on."""
        exit_code: int | None
        try:
            exit_code = process.wait(timeout=_CLOSED_PIPE_GRACE)
        except subprocess.TimeoutExpired:
            exit_code = None
        expected = self._closing.is_set()
        end_process(process, 0.0)
        output.join(timeout=1.0)
        detail = "\n".join(self._output)
        self._outgoing.put(None)
        words = exit_words(exit_code)
        if complaint and exit_code in (0, None):
            words = f"sent something that is no message and had to be ended: {complaint}"
        elif exit_code is not None and exit_code > 0 and (error := last_error(detail)):
            words = f"{words}: {error}"
        return WorkerLost(f"{self._title} {words}", detail, exit_code, expected)


def end_process(process: subprocess.Popen[bytes], grace: float) -> None:
    """Wait ``grace`` seconds, then ask (SIGTERM), then force (SIGKILL); returns when the process is reaped."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace)
        return
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_TERMINATE_GRACE)
        return
    _kill_group(process)
    try:
        process.wait(timeout=10.0)
    except subprocess.TimeoutExpired as error:  # uninterruptible sleep: a dead network drive, a driver
        raise WorkerLostError(f"process {process.pid} cannot be ended; the system still holds it") from error


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """The worker leads a process group; what it started itself goes with it."""
    if sys.platform == "win32":
        process.kill()
    elif process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
