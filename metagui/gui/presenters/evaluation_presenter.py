"""Between the evaluation page and the process that evaluates: what can be asked, asking it, and what it answers."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from metagui.errors import MetaguiError
from metagui.events import Evaluated, EvaluationProgress, RequestFailed, Rival
from metagui.gui.evaluation.content import Circumstances
from metagui.gui.evaluation.page import EvaluationPage
from metagui.gui.evaluation.settings import EvaluationSettings, as_evaluated, with_queries
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.evaluation_choice import Candidate, LiveNetwork, candidates, rival, rivals_of
from metagui.gui.runs import RunsPanel
from metagui.runs.records import CheckpointRecord
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController
from metagui.session.interactive import InteractiveWorker

_NO_RUN = "Train the experiment on the left, or choose a run in the list of runs."
_NO_NETWORK = "{run} has no checkpoint yet: there is nothing to evaluate."
_READY = "Press Evaluate to begin."
_BUSY = "It is being adapted to one task after the other…"

_SOONEST_SECONDS = 1.0
"""A time left that is guessed sooner jumps about."""


class EvaluationPresenter(QObject):
    """Evaluates one network at a time, in a process of its own: the adaptation page never waits for it."""

    changed = Signal()
    """Whether an evaluation can begin, or goes on."""

    shown = Signal(object, object)
    """A result is on the page: its :class:`~metagui.events.Evaluated`, and the :class:`Circumstances` it came about
    in."""

    look_at = Signal(object, tuple)
    """A :class:`Source` and the held-out tasks that a person wants to see it adapt to, the chosen one first."""

    def __init__(
        self,
        store: RunStore,
        controller: ExperimentController,
        worker: InteractiveWorker,
        page: EvaluationPage,
        runs: RunsPanel,
        data_dir: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._worker = worker
        self._page = page
        self._runs = runs
        self._data_dir = data_dir
        self._live = LiveNetwork(controller, self)
        self._on_show = False
        self._candidates: list[Candidate] = []
        self._chosen: Candidate | None = None
        self._request: int | None = None
        self._asked: tuple[Candidate, Circumstances] | None = None
        self._judged: Candidate | None = None
        self._began = 0.0
        page.setup.network_chosen.connect(self._choose)
        page.setup.evaluate.connect(self.start)
        page.setup.cancel.connect(self.cancel)
        page.tasks_chosen.connect(self._look_at)
        runs.selected.connect(self.refresh)
        runs.model.rowsInserted.connect(self.refresh)
        runs.model.modelReset.connect(self.refresh)
        controller.ended.connect(self.refresh)
        self._live.changed.connect(self.refresh)
        worker.evaluated.connect(self._take)
        worker.evaluation_progress.connect(self._progress)
        worker.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether an evaluation is going on."""
        return self._request is not None

    @property
    def ready(self) -> bool:
        """Whether one can begin."""
        return not self.busy and bool(self._page.setup.chosen or self._runs.selected_run() or self._live.run_id)

    def activate(self, on_show: bool) -> None:
        """Whether the page is looked at; what it offers is read only then."""
        self._on_show = on_show
        self.refresh()

    def refresh(self) -> None:
        """Look which networks and rivals there are now."""
        if not self._on_show:
            return
        run_id = self._runs.selected_run() or self._live.run_id
        try:
            self._candidates = candidates(self._store, self._live, run_id)
            self._offer(run_id)
        except MetaguiError as error:
            self._candidates = []
            self._offer(run_id)
            self._page.show_problem(f"{run_id} cannot be evaluated: {error}")

    def start(self) -> None:
        """Evaluate the chosen network as the page says."""
        if self.busy:
            return
        self._on_show = True
        self.refresh()
        setup, chosen = self._page.setup, self._chosen
        if chosen is None:
            return
        if setup.problem:
            self._page.show_problem(setup.problem)
            return
        try:
            self._ask(chosen, setup.settings)
        except MetaguiError as error:
            self._page.show_problem(f"It cannot be evaluated: {error}")

    def cancel(self) -> None:
        """Break it off; what is on show stays."""
        if self._request is not None:
            self._worker.cancel(self._request)
            self._end()

    # --- what is offered -----------------------------------------------------------------------------------------

    def _offer(self, run_id: str) -> None:
        setup, before = self._page.setup, self._chosen
        by_key = {candidate.key: candidate for candidate in self._candidates}
        first = self._candidates[0] if self._candidates else None
        same_run = before is not None and before.run_id == run_id
        self._chosen = by_key.get(before.key, first) if before is not None and same_run else first
        setup.set_networks([each.option for each in self._candidates], self._chosen.key if self._chosen else "")
        if self._chosen is not None:
            config = self._chosen.source.config
            if not same_run:
                self._page.show_problem("")
                setup.show_settings(
                    EvaluationSettings(
                        n_tasks=setup.settings.n_tasks,
                        inner_steps=config.algorithm.evaluation_steps,
                        n_query=config.task.n_query,
                    )
                )
            setup.comparisons.set_kind(config.task.kind)
            if not same_run or before is None or before.key != "live":
                setup.comparisons.set_rivals(rivals_of(self._store, self._chosen))
        else:
            setup.comparisons.set_rivals(())
        self._page.show_waiting(self._missing(run_id))
        self.changed.emit()

    def _missing(self, run_id: str) -> str:
        if self.busy:
            return _BUSY
        if self._chosen is not None:
            return _READY
        return _NO_NETWORK.format(run=run_id) if run_id else _NO_RUN

    def _choose(self, key: str) -> None:
        self._chosen = next((each for each in self._candidates if each.key == key), self._chosen)

    # --- asking and being answered -------------------------------------------------------------------------------

    def _ask(self, chosen: Candidate, settings: EvaluationSettings) -> None:
        source = replace(chosen.source, config=with_queries(chosen.source.config, settings.n_query))
        if source.checkpoint:
            self._record_of(source).verify()
        rivals: tuple[Rival, ...] = tuple(
            rival(self._store, run_id, chosen.key) for run_id in self._page.setup.comparisons.rivals
        )
        shown = replace(source, config=as_evaluated(source.config, settings.inner_steps))
        self._asked = (
            replace(chosen, source=shown),
            Circumstances(chosen.title, chosen.which, source.step, source.config),
        )
        self._began = time.monotonic()
        self._request = self._worker.evaluate(
            source.config,
            self._data_dir,
            settings.n_tasks,
            source.weights,
            source.checkpoint,
            settings.inner_steps,
            n_query=settings.n_query,
            baselines=self._page.setup.comparisons.baselines,
            rivals=rivals,
            detail=True,
        )
        self._page.set_busy(True)
        self._page.show_waiting(_BUSY)
        self.changed.emit()

    def _record_of(self, source: Source) -> CheckpointRecord:
        run_id = self._chosen.run_id if self._chosen is not None else ""
        found = [each for each in self._store.checkpoints(run_id) if str(each.path) == source.checkpoint]
        if not found:
            raise MetaguiError("its checkpoint is gone; choose the network again")
        return found[0]

    def _progress(self, progress: EvaluationProgress) -> None:
        if progress.request != self._request:
            return
        spent = time.monotonic() - self._began
        left = None
        if progress.done and spent >= _SOONEST_SECONDS:
            left = spent / progress.done * (progress.total - progress.done)
        self._page.progress.show_progress(progress.done, progress.total, left)

    def _take(self, answer: Evaluated) -> None:
        if answer.request != self._request or self._asked is None:
            return
        self._judged, circumstances = self._asked
        self._end()
        self._page.show_result(answer, circumstances)
        self.shown.emit(answer, circumstances)

    def _fail(self, failure: RequestFailed) -> None:
        if failure.request == self._request:
            self._end()
            self._page.show_problem(f"It could not be evaluated: {failure.message}")

    def _end(self) -> None:
        self._request = self._asked = None
        self._page.set_busy(False)
        self._page.show_waiting(_READY)
        self.changed.emit()

    def _look_at(self, tasks: tuple[int, ...]) -> None:
        if self._judged is not None:
            self.look_at.emit(self._judged.source, tasks)
