"""Gives the studio's panels the network on show, and lets only the one in sight ask for anything."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from metagui.gui.presenters.adaptation_presenter import AdaptationPresenter, Source
from metagui.gui.presenters.studio_held_out import HeldOutPresenter
from metagui.gui.presenters.studio_timeline import TimelinePresenter
from metagui.gui.studio.held_out import HeldOutPanel
from metagui.gui.studio.page import StudioPage
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController
from metagui.session.interactive import InteractiveWorker


class StudioPresenter(QObject):
    """Follows the network that the adaptation presenter shows."""

    def __init__(
        self,
        store: RunStore,
        controller: ExperimentController,
        worker: InteractiveWorker,
        adaptation: AdaptationPresenter,
        page: StudioPage,
        held_out: HeldOutPanel,
        data_dir: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._adaptation = adaptation
        self._page = page
        self._held_out_panel = held_out
        self._shown = False
        self.held_out = HeldOutPresenter(worker, held_out, data_dir, self)
        self.timeline = TimelinePresenter(store, controller, held_out.timeline, self)
        self.timeline.chosen.connect(self.held_out.show)
        adaptation.source_changed.connect(self._follow)
        adaptation.said.connect(held_out.set_message)
        page.mode_changed.connect(self._refresh)

    def activate(self, shown: bool) -> None:
        """Whether the studio's page is on show; the strip under the monitor rests meanwhile, unseen as it is."""
        self._shown = shown
        self._adaptation.rest(shown)
        self._refresh()

    def show_tasks(self, source: Source, tasks: tuple[int, ...]) -> None:
        """This network, on these held-out tasks."""
        self._page.show_mode(self._held_out_panel)
        self.held_out.show(source, True)
        self.held_out.show_tasks(tasks)

    def close(self) -> None:
        """Ask nothing any more."""
        self.held_out.close()

    def _follow(self, source: Source) -> None:
        self.timeline.follow(source)

    def _refresh(self) -> None:
        self.held_out.activate(self._shown and self._page.current is self._held_out_panel)
