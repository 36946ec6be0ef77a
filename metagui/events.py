"""The messages between a worker and its host. Nothing else crosses the process border, and nothing is pickled.

*Events* flow out of the engine; *control* commands and *requests* flow in. Each is a tagged msgspec struct, so a
frame is decoded into exactly one of the types below or refused. Arrays travel as raw bytes with type and shape.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from metagui.judgement import Baseline, Calibration, Confusion, Judged, Rival, WorstTask
from metagui.messages import Array as Array
from metagui.messages import Message as Message
from metagui.recording import Insight as Insight
from metagui.recording import Moment as Moment
from metagui.recording import Value as Value
from metagui.studio import Adaptation as Adaptation
from metagui.studio import AdaptationKind as AdaptationKind
from metagui.studio import Column as Column
from metagui.studio import Inside as Inside
from metagui.studio import LookInside as LookInside
from metagui.studio import Network as Network
from metagui.studio import OwnTask as OwnTask
from metagui.studio import Studied as Studied
from metagui.studio import Study as Study

PROTOCOL_VERSION = 3

StepUnit = Literal["inner_step", "task", "meta_update"]
RunStatus = Literal["queued", "running", "paused", "finished", "stopped", "crashed", "failed", "diverged"]
EndStatus = Literal["finished", "stopped", "failed", "diverged", "crashed"]

# --- events of a run ---------------------------------------------------------------------------------------------


class RunStarted(Message, frozen=True):
    """Training begins (or goes on) after ``step`` completed meta-updates."""

    step: int
    total_steps: int
    device: str
    threads: int
    parameters: int
    norm_mode: str
    n_query: int = 0
    """Query examples a class, or a task of regression, that every number is judged on."""


class Metrics(Message, frozen=True):
    """Values of several series over several steps: ``values[i, j]`` belongs to ``steps[i]`` and ``names[j]``.

    ``steps`` int64 [n], completed meta-updates; ``times`` float64 [n], seconds since the epoch; ``values`` float64
    [n, len(names)], NaN where a series has no point at that step. Series names: ``outer_loss``, ``inner_loss/k``,
    ``proximal/k``, ``outer_accuracy``, ``query_loss/k``, ``query_accuracy/k``, ``validation_loss``,
    ``validation_accuracy``, ``stationarity``, ``cg_residual/i``, ``gradient_norm``, ``outer_lr``,
    and the changeable settings by their names: ``inner_lr``, ``proximal_lambda``.
    """

    names: tuple[str, ...]
    steps: Array
    times: Array
    values: Array


class Progress(Message, frozen=True):
    """Where the run is, a few times a second. ``eta`` in seconds, None while unknown.

    ``memory_bytes`` is what it holds where it computes, of ``memory_total`` there; 0 while unknown.
    """

    step: int
    total_steps: int
    tasks_per_second: float
    eta: float | None
    memory_bytes: int
    memory_total: int = 0


class Paused(Message, frozen=True):
    """Training holds: ``step`` meta-updates done, ``inner_step`` and ``task`` of the next one reached."""

    step: int
    unit: StepUnit
    inner_step: int
    task: int


class Resumed(Message, frozen=True):
    step: int


class WeightsSnapshot(Message, frozen=True):
    """The network as it is now, at most once a second and at every pause. Named float32 arrays."""

    step: int
    weights: dict[str, Array]


class CheckpointWritten(Message, frozen=True):
    """``path`` is relative to the run folder."""

    path: str
    sha256: str
    step: int
    best: bool = False
    metric: float | None = None


class RunEnded(Message, frozen=True):
    """The last event of a run, exactly once. ``reason`` is a sentence for a person; ``detail`` may be a traceback."""

    status: EndStatus
    step: int
    reason: str
    detail: str = ""
    exit_code: int = 0


class LogLine(Message, frozen=True):
    level: Literal["info", "warning", "error"]
    message: str


class SettingChanged(Message, frozen=True):
    """From the meta-update after ``step`` on, the setting at this path of the configuration is ``value``."""

    step: int
    path: str
    value: bool | int | float | str
    before: bool | int | float | str


RunEvent = (
    RunStarted
    | Metrics
    | Progress
    | Paused
    | Resumed
    | WeightsSnapshot
    | CheckpointWritten
    | SettingChanged
    | RunEnded
    | LogLine
)

# --- answers of a worker -----------------------------------------------------------------------------------------


class WorkerReady(Message, frozen=True):
    """First frame of every worker: torch is imported and requests are served."""

    protocol: int
    pid: int
    torch_version: str


class Adapted(Message, frozen=True):
    """Answer to :class:`Adapt`."""

    request: int
    step: int
    tasks: tuple[Adaptation, ...]


class Evaluated(Message, frozen=True):
    """Answer to :class:`Evaluate`: over tasks after ``inner_steps``, and by inner step with K + 1 entries each.

    ``ci95`` is the half-width 1.96 s / sqrt(n); ``n_worse`` counts tasks whose query loss adaptation did not lower.
    """

    request: int
    metric: str
    mean: float
    ci95: float
    median: float
    n_tasks: int
    n_worse: int
    inner_steps: int
    norm_mode: str
    n_query: int
    mean_by_step: Array
    ci95_by_step: Array
    rivals: tuple[Judged, ...] = ()
    calibration: Calibration | None = None
    confusion: Confusion | None = None
    worst: tuple[WorstTask, ...] = ()


class EvaluationProgress(Message, frozen=True):
    """How far the evaluation is that answers ``request``: ``done`` of ``total`` tasks, those of rivals included."""

    request: int
    done: int
    total: int


class DeviceInfo(msgspec.Struct, frozen=True):
    """``name`` is what ``compute.device`` accepts."""

    name: str
    title: str
    memory_bytes: int | None = None


class Devices(Message, frozen=True):
    """Answer to :class:`ListDevices`."""

    request: int
    devices: tuple[DeviceInfo, ...]


class Recorded(Message, frozen=True):
    """Answer to :class:`Record`: one meta-step of the textbook's code, line by line.

    ``pictures`` are the tasks as in :class:`Adapted`, with the parameters that the recorded lines computed; empty
    where a walk-through adapts to none. ``origin`` says in words whose parameters these are.
    """

    request: int
    walkthrough: str
    moments: tuple[Moment, ...]
    values: tuple[Value, ...]
    arrays: tuple[Array, ...]
    pictures: tuple[Adaptation, ...]
    insights: tuple[Insight, ...]
    origin: str
    n_tasks: int
    inner_steps: int


class MemoryEstimated(Message, frozen=True):
    """Answer to :class:`EstimateMemory`, in bytes: ``available`` now of ``total``, where the run would compute.

    ``verdict`` is "tight" where more is needed than is available, "impossible" where it cannot fit into all there is.
    """

    request: int
    needed: int
    available: int
    total: int
    verdict: Literal["fits", "tight", "impossible"]
    message: str


class RequestFailed(Message, frozen=True):
    """A request could not be answered; ``field`` names the configuration path where one is to blame."""

    request: int
    message: str
    field: str = ""


Answer = (
    WorkerReady
    | Adapted
    | Studied
    | Inside
    | Evaluated
    | EvaluationProgress
    | Devices
    | MemoryEstimated
    | Recorded
    | RequestFailed
)
Event = RunEvent | Answer

# --- control and requests ----------------------------------------------------------------------------------------


class Pause(Message, frozen=True):
    """Hold at the next inner step."""


class Resume(Message, frozen=True):
    """Go on freely."""


class Step(Message, frozen=True):
    """Go on to the next boundary of this unit, then hold again."""

    unit: StepUnit


class Stop(Message, frozen=True):
    """End the run at the next inner step, with a checkpoint of the last completed meta-update."""


class Change(Message, frozen=True):
    """Give one of the changeable settings another value before the next meta-update."""

    path: str
    value: bool | int | float | str


ControlCommand = Pause | Resume | Step | Stop | Change


class Train(Message, frozen=True):
    """Run an experiment. ``config`` is the JSON form of ExperimentConfig; ``resume_from`` a checkpoint or empty."""

    config: dict[str, Any]
    run_dir: str
    data_dir: str
    resume_from: str = ""


class Adapt(Message, frozen=True):
    """Adapt ``weights`` to held-out tasks ``tasks`` (indices into the fixed test stream of ``task_seed``).

    Without ``weights`` those of the file ``checkpoint`` are taken; with neither, random ones of ``compute.seed``.
    ``inner_steps`` None means the configuration's evaluation steps. A later Adapt supersedes an unanswered one.
    """

    request: int
    config: dict[str, Any]
    data_dir: str
    step: int
    tasks: tuple[int, ...]
    weights: dict[str, Array] = msgspec.field(default_factory=dict)
    checkpoint: str = ""
    inner_steps: int | None = None
    task_seed: int = 0


class Evaluate(Message, frozen=True):
    """Mean and interval over ``n_tasks`` of the fixed test stream; weights as in :class:`Adapt`.

    ``baselines`` and ``rivals`` are judged on the very same tasks; ``n_query`` None means the configuration's. With
    ``detail`` the answer has calibration, confusions and the worst tasks. A later Evaluate supersedes an unanswered
    one; :class:`EvaluationProgress` comes now and then.
    """

    request: int
    config: dict[str, Any]
    data_dir: str
    n_tasks: int
    weights: dict[str, Array] = msgspec.field(default_factory=dict)
    checkpoint: str = ""
    inner_steps: int | None = None
    task_seed: int = 0
    n_query: int | None = None
    baselines: tuple[Baseline, ...] = ()
    rivals: tuple[Rival, ...] = ()
    detail: bool = False


class ListDevices(Message, frozen=True):
    request: int


class EstimateMemory(Message, frozen=True):
    """How much memory training would need. A later one supersedes an unanswered one."""

    request: int
    config: dict[str, Any]
    data_dir: str


class Record(Message, frozen=True):
    """Record one meta-step of the textbook's code on ``n_tasks`` tasks drawn by ``compute.seed``.

    ``walkthrough`` is one of :data:`metagui.walkthroughs.catalogue.WALKTHROUGHS`; rates and steps are those of the
    configuration's algorithm and outer loop. Weights as in :class:`Adapt`, taken after ``step`` meta-updates. A later
    Record supersedes an unanswered one.
    """

    request: int
    config: dict[str, Any]
    data_dir: str
    walkthrough: str
    n_tasks: int
    step: int = 0
    weights: dict[str, Array] = msgspec.field(default_factory=dict)
    checkpoint: str = ""


class Cancel(Message, frozen=True):
    """Nobody waits for the answer to ``request`` any more: it is not begun, or broken off at the next chance."""

    request: int


class Shutdown(Message, frozen=True):
    """End the worker process."""


Request = Train | Adapt | Study | LookInside | Evaluate | ListDevices | EstimateMemory | Record | Cancel | Shutdown
Inbound = ControlCommand | Request

_encoder = msgspec.msgpack.Encoder()
_event_decoder: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)
_inbound_decoder: msgspec.msgpack.Decoder[Inbound] = msgspec.msgpack.Decoder(Inbound)


class ProtocolError(ValueError):
    """A frame that is no message of this protocol."""


def encode(message: Event | Inbound) -> bytes:
    return _encoder.encode(message)


def decode_event(frame: bytes) -> Event:
    """Raises ProtocolError for anything but one of the events."""
    try:
        return _event_decoder.decode(frame)
    except msgspec.MsgspecError as error:
        raise ProtocolError(f"not an event of protocol {PROTOCOL_VERSION}: {error}") from error


def decode_inbound(frame: bytes) -> Inbound:
    """Raises ProtocolError for anything but a control command or a request."""
    try:
        return _inbound_decoder.decode(frame)
    except msgspec.MsgspecError as error:
        raise ProtocolError(f"not a request of protocol {PROTOCOL_VERSION}: {error}") from error
