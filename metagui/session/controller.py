"""What the window steers: at most one training at a time, its state, its events, its end."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, QObject, Signal

from metagui.config import ExperimentConfig, apply_overrides
from metagui.config.changes import with_change
from metagui.errors import InvalidValueError, MetaguiError
from metagui.events import (
    Change,
    CheckpointWritten,
    Pause,
    Paused,
    Resume,
    Resumed,
    RunEvent,
    RunStarted,
    SettingChanged,
    Step,
    StepUnit,
    Train,
)
from metagui.hosts import ChildHost, InThreadHost
from metagui.runs.ownership import current_owner
from metagui.runs.records import RunRecord
from metagui.runs.store import RunStore
from metagui.session.bridge import Bridge
from metagui.session.event_ring import EventRing
from metagui.session.run_thread import HostFactory, RunThread

State = Literal["idle", "starting", "running", "pausing", "paused", "stopping"]
HostKind = Literal["child", "thread"]

HOSTS: dict[HostKind, HostFactory] = {"child": ChildHost, "thread": InThreadHost}

SHUTDOWN_GRACE = 5.0


class ExperimentController(QObject):
    """Lives in the GUI thread. ``host`` says where training runs: in a child process or in a thread of this one."""

    state_changed = Signal(str)
    run_started = Signal(str, object)
    """run id, ExperimentConfig: a run exists and its worker is being started"""
    event = Signal(str, object)  # type: ignore[assignment]  # hides QObject.event from Python, which nobody calls
    """run id, events.RunEvent; in order, at 30 Hz"""
    ended = Signal(str, str, str)
    """run id, status, reason; after the run's last event"""
    runs_changed = Signal()
    """the list of runs, or what it shows of one, is no longer the same"""

    def __init__(
        self, store: RunStore, *, host: HostKind | HostFactory = "child", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._make_host = HOSTS[host] if isinstance(host, str) else host
        self._state: State = "idle"
        self._current: str | None = None
        self._config: ExperimentConfig | None = None
        self._thread: RunThread | None = None
        self._bridge: Bridge | None = None
        self._closed = False
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)

    @property
    def state(self) -> State:
        return self._state

    @property
    def current_run(self) -> str | None:
        """Id of the run in progress."""
        return self._current

    def start(self, config: ExperimentConfig, name: str = "") -> str:
        """Create a run and train it in the background; its id.

        Raises StoreError where the store refuses, MetaguiError while another run is in progress: nothing is started.
        """
        self._refuse_if_busy()
        return self._launch(self._store.create(config, name), config, resume_from="")

    def resume_run(self, run_id: str, steps: int | None = None) -> str:
        """Go on from the run's latest checkpoint, or from the beginning where it has none; errors as of start.

        ``steps`` is a new number of meta-steps in all, for a run that is to learn longer than it was meant to.
        Raises InvalidValueError for an unknown run or one whose configuration this version no longer accepts,
        CheckpointError where the latest checkpoint is damaged: the run is left as it was.
        """
        self._refuse_if_busy()
        record = self._store.get(run_id)
        config = record.experiment()
        if record.live and record.owner == current_owner():
            # No run is in progress here: the end of this one could not be recorded, on a full disk for example.
            self._store.set_status(run_id, "crashed", "Its end could not be recorded.")
        checkpoint = self._store.latest_checkpoint(run_id)
        if checkpoint is not None:
            checkpoint.verify()
        if steps is not None:
            config = apply_overrides(config, [f"outer.steps={steps}"])
        record = self._store.claim(run_id, config if steps is not None else None)
        return self._launch(record, config, resume_from=str(checkpoint.path) if checkpoint else "")

    def pause(self) -> None:
        """Hold at the next inner step."""
        if self._thread is not None and self._state in ("starting", "running"):
            self._thread.command(Pause())
            self._set_state("pausing")

    def resume(self) -> None:
        """Go on freely."""
        if self._thread is not None and self._state in ("pausing", "paused"):
            self._thread.command(Resume())
            self._set_state("running")

    def step(self, unit: StepUnit) -> None:
        """Go on to the next boundary of this unit and hold there; while running, hold at the next one."""
        if self._thread is not None and self._state in ("starting", "running", "pausing", "paused"):
            self._thread.command(Step(unit=unit))
            self._set_state("pausing")

    def change(self, path: str, value: float) -> None:
        """Give one of the run's changeable settings another value; it holds from the next meta-step on.

        Raises InvalidValueError, naming the path, where it cannot be changed or the value breaks a rule: nothing is
        changed then. Once the trainer has taken it over, events.SettingChanged follows.
        """
        if self._thread is None or self._config is None or self._state == "stopping":
            raise InvalidValueError(path, "no run is in progress that could be changed")
        self._config = with_change(self._config, path, value)
        self._thread.command(Change(path=path, value=value))

    def stop(self) -> None:
        """End the run with a checkpoint; ``ended`` follows."""
        if self._thread is not None and self._state != "stopping":
            self._thread.stop()
            self._set_state("stopping")

    def shutdown(self) -> None:
        """Stop and wait, for a few seconds at most where the run is well. Afterwards nothing can be started."""
        self._closed = True
        if self._thread is None:
            return
        self._thread.stop(SHUTDOWN_GRACE)
        self._set_state("stopping")
        self._thread.wait()  # all that the thread itself waits for is bounded
        self._finish(*self._thread.verdict)

    # --- inside --------------------------------------------------------------------------------------------------

    def _refuse_if_busy(self) -> None:
        if self._closed:
            raise MetaguiError("the program is closing: no run can be started")
        if self._thread is not None:
            raise MetaguiError(f"run {self._current} is in progress: stop it before starting another")

    def _launch(self, record: RunRecord, config: ExperimentConfig, resume_from: str) -> str:
        train = Train(
            config=config.to_dict(),
            run_dir=str(record.run_dir),
            data_dir=str(self._store.data_dir),
            resume_from=resume_from,
        )
        ring = EventRing()
        self._current = record.id
        self._config = config
        self._bridge = Bridge(record.id, ring, self)
        self._bridge.arrived.connect(self._pass_on)
        self._thread = RunThread(record.id, train, self._make_host, ring, self)
        self._thread.ended.connect(self._finish)
        self._thread.start()
        self._set_state("starting")
        self.run_started.emit(record.id, config)
        self.runs_changed.emit()
        return record.id

    def _pass_on(self, run_id: str, event: RunEvent) -> None:
        match event:
            case RunStarted() if self._state == "starting":
                self._set_state("running")
            case Paused() if self._state != "stopping":
                self._set_state("paused")
            case Resumed() if self._state != "stopping":
                self._set_state("running")
            case SettingChanged() if self._config is not None:
                self._config = with_change(self._config, event.path, event.value)
        self.event.emit(run_id, event)
        if isinstance(event, RunStarted | Paused | Resumed | CheckpointWritten | SettingChanged):
            self.runs_changed.emit()

    def _finish(self, status: str, reason: str) -> None:
        """The thread has given everything back and is about to return."""
        thread, bridge, run_id = self._thread, self._bridge, self._current
        if thread is None or bridge is None or run_id is None:
            return  # shutdown was faster than the queued signal
        thread.wait()
        bridge.close()
        self._thread = self._bridge = self._current = self._config = None
        thread.deleteLater()
        bridge.deleteLater()
        self._set_state("idle")
        self.ended.emit(run_id, status, reason)
        self.runs_changed.emit()

    def _set_state(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
