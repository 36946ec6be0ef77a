"""Gives the studio's panels the network on show, and lets only the one in sight ask for anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from metagui.gui.presenters.adaptation_presenter import AdaptationPresenter, Source
from metagui.gui.presenters.own_task_presenter import OwnTaskPresenter
from metagui.gui.presenters.studio_compare import ComparePresenter
from metagui.gui.presenters.studio_contenders import newest_of
from metagui.gui.presenters.studio_held_out import HeldOutPresenter
from metagui.gui.presenters.studio_inside import InsidePresenter
from metagui.gui.presenters.studio_timeline import TimelinePresenter
from metagui.gui.studio.studio import Studio
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController
from metagui.session.interactive import InteractiveWorker


class StudioPresenter(QObject):
    """Follows the network that the adaptation presenter shows; the timeline may hold an earlier one of its run."""

    def __init__(
        self,
        store: RunStore,
        controller: ExperimentController,
        worker: InteractiveWorker,
        adaptation: AdaptationPresenter,
        studio: Studio,
        data_dir: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._adaptation = adaptation
        self._studio = studio
        self._shown = False
        self.held_out = HeldOutPresenter(worker, studio.held_out, data_dir, self)
        self.compare = ComparePresenter(store, worker, studio.compare, data_dir, self)
        self.own = OwnTaskPresenter(worker, studio.own, data_dir, self)
        self.inside = InsidePresenter(worker, studio.inside, data_dir, self)
        self.compare.own_task = self.inside.own_task = self.own.task_for
        self.timeline = TimelinePresenter(store, controller, studio.held_out.timeline, self)
        self.timeline.chosen.connect(self._show)
        adaptation.source_changed.connect(self.timeline.follow)
        panels = (studio.compare, studio.own, studio.inside)
        for panel_says in (studio.held_out.set_message, *(panel.show_message for panel in panels)):
            adaptation.said.connect(panel_says)
        studio.mode_changed.connect(self._refresh)

    def activate(self, shown: bool) -> None:
        """Whether the studio's page is on show; the strip under the monitor rests meanwhile, unseen as it is."""
        self._shown = shown
        self._adaptation.rest(shown)
        self._refresh()

    def show_tasks(self, source: Source, tasks: tuple[int, ...]) -> None:
        """This network, on these held-out tasks."""
        self._studio.show_mode(self._studio.held_out)
        self.held_out.show(source, True)
        self.held_out.show_tasks(tasks)

    def compare_exactly(self, networks: Sequence[tuple[str, Source]]) -> None:
        """Turn to "Side by side" with these columns, each a title and a network."""
        self.compare.show_exactly(networks)
        self._studio.show_mode(self._studio.compare)

    def compare_run(self, run_id: str) -> None:
        """Put a run beside what is compared already."""
        self._studio.show_mode(self._studio.compare)
        self.compare.add(newest_of(run_id))

    def show_own_task(self) -> None:
        """Turn to "Your own task"."""
        self._studio.show_mode(self._studio.own)

    @property
    def settled(self) -> bool:
        """Whether the panel on show shows all that was asked for it."""
        studio = self._studio
        settled: dict[QWidget, bool] = {
            studio.held_out: self.held_out.settled,
            studio.compare: self.compare.settled,
            studio.own: self.own.settled,
            studio.inside: self.inside.settled,
        }
        return settled[studio.current]

    def close(self) -> None:
        """Ask nothing any more."""
        for part in (self.held_out, self.compare, self.own, self.inside):
            part.close()

    def _show(self, source: Source, by_choice: bool) -> None:
        self.held_out.show(source, by_choice)
        self.own.show(source, by_choice)
        self.inside.show(source, by_choice)
        self.compare.follow(source)

    def _refresh(self) -> None:
        on_show = self._studio.current if self._shown else None
        self.held_out.activate(on_show is self._studio.held_out)
        self.compare.activate(on_show is self._studio.compare)
        self.own.activate(on_show is self._studio.own)
        self.inside.activate(on_show is self._studio.inside)
