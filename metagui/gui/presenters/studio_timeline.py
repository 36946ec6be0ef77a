"""Which networks of the run on show there are to choose from: stored checkpoints, and those seen while it trained."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from metagui.config import ExperimentConfig
from metagui.errors import MetaguiError
from metagui.events import RunEvent, WeightsSnapshot
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.studio.timeline import Kind, Moment, Timeline
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController

MOST_SNAPSHOTS = 60
MOST_BYTES = 64 * 2**20
"""What weights seen in training may take of the window's memory."""


class Snapshots:
    """Weights of one run as they were seen; every second one goes where they become too many."""

    def __init__(self) -> None:
        self.run_id = ""
        self.sources: list[Source] = []

    def begin(self, run_id: str) -> None:
        self.run_id, self.sources = run_id, []

    def add(self, source: Source) -> None:
        """The newest one is always kept."""
        if self.sources and source.step <= self.sources[-1].step:
            self.sources = [kept for kept in self.sources if kept.step < source.step]
        self.sources.append(source)
        if len(self.sources) > MOST_SNAPSHOTS or self.bytes > MOST_BYTES:
            self.sources = [*self.sources[:-1][::2], self.sources[-1]]

    @property
    def bytes(self) -> int:
        return sum(len(array.data) for source in self.sources for array in source.weights.values())


class TimelinePresenter(QObject):
    """``chosen(Source)``: the network that is to be shown, by choice or because it is the newest of the run."""

    chosen = Signal(object, bool)
    """The source, and whether a person chose it."""

    def __init__(
        self, store: RunStore, controller: ExperimentController, timeline: Timeline, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._timeline = timeline
        self._snapshots = Snapshots()
        self._config: ExperimentConfig | None = None
        self._newest: Source | None = None
        self._sources: list[Source] = []
        controller.run_started.connect(self._begin)
        controller.event.connect(self._note)
        timeline.moment_chosen.connect(self._choose)

    def follow(self, source: Source) -> None:
        """Another network is the newest one; where an earlier one of the same run was chosen, that stays."""
        held = self._held(source)
        self._newest = source
        self._list(source, held)
        if held is None:
            self.chosen.emit(source, False)

    def _held(self, source: Source) -> Source | None:
        same = self._newest is not None and bool(source.run_id) and self._newest.run_id == source.run_id
        if not same or self._timeline.following or not self._sources:
            return None
        return self._sources[self._timeline.place]

    def _list(self, newest: Source, held: Source | None) -> None:
        try:
            found = self._found(newest)
        except MetaguiError as error:
            self._sources = [newest]
            self._timeline.set_moments((Moment(newest.step, "snapshot"),), None)
            self._timeline.say(f"The checkpoints of {newest.run_id} cannot be listed: {error}")
            return
        if held is not None and held.step not in found:
            found[held.step] = ("snapshot", held)
        ordered = [found[step] for step in sorted(found)]
        self._sources = [source for _, source in ordered]
        place = None if held is None else [source.step for source in self._sources].index(held.step)
        self._timeline.set_moments(tuple(Moment(source.step, kind) for kind, source in ordered), place)

    def _found(self, newest: Source) -> dict[int, tuple[Kind, Source]]:
        """By meta-step; a checkpoint wins over a snapshot of the same step, for it can be had again."""
        found: dict[int, tuple[Kind, Source]] = {}
        run_id, config = newest.run_id, newest.config
        if run_id or newest.checkpoint:
            found[0] = ("start", Source(config, 0, run_id=run_id))
        if run_id:
            self._store.get(run_id)  # a run that was deleted has no checkpoints, but a reason
            if run_id == self._snapshots.run_id:
                found |= {source.step: ("snapshot", source) for source in self._snapshots.sources}
            for checkpoint in self._store.checkpoints(run_id):
                source = Source(config, checkpoint.step, checkpoint=str(checkpoint.path), run_id=run_id)
                found[checkpoint.step] = ("checkpoint", source)
        found = {step: entry for step, entry in found.items() if step < newest.step}
        kind: Kind = "checkpoint" if newest.checkpoint else "snapshot" if newest.step else "start"
        return found | {newest.step: (kind, newest)}

    def _choose(self, place: int) -> None:
        if place < len(self._sources):
            self.chosen.emit(self._sources[place], True)

    def _begin(self, run_id: str, config: ExperimentConfig) -> None:
        self._config = config
        self._snapshots.begin(run_id)

    def _note(self, run_id: str, event: RunEvent) -> None:
        if isinstance(event, WeightsSnapshot) and self._config is not None and run_id == self._snapshots.run_id:
            self._snapshots.add(Source(self._config, event.step, event.weights, run_id=run_id))
