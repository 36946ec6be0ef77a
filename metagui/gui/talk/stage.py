"""Everything that a talk plays on: pages of its own, a session of its own, and who does what the script says."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from metagui.gui.adaptation.page import AdaptationPage
from metagui.gui.monitor.page import MonitorPage
from metagui.gui.talk.audience import AudienceWindow
from metagui.gui.talk.performance import Key, Pending
from metagui.gui.talk.runs import TalkRuns
from metagui.gui.talk.title_page import TitlePage
from metagui.gui.talk.waits import Reaching, Scrolling, Scrubbing, Starting, Until
from metagui.gui.talk.walk import TalkWalk
from metagui.gui.theme import Theme
from metagui.gui.walkthrough.page import WalkthroughPage
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController, HostKind
from metagui.session.interactive import InteractiveWorker
from metagui.walkthroughs.script import Script, Slide
from metagui.walkthroughs.script_actions import (
    Action,
    Click,
    GoTo,
    Highlight,
    OpenWalkthrough,
    PageName,
    Region,
    Scrub,
    ShowPage,
    Train,
    Wait,
    Zoom,
)

_HEIGHTS: dict[PageName, int] = {"title": 620, "monitor": 440, "adaptation": 470, "walkthrough": 490}
"""Pixels that each page is laid out for: the lower, the larger everything on it."""


class Stage(QObject):
    """The crew of a performance. Its pages, runs and workers are the talk's alone: the main window is not touched."""

    def __init__(
        self,
        script: Script,
        store: RunStore,
        audience: AudienceWindow,
        theme: Theme,
        host: HostKind = "child",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._script = script
        self._audience = audience
        self._canvas = audience.canvas
        self.controller = ExperimentController(store, host=host, parent=self)
        self.worker = InteractiveWorker(parent=self)
        self.title, self.monitor, self.adaptation = TitlePage(), MonitorPage(), AdaptationPage()
        self.walkthrough = WalkthroughPage()
        self.runs = TalkRuns(store, self.controller, self.worker, (self.monitor, self.adaptation), store.data_dir, self)
        self.walk = TalkWalk(self.worker, self.walkthrough, store.data_dir, self)
        self.worker.adapted.connect(self._canvas.sharpen)  # new cards bring new plots
        self._take_chrome_off()
        pages: dict[PageName, QWidget] = {
            "title": self.title,
            "monitor": self.monitor,
            "adaptation": self.adaptation,
            "walkthrough": self.walkthrough,
        }
        for name, page in pages.items():
            self._canvas.mount(name, page, _HEIGHTS[name])
        self.set_theme(theme)

    def open(self) -> None:
        """Let the worker import torch while the first slide is on."""
        self.worker.warm_up()

    def close(self) -> None:
        """Stop what is being trained, end the worker. Idempotent."""
        self.runs.close()
        self.walk.close()
        self.controller.shutdown()
        self.worker.shutdown()

    def set_theme(self, theme: Theme) -> None:
        for page in (self.title, self.monitor, self.adaptation, self.walkthrough):
            page.set_theme(theme)
        self._audience.set_theme(theme)

    # --- what the script asks for ---------------------------------------------------------------------------------

    def enter(self, slide: Slide, index: int) -> None:
        self.adaptation.scrubber.play.setChecked(False)
        self._canvas.clear_marks()
        self.walk.clear()
        for plot in (self.monitor.outer, self.monitor.inner):
            plot.show()
        self._audience.show_slide(index, slide.title, slide.narration, heading=slide.page != "title")
        talk = self._script.talk
        self.title.show_words(slide.title, talk.subtitle or talk.title, talk.author)
        self._turn_to(slide.page)

    def perform(self, action: Action, key: Key) -> Pending | None:
        match action:
            case Train():
                return self._train(action, key)
            case Wait():
                return Reaching(self.runs, action)
            case Scrub():
                return Scrubbing(self.runs, self.adaptation, action)
            case OpenWalkthrough():
                return self.walk.open(action, self._script.talk.seed)
            case GoTo():
                self.walk.go_to(action)
            case Click():
                if action.narration:
                    self._audience.narration.setText(action.narration)
            case ShowPage():
                self._turn_to(action.page)
            case Highlight():
                return self._highlight(action)
            case Zoom():
                self._zoom(action)
            case _:
                return self._steer(action.do)
        return None

    # --- how ------------------------------------------------------------------------------------------------------

    def _turn_to(self, page: PageName) -> None:
        self._canvas.show_page(page)
        if page == "walkthrough":
            self.walkthrough.columns.setSizes(_shares(self.walkthrough.width(), 66, 34))
            self.walkthrough.texts.setSizes(_shares(self.walkthrough.width(), 25, 41))
            self._bring_forward("task")
        self.runs.watch_adaptation(page == "adaptation")
        self.walk.activate(page == "walkthrough")

    def _train(self, action: Train, key: Key) -> Pending | None:
        run = self.runs.known(key)
        if run is not None:
            self.runs.bring_on(key, run)
            return None
        config = action.experiment(self._script.talk.seed)
        title = action.name or f"{config.algorithm.title} · {config.task.title}"
        return Starting(self.runs, key, config, title)

    def _steer(self, command: str) -> Pending | None:
        self.runs.steer(command)
        match command:
            case "pause":
                return Until("the training to hold", lambda: self.runs.paused)
            case "stop":
                return Until("the training to end", lambda: not self.runs.busy)
            case _:
                return None

    def _zoom(self, action: Zoom) -> None:
        """A plot is as wide as its page: it comes closer by having the page to itself."""
        plots = {"outer": self.monitor.outer, "inner": self.monitor.inner}
        alone = plots.get(action.region or "")
        self._bring_forward(action.region)
        for plot in plots.values():
            plot.setVisible(alone in (None, plot))
        if alone is not None:
            self._canvas.enlarge(action.factor)
        else:
            self._canvas.enlarge(1.0)
            self._canvas.zoom_to(self._region(action.region) if action.region else None, action.factor)

    def _highlight(self, action: Highlight) -> Pending | None:
        self._canvas.clear_marks()
        if action.region is not None:
            self._bring_forward(action.region)
            self._canvas.mark(self._region(action.region))
        if action.lines or action.variables:
            self.walk.highlight(action)
        if not action.insight:
            return None
        return Scrolling(self.walkthrough.values.insights, self.walk.insight(action.insight))

    def _bring_forward(self, region: Region | None) -> None:
        """A region may lie behind a tab, or need the room of another."""
        values = self.walkthrough.values
        if region in ("task", "insights"):
            values.lower.setCurrentIndex(("task", "insights").index(region))
        if region in ("task", "insights", "values"):
            values.lower.setVisible(region != "values")
            values.split.setSizes(_shares(values.height(), *((30, 70) if region == "insights" else (50, 50))))

    def _region(self, region: Region) -> QWidget:
        match region:
            case "outer":
                return self.monitor.outer
            case "inner":
                return self.monitor.inner
            case "figures":
                return self.adaptation.figures
            case "cards":
                return self.adaptation.board
            case "scrubber":
                return self.adaptation.scrubber
            case "pseudocode" | "source" | "values":
                return self.walkthrough.regions[region]
            case "task" | "insights":
                return self.walkthrough.values.lower
            case _:
                assert_never(region)

    def _take_chrome_off(self) -> None:
        """What is there to be clicked in the main window only takes room on a stage."""
        self.monitor.controls.hide()
        self.adaptation.other_tasks.setMaximumSize(0, 0)
        self.walkthrough.setup.hide()
        for part in (self.walkthrough.transport, self.walkthrough.legend):
            part.setFixedHeight(0)  # the page itself shows and hides them


def _shares(width: int, *percent: int) -> list[int]:
    return [width * share // 100 for share in percent]
