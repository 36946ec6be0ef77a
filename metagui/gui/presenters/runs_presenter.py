"""Fills the list of runs from the store, and keeps the live one live."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from PySide6.QtCore import QObject, QTimer

from metagui.config import choices
from metagui.errors import MetaguiError
from metagui.events import Metrics, Paused, Progress, Resumed, RunEvent, RunStarted
from metagui.gui.banner import BannerArea
from metagui.gui.runs import RunRow, RunsPanel
from metagui.runs.records import RunRecord
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController

LOSS = "outer_loss"

_COALESCE_MS = 150
_LOOK_AGAIN_MS = 5_000
_LOOK_AGAIN_LIVE_MS = 30_000
"""Other windows and commands may share the data folder: their runs show up this soon, later while one is trained here:
reading a thousand runs takes 50 ms, which the plots should not miss often."""
_LOSSES_AT_ONCE = 25
_LIVE_LOSS_MS = 250
"""A figure in a table need not change as often as a curve."""


class RunsPresenter(QObject):
    """Lists at once, losses a few at a time, so that a thousand runs hold nothing up."""

    def __init__(
        self,
        store: RunStore,
        controller: ExperimentController,
        panel: RunsPanel,
        banners: BannerArea,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._controller = controller
        self._panel = panel
        self._banners = banners
        self._losses: dict[str, float | None] = {}
        self._without_loss: list[str] = []
        self._changed: set[str] = set()
        self._soon = self._timer(_COALESCE_MS, single=True)
        self._soon.timeout.connect(self._read_changed)
        self._again = self._timer(_LOOK_AGAIN_MS, single=True)
        self._again.timeout.connect(self.refresh)
        self._fill = self._timer(0, single=True)
        self._fill.timeout.connect(self._fill_losses)
        self._live_loss = self._timer(_LIVE_LOSS_MS, single=True)
        self._live_loss.timeout.connect(self._show_live_loss)
        self._live_run = ""
        controller.runs_changed.connect(self._note_change)
        controller.ended.connect(self._note_end)
        controller.event.connect(self._take)

    def refresh(self) -> None:
        """Read the list anew."""
        try:
            records = self._store.list()
        except MetaguiError as error:
            self._banners.show_message("error", f"The list of runs cannot be read: {error}")
            return
        live = self._controller.current_run
        for record in records:
            if record.live and record.id != live:
                self._losses.pop(record.id, None)  # another process may have learned on
        self._panel.set_rows(_row(record, self._losses.get(record.id)) for record in records)
        self._without_loss = [record.id for record in records if record.id not in self._losses]
        if self._without_loss:
            self._fill.start()
        self._again.start(_LOOK_AGAIN_LIVE_MS if live else _LOOK_AGAIN_MS)

    def _note_change(self) -> None:
        if self._controller.current_run:
            self._changed.add(self._controller.current_run)
            self._soon.start()

    def _note_end(self, run_id: str) -> None:
        self._changed.add(run_id)
        self._soon.start()
        self._again.start(_LOOK_AGAIN_MS)

    def _read_changed(self) -> None:
        """Read the rows of the runs that this window changed, and no others."""
        changed, self._changed = self._changed, set()
        for run_id in sorted(changed):
            try:
                record = self._store.get(run_id)
            except MetaguiError as error:
                self._banners.show_message("error", f"{run_id} cannot be read: {error}")
                return
            self._panel.model.put(_row(record, self._losses.get(run_id)))

    def close(self) -> None:
        """Read nothing any more."""
        for timer in (self._soon, self._again, self._fill, self._live_loss):
            timer.stop()

    def _timer(self, interval: int, *, single: bool) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval)
        timer.setSingleShot(single)
        return timer

    def _fill_losses(self) -> None:
        batch, self._without_loss = self._without_loss[:_LOSSES_AT_ONCE], self._without_loss[_LOSSES_AT_ONCE:]
        for run_id in batch:
            try:
                loss = self._store.last_values(run_id).get(LOSS)
            except MetaguiError:
                return  # the next refresh says what is wrong
            self._losses[run_id] = loss
            self._panel.model.update_row(run_id, loss=loss)
        if self._without_loss:
            self._fill.start()

    def _take(self, run_id: str, event: RunEvent) -> None:
        match event:
            case Metrics():
                self._take_loss(run_id, event)
            case Progress():
                self._panel.model.update_row(run_id, step=event.step, total_steps=event.total_steps)
            case RunStarted() | Resumed():
                self._panel.model.update_row(run_id, status="running", step=event.step)
            case Paused():
                self._panel.model.update_row(run_id, status="paused", step=event.step)

    def _take_loss(self, run_id: str, metrics: Metrics) -> None:
        if LOSS not in metrics.names:
            return
        values = metrics.values.numpy()[:, metrics.names.index(LOSS)]
        known = values[~np.isnan(values)]
        if known.size:
            self._losses[run_id] = float(known[-1])
            self._live_run = run_id
            if not self._live_loss.isActive():
                self._live_loss.start()

    def _show_live_loss(self) -> None:
        self._panel.model.update_row(self._live_run, loss=self._losses.get(self._live_run))


def _row(record: RunRecord, loss: float | None) -> RunRow:
    if record.status == "diverged" and loss is None:
        loss = math.nan
    return RunRow(
        run_id=record.id,
        name=record.name,
        algorithm=_title(record, "algorithm"),
        task=_title(record, "task"),
        step=record.step,
        total_steps=record.total_steps,
        status=record.status,
        loss=loss,
        reason=record.reason,
        forsaken=record.forsaken,
    )


def _title(record: RunRecord, section: str) -> str:
    name = str(record.config.get(section, {}).get("name", "?"))
    return _titles(section).get(name, name)


@cache
def _titles(section: str) -> dict[str, str]:
    return {name: cls.title for name, cls in choices(section).items()}


def run_title(run_id: str, record: RunRecord) -> str:
    """What a legend calls a run: ``r-0007 · iMAML · Sinusoid``."""
    return " · ".join((run_id, _title(record, "algorithm"), _title(record, "task")))
