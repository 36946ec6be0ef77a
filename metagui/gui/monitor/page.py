"""The monitor: outer loss above, inner losses below, streaming as the run goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy.typing as npt
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from metagui.config import ExperimentConfig
from metagui.events import Metrics
from metagui.gui.monitor.chart import Chart
from metagui.gui.monitor.compose import Composition, CurveCache, compose_members, compose_runs
from metagui.gui.monitor.controls import MonitorControls
from metagui.gui.monitor.crosshair import CrosshairTip
from metagui.gui.monitor.follow import Range, follow_positions
from metagui.gui.monitor.history import RunHistory
from metagui.gui.monitor.panel import ChartPanel
from metagui.gui.monitor.pointer import Pointer
from metagui.gui.monitor.summary import describe
from metagui.gui.monitor.ticks import Scale, number
from metagui.gui.monitor.views import AXIS_TITLES, INNER_LOSS, INNER_VIEWS, OUTER_ACCURACY, OUTER_LOSS, View
from metagui.gui.theme import DARK, Theme

FRAME_MILLISECONDS = 33
_WORDS_MILLISECONDS = 500
_START = "Press Start: losses appear here."


class MonitorPage(QWidget):
    """Keeps the points of the runs it is given and draws them at most every 33 ms, only while it is visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._runs: dict[str, RunHistory] = {}
        self._current: str | None = None
        self._curves = CurveCache()
        self._signature: object = None
        self._positions: Range | None = None
        self.following = True
        self.controls = MonitorControls()
        self.outer = ChartPanel("Outer loop", (OUTER_LOSS,))
        self.inner = ChartPanel("Inner loop", (INNER_LOSS,))
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        for panel in self.panels:
            self._splitter.addWidget(panel)
            panel.view_changed.connect(self._recompose)
            panel.chart.taken_over.connect(self._taken_over)
            panel.chart.legend.clicked.connect(self._toggle_run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.controls)
        layout.addWidget(self._splitter, 1)
        self.tip = CrosshairTip(self)
        self.pointer = Pointer(self.panels, self.tip, lambda: self.controls.style_chosen)
        self.controls.changed.connect(self._recompose)
        self.controls.follow_requested.connect(self.resume_following)
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._since_frame = QElapsedTimer()
        self._since_frame.start()
        self._frame.timeout.connect(self.refresh)
        self._words = QTimer(self)
        self._words.setSingleShot(True)
        self._words.setInterval(_WORDS_MILLISECONDS)
        self._words.timeout.connect(self._describe)
        for key in ("F", "Home"):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.resume_following)
        self.set_theme(DARK)

    # --- what the session tells it --------------------------------------------------------------------------------

    def begin_run(self, run_id: str, title: str, config: ExperimentConfig | None) -> None:
        """A run starts or goes on: it becomes the current one. Points it already has are kept."""
        known = self._runs.get(run_id)
        if known is None:
            self._runs[run_id] = RunHistory(run_id, title, config, self._free_slot())
        else:
            known.title, known.config, known.visible = title, config, True
        self._current = run_id
        self.resume_following()

    def add_metrics(self, run_id: str, metrics: Metrics) -> None:
        """New points; they are drawn with the next frame."""
        if run_id not in self._runs:
            self.begin_run(run_id, run_id, None)
        self._runs[run_id].add(metrics)
        self._schedule()

    def load_run(
        self,
        run_id: str,
        title: str,
        config: ExperimentConfig | None,
        series: Mapping[str, Sequence[npt.ArrayLike]],
    ) -> None:
        """Show a stored run beside the others. Each series is steps and values, and times where they are known."""
        slot = self._runs[run_id].slot if run_id in self._runs else self._free_slot()
        self._curves.forget(run_id)
        run = RunHistory(run_id, title, config, slot)
        run.load(series)
        self._runs[run_id] = run
        if self._current is None:
            self._current = run_id
        self._signature = None
        self._schedule()

    def remove_run(self, run_id: str) -> None:
        """Take a run out of the plots; one that is not there is ignored."""
        if self._runs.pop(run_id, None) is None:
            return
        self._curves.forget(run_id)
        if self._current == run_id:
            self._current = next(reversed(self._runs), None)
        self._schedule()

    def clear(self) -> None:
        """No runs at all."""
        for run_id in list(self._runs):
            self.remove_run(run_id)
        self.resume_following()

    def set_current(self, run_id: str) -> None:
        """The run whose inner loop is shown."""
        if run_id in self._runs:
            self._current = run_id
            self._schedule()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.tip.set_theme(theme)
        for panel in self.panels:
            panel.set_theme(theme)
        self._recompose()

    # --- what others may ask --------------------------------------------------------------------------------------

    @property
    def panels(self) -> tuple[ChartPanel, ChartPanel]:
        return self.outer, self.inner

    @property
    def runs(self) -> tuple[str, ...]:
        """Runs in the plots, oldest first."""
        return tuple(self._runs)

    @property
    def current(self) -> RunHistory | None:
        return self._runs.get(self._current) if self._current is not None else None

    def resume_following(self) -> None:
        """Keep all points in view from now on."""
        self.following = True
        self._positions = None
        for panel in self.panels:
            panel.chart.follow()
        self.controls.show_following(True)
        self._schedule()

    def refresh(self) -> None:
        """Draw what there is now."""
        self._since_frame.restart()
        if not self.isVisible():
            return
        signature = self._present_signature()
        if signature != self._signature:
            self._signature = signature
            self._compose()
        for panel in self.panels:
            for trace in panel.chart.traces.traces:
                trace.curve.update(trace.style)
        self._fit()
        for panel in self.panels:
            panel.chart.redraw()
        self.pointer.refresh()
        if not self._words.isActive():
            self._words.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._schedule()

    # --- drawing --------------------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        # Points come about as often as frames may: waiting a whole frame after each would halve the rate.
        if not self._frame.isActive():
            self._frame.start(max(0, FRAME_MILLISECONDS - self._since_frame.elapsed()))

    def _recompose(self) -> None:
        """Something other than the points has changed: another view, style or theme."""
        self._signature = None
        for panel in self.panels:
            panel.chart.follow()
        if self.following:
            self._positions = None
        self._schedule()

    def _present_signature(self) -> object:
        """Changes whenever other curves are to be drawn than before."""
        present = [
            (run.run_id, run.title, run.visible, tuple(name for name, points in run.series.items() if len(points)))
            for run in self._runs.values()
        ]
        return self._current, present

    def _compose(self) -> None:
        style, theme, current = self.controls.style_chosen, self._theme, self.current
        self._offer_views()
        runs = self._runs.values()
        outer = compose_runs(runs, current, self.outer.view, style, theme, self._curves)
        inner = Composition()
        if current is not None:
            inner = compose_members(current, self.inner.view, style, theme, self._curves)
        x_scale: Scale = "duration" if style.axis == "time" else "linear"
        for panel, composition in ((self.outer, outer), (self.inner, inner)):
            view, chart = panel.view, panel.chart
            chart.show_traces(composition.traces)
            if composition.bar is not None:
                chart.legend.set_bar(*composition.bar)
            else:
                chart.legend.set_entries(composition.entries)
            chart.legend.set_at_bottom(view.percent)
            y_scale: Scale = "percent" if view.percent else "log" if style.log else "linear"
            title = AXIS_TITLES[style.axis] if panel is self.inner else ""
            chart.set_scales(x_scale, y_scale, title, view.axis)
            chart.robust = self.controls.robust.isChecked()
            chart.floor = 0.0 if y_scale == "linear" else None
            chart.fixed_heights = (-0.01, 1.03) if view.percent else None
            chart.set_chance(self._chance_levels(panel))
            chart.set_message("" if composition.traces else self._reason(panel))

    def _offer_views(self) -> None:
        runs = self._runs.values()
        classifying = any(run.n_way or OUTER_ACCURACY.family in run.series for run in runs)
        self.outer.offer((OUTER_LOSS, OUTER_ACCURACY) if classifying else (OUTER_LOSS,))
        current = self.current
        self.inner.offer(
            [view for view in INNER_VIEWS if view is INNER_LOSS or (current is not None and _has(current, view))]
        )

    def _chance_levels(self, panel: ChartPanel) -> dict[float, str]:
        if not panel.view.percent:
            return {}
        runs = list(self._runs.values()) if panel is self.outer else [run for run in [self.current] if run]
        ways = sorted({run.n_way for run in runs if run.n_way and run.visible})
        words = "chance" if len(ways) == 1 else "chance, {}-way"
        return {1.0 / n_way: f"{words.format(n_way)} {1.0 / n_way:.0%}" for n_way in ways}

    def _reason(self, panel: ChartPanel) -> str:
        """Why a plot is empty."""
        if not self._runs:
            return _START if panel is self.outer else "The support loss after every inner step appears here."
        if panel is self.outer and not any(run.visible for run in self._runs.values()):
            return "All runs are hidden: click a name in the legend to show one."
        if self.controls.style_chosen.axis == "time" and any(run.series for run in self._runs.values()):
            return "The times of these points are not known: choose another x axis."
        return "Waiting for the first meta-step…"

    def _fit(self) -> None:
        extents = [extent for panel in self.panels if (extent := panel.chart.extent()) is not None]
        if self.following and extents:
            extent = min(low for low, _ in extents), max(high for _, high in extents)
            self._positions = follow_positions(extent, self._positions)
            for panel in self.panels:
                panel.chart.set_x_range(self._positions)
        for panel in self.panels:
            panel.chart.fit_heights()

    def _taken_over(self) -> None:
        """The person moved one plot: the other keeps in step, and nothing moves by itself any more."""
        self.following = False
        self.controls.show_following(False)
        moved = self.sender()
        for panel in self.panels:
            if panel.chart is not moved and isinstance(moved, Chart):
                panel.chart.set_x_range(moved.x_range)
        self._schedule()

    def _toggle_run(self, run_id: str) -> None:
        if run_id in self._runs:
            self._runs[run_id].visible = not self._runs[run_id].visible
            self._schedule()

    def _free_slot(self) -> int:
        used = {run.slot for run in self._runs.values()}
        return next(slot for slot in range(len(used) + 1) if slot not in used)

    # --- words ----------------------------------------------------------------------------------------------------

    def _describe(self) -> None:
        """Notes on what is not in view, and the curves as text. Twice a second: both look at every point."""
        for panel in self.panels:
            panel.set_note(_notes(panel))
            panel.chart.plot.setAccessibleDescription(self._summary(panel))

    def _summary(self, panel: ChartPanel) -> str:
        view = panel.view
        if panel is self.outer:
            runs = [run for run in self._runs.values() if run.visible and view.family in run.series]
            return " ".join(
                describe(f"{view.axis}, {run.title}", run.series[view.family], view.percent) for run in runs
            )
        current = self.current
        if current is None:
            return ""
        if not view.member:
            series = current.series.get(view.family)
            return describe(view.axis, series, view.percent) if series is not None else ""
        return " ".join(
            describe(f"{view.axis}, {view.member} {k}", current.series[f"{view.family}/{k}"], view.percent)
            for k in current.members(view.family)
        )


def _has(run: RunHistory, view: View) -> bool:
    return bool(run.members(view.family)) if view.member else len(run.series.get(view.family, ())) > 0


def _notes(panel: ChartPanel) -> list[str]:
    chart = panel.chart
    masked = sum(trace.curve.masked for trace in chart.traces.traces)
    beyond = sum(trace.curve.count_beyond(chart.x_range, chart.y_range) for trace in chart.traces.traces)
    notes = []
    if masked:
        words = "not positive, left out" if chart.left.scale_name == "log" else "not finite, left out"
        notes.append(f"{number(masked)} {'point' if masked == 1 else 'points'} {words}")
    if beyond:
        notes.append(f"{number(beyond)} {'point' if beyond == 1 else 'points'} off view")
    return notes
