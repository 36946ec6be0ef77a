"""The worker process: ``python -m metagui.worker``, started by a host and speaking the protocol of metagui.events.

Two threads. One reads: control goes straight to the training, requests wait in line. The main thread imports torch,
says that it is ready, and answers. When the connection ends, because the host closed it or was killed, the worker
ends too, after a moment to save a running training.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from metagui.control import Control
from metagui.errors import InvalidValueError, MetaguiError
from metagui.events import (
    PROTOCOL_VERSION,
    Adapt,
    Adapted,
    Cancel,
    ControlCommand,
    DeviceInfo,
    Devices,
    EstimateMemory,
    Evaluate,
    Evaluated,
    EvaluationProgress,
    Event,
    Inbound,
    Inside,
    ListDevices,
    LogLine,
    LookInside,
    MemoryEstimated,
    ProtocolError,
    Record,
    Recorded,
    Request,
    RequestFailed,
    Shutdown,
    Stop,
    Studied,
    Study,
    Train,
    WorkerReady,
    decode_inbound,
    encode,
)
from metagui.hosts.execution import Trainer, execute
from metagui.hosts.frames import FrameReader, FrameWriter
from metagui.hosts.launch import inherited_fd

SAVING_GRACE = 10.0
"""Seconds that a training gets to end with a checkpoint once the host is gone."""

EXIT_ORPHANED = 4

SUPERSEDING = (Adapt, Study, LookInside, Evaluate, Record, EstimateMemory)
"""Requests of which only the newest is worth answering, of Study the newest of each channel."""

Superseded = Callable[[], bool]
Progressed = Callable[[int, int], None]
"""Told how many tasks are done, of how many."""

_Line = tuple[type[Request], str]


@dataclass(frozen=True, slots=True)
class Engine:
    """What a worker can be asked to do, as plain calls."""

    train: Trainer
    adapt: Callable[[Adapt, Superseded], Adapted | None]
    evaluate: Callable[[Evaluate, Superseded, Progressed], Evaluated | None]
    record: Callable[[Record, Superseded], Recorded | None]
    estimate: Callable[[EstimateMemory, Superseded], MemoryEstimated | None]
    study: Callable[[Study, Superseded], Studied | None]
    look_inside: Callable[[LookInside, Superseded], Inside | None]
    list_devices: Callable[[], tuple[DeviceInfo, ...]]
    version: str


def import_engine() -> Engine:
    """The real one; takes the seconds that importing torch takes."""
    from metagui.engine import adaptation, device, evaluation, memory, studio, trainer
    from metagui.engine.walkthrough import recorder

    version = str(getattr(sys.modules.get("torch"), "__version__", ""))
    return Engine(
        trainer.run,
        adaptation.adapt,
        evaluation.evaluate,
        recorder.record,
        memory.answer,
        studio.study,
        studio.look_inside,
        device.list_devices,
        version,
    )


class _Mailbox:
    """Requests in line, of each kind in SUPERSEDING the newest only; and the training's control."""

    def __init__(self) -> None:
        self.control = Control()
        self.training = False
        self._condition = threading.Condition()
        self._waiting: list[Request] = []
        self._newest: dict[_Line, int] = {}
        self._cancelled: set[int] = set()

    def put(self, message: Inbound) -> None:
        if isinstance(message, ControlCommand):
            self.control.send(message)
            return
        with self._condition:
            if isinstance(message, Cancel):
                self._cancelled.add(message.request)
                self._waiting = [other for other in self._waiting if _number(other) != message.request]
                return
            if isinstance(message, SUPERSEDING):
                line = _line_of(message)
                self._newest[line] = message.request
                self._waiting = [other for other in self._waiting if _line_of(other) != line]
            self._waiting.append(message)
            self._condition.notify()

    def take(self) -> Request:
        with self._condition:
            self._condition.wait_for(lambda: bool(self._waiting))
            return self._waiting.pop(0)

    def is_superseded(self, request: Adapt | Evaluate | Study | LookInside | Record | EstimateMemory) -> bool:
        with self._condition:
            return request.request in self._cancelled or self._newest[_line_of(request)] != request.request


def _line_of(request: Request) -> _Line:
    """Requests of one line supersede each other."""
    return type(request), getattr(request, "channel", "")


def _number(request: Request) -> int | None:
    return getattr(request, "request", None)


class Worker:
    """Serves one host until its connection ends. At most one training in its life."""

    def __init__(self, reader: FrameReader, writer: FrameWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._mailbox = _Mailbox()
        self._trained = False

    def serve(self, load: Callable[[], Engine]) -> NoReturn:
        """Answer for ever; the reading thread ends the process."""
        threading.Thread(target=self._read, name="worker-control", daemon=True).start()
        engine = load()
        self._emit(WorkerReady(protocol=PROTOCOL_VERSION, pid=os.getpid(), torch_version=engine.version))
        while True:
            self._answer(self._mailbox.take(), engine)

    def _answer(self, request: Request, engine: Engine) -> None:
        match request:
            case Train():
                self._train(request, engine.train)
            case Adapt():
                self._reply(
                    request.request, lambda: engine.adapt(request, lambda: self._mailbox.is_superseded(request))
                )
            case Study():
                self._reply(
                    request.request, lambda: engine.study(request, lambda: self._mailbox.is_superseded(request))
                )
            case LookInside():
                self._reply(
                    request.request, lambda: engine.look_inside(request, lambda: self._mailbox.is_superseded(request))
                )
            case Record():
                self._reply(
                    request.request, lambda: engine.record(request, lambda: self._mailbox.is_superseded(request))
                )
            case EstimateMemory():
                self._reply(
                    request.request, lambda: engine.estimate(request, lambda: self._mailbox.is_superseded(request))
                )
            case Evaluate():
                self._evaluate(request, engine)
            case ListDevices():
                self._reply(request.request, lambda: Devices(request=request.request, devices=engine.list_devices()))
            case Shutdown():
                _exit(0)

    def _evaluate(self, request: Evaluate, engine: Engine) -> None:
        def tell(done: int, total: int) -> None:
            self._emit(EvaluationProgress(request=request.request, done=done, total=total))

        self._reply(
            request.request, lambda: engine.evaluate(request, lambda: self._mailbox.is_superseded(request), tell)
        )

    def _train(self, request: Train, trainer: Trainer) -> None:
        if self._trained:
            self._emit(LogLine(level="error", message="this worker has trained already; each run has its own"))
            return
        self._trained = self._mailbox.training = True
        try:
            execute(request, trainer, self._mailbox.control, self._emit)
        finally:
            self._mailbox.training = False

    def _reply(self, number: int, compute: Callable[[], Event | None]) -> None:
        try:
            answer = compute()
        except InvalidValueError as error:
            answer = RequestFailed(request=number, message=error.message, field=error.field)
        except MetaguiError as error:
            answer = RequestFailed(request=number, message=str(error))
        except MemoryError as error:
            answer = RequestFailed(request=number, message=f"memory ran out: {error}")
        except Exception as error:
            traceback.print_exc()
            answer = RequestFailed(request=number, message=f"{type(error).__name__}: {error}")
        if answer is not None:
            self._emit(answer)

    def _emit(self, event: Event) -> None:
        try:
            self._writer.write(encode(event))
        except OSError:  # nobody listens any more
            self._mailbox.control.send(Stop())

    def _read(self) -> NoReturn:
        try:
            while (frame := self._reader.read()) is not None:
                try:
                    message = decode_inbound(frame)
                except ProtocolError as error:
                    self._emit(LogLine(level="error", message=f"the worker ignored a message: {error}"))
                    continue
                if isinstance(message, Shutdown):
                    break
                self._mailbox.put(message)
        except (ProtocolError, OSError) as error:
            with contextlib.suppress(OSError):
                sys.stderr.write(f"the worker ends: {error}\n")
        self._end()

    def _end(self) -> NoReturn:
        """The host is gone or wants this process gone: let a training save itself, and leave in any case."""
        self._mailbox.control.send(Stop())
        deadline = time.monotonic() + SAVING_GRACE
        while self._mailbox.training and time.monotonic() < deadline:
            time.sleep(0.02)
        _exit(EXIT_ORPHANED if self._mailbox.training else 0)


def _exit(code: int) -> NoReturn:
    """Without the interpreter's farewell: with torch and a thread still reading it is slow and can crash."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _open_standard_streams() -> None:
    """A bundle without a console has none, and libraries print regardless."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # open as long as the process


def main(argv: list[str] | None = None, load: Callable[[], Engine] = import_engine) -> NoReturn:
    """Entry of the process; ``load`` is what tests replace."""
    parser = argparse.ArgumentParser(prog="metagui --worker", description="Started by metagui itself.")
    parser.add_argument("--read", type=int, required=True, help="descriptor (Windows: handle) of requests")
    parser.add_argument("--write", type=int, required=True, help="descriptor (Windows: handle) of events")
    parser.add_argument("--nice", type=int, default=0)
    options = parser.parse_args(argv)
    _open_standard_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the host decides what Ctrl-C means
    faulthandler.enable()
    if options.nice and hasattr(os, "nice"):
        os.nice(options.nice)
    reader = FrameReader(inherited_fd(options.read, os.O_RDONLY))
    writer = FrameWriter(inherited_fd(options.write, os.O_WRONLY))
    try:
        Worker(reader, writer).serve(load)
    except BaseException:
        traceback.print_exc()
        _exit(3)


if __name__ == "__main__":
    main()
