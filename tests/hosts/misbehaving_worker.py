"""A real worker whose engine does what engines should not: ``python misbehaving_worker.py HABIT --read ...``."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable

from metagui import worker
from metagui.config import ExperimentConfig
from metagui.control import Control
from metagui.errors import InvalidValueError
from metagui.events import (
    Adapt,
    Adapted,
    DeviceInfo,
    LogLine,
    Progress,
    RunEnded,
    RunEvent,
    RunStarted,
)
from metagui.workspace import Workspace

HABIT = sys.argv[1]
worker.SAVING_GRACE = 1.0


def train(
    config: ExperimentConfig, workspace: Workspace, control: Control, emit: Callable[[RunEvent], None]
) -> RunEnded:
    emit(RunStarted(step=0, total_steps=10, device="cpu", threads=1, parameters=1, norm_mode="none"))
    match HABIT:
        case "raise":
            raise ValueError("the inner loop fell over")
        case "segfault":
            ctypes.string_at(0)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "save-and-die":
            (workspace.run_dir / "checkpoints").mkdir(parents=True, exist_ok=True)
            (workspace.run_dir / "checkpoints" / "step-00000007.safetensors").write_bytes(b"saved, but nobody was told")
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(7)
        case "hang":
            time.sleep(600)
        case "ignore-everything":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            emit(LogLine(level="info", message="deaf"))
            time.sleep(600)
        case "close-pipe":
            os.close(write_fd())  # this one alone: without the other it would notice, and end itself
            time.sleep(600)
        case "garbage":
            print("last words", flush=True)
            os.write(write_fd(), b"\xff\xff\xff\xff and so on")
            time.sleep(600)
        case "print":
            for number in range(2000):
                print(f"chatter {number}")
            os.write(1, b"\x00\xff" * 100_000)
        case "flood":
            step = 0
            while not control.stopping:
                step += 1
                emit(Progress(step=step, total_steps=10, tasks_per_second=1.0, eta=None, memory_bytes=step))
            emit(RunEnded(status="stopped", step=step, reason="stopped"))
            return RunEnded(status="stopped", step=step, reason="stopped")
        case "flood-deaf":
            while True:
                emit(LogLine(level="info", message="x" * 1000))
        case "wait":
            while not control.stopping:
                time.sleep(0.01)
            (workspace.run_dir / "saved").write_text("yes")
            return RunEnded(status="stopped", step=3, reason="stopped on request")
        case "grandchild":
            child = os.posix_spawn(sys.executable, [sys.executable, "-c", "import time; time.sleep(3)"], os.environ)
            emit(LogLine(level="info", message=str(child)))
    return RunEnded(status="finished", step=10, reason="all steps done")


def write_fd() -> int:
    return int(sys.argv[sys.argv.index("--write") + 1])


def adapt(request: Adapt, superseded: Callable[[], bool]) -> Adapted | None:
    marker = os.environ.get("TEST_CRASH_MARKER")
    if HABIT == "adapt-segfault" or (marker and not os.path.exists(marker)):
        if marker:
            open(marker, "w").close()
        ctypes.string_at(0)
    if HABIT == "adapt-slow":
        while not superseded() and request.step == 0:
            time.sleep(0.01)
        if superseded():
            return None
    if HABIT == "adapt-refuse":
        raise InvalidValueError("task.k_shot", "too many shots")
    if HABIT == "adapt-raise":
        raise ZeroDivisionError("by zero")
    return Adapted(request=request.request, step=request.step, tasks=())


def list_devices() -> tuple[DeviceInfo, ...]:
    return (DeviceInfo("cpu", "CPU"),)


def load() -> worker.Engine:
    if HABIT == "no-torch":
        raise ModuleNotFoundError("No module named 'torch'")
    if HABIT == "slow-start":
        time.sleep(600)

    def nothing(*request):
        return None

    return worker.Engine(train, adapt, nothing, nothing, nothing, nothing, nothing, list_devices, "0")


if __name__ == "__main__":
    worker.main(sys.argv[2:], load)
