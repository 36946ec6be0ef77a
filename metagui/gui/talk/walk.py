"""The walk-throughs of a talk: recorded for a slide, gone through by its actions, pointed at by its highlights."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from metagui.config import DEFAULT_PRESET, load_preset
from metagui.errors import MetaguiError
from metagui.gui.presenters.walkthrough_presenter import WalkthroughPresenter
from metagui.gui.walkthrough.page import WalkthroughPage
from metagui.session.interactive import InteractiveWorker
from metagui.walkthroughs.catalogue import WALKTHROUGHS, Walkthrough
from metagui.walkthroughs.script_actions import GoTo, Highlight, OpenWalkthrough
from metagui.walkthroughs.script_places import places_for
from metagui.walkthroughs.sources import places_of

Recording = tuple[str, str, tuple[tuple[str, int | float], ...]]
"""Walk-through, preset and parameters: what decides all numbers."""


class TalkWalk(QObject):
    """One recording at a time; a slide that asks for the one on show gets it at once, from its beginning."""

    def __init__(
        self, worker: InteractiveWorker, page: WalkthroughPage, data_dir: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._wanted: Recording | None = None
        self._ready = False
        self._trouble = ""
        self.presenter = WalkthroughPresenter(worker, page, data_dir, self)
        self.presenter.shown.connect(self._note_shown)
        self.presenter.failed.connect(self._note_failed)

    def open(self, action: OpenWalkthrough, seed: int) -> RecordingWait:
        """Record, unless it is on show; raises InvalidValueError for a parameter that is out of bounds."""
        self.clear()
        parameters = {"seed": seed, **action.parameters}
        wanted = (action.name, action.preset, tuple(sorted(parameters.items())))
        if wanted == self._wanted and self._ready:
            self.presenter.commands["walk.start"]()
        else:
            self._wanted, self._ready, self._trouble = wanted, False, ""
            experiment = load_preset(action.preset or DEFAULT_PRESET).config
            self.presenter.open(action.name, parameters, experiment)
        return RecordingWait(self)

    def done(self) -> bool:
        """Whether the recording that was asked for is on show; raises MetaguiError where it cannot be."""
        if self._trouble:
            raise MetaguiError(self._trouble)
        return self._ready

    def go_to(self, action: GoTo) -> None:
        """Raises MetaguiError where the line does not run that often."""
        places = places_for(action, self._walkthrough())
        if not self.presenter.player.visits(places):
            raise MetaguiError("this line does not run in the walk-through on show")
        before = self.presenter.player.position
        self.presenter.go_to(places, action.visit)
        if self.presenter.player.place not in places:
            self.presenter.player.go_to(before)
            raise MetaguiError(f"this line does not run {abs(action.visit)} times")

    def highlight(self, action: Highlight) -> None:
        """Mark lines, and the code that is bound to them, and variables; the next highlight takes their place."""
        main = self._walkthrough().algorithms[0]
        source = [place for line in action.lines for place in places_of(f"{main}:{line}")]
        self._page.set_emphasis([(main, line) for line in action.lines], source, action.variables)

    def insight(self, title: str) -> QWidget:
        """The card whose title has this in it; raises MetaguiError where none has."""
        content = self.presenter.content
        titles = [insight.title for insight in content.insights] if content is not None else []
        for card, own in zip(self._page.values.insights.cards, titles, strict=False):
            if title.casefold() in own.casefold():
                return card
        raise MetaguiError(f"no insight is called {title!r}; there are: {', '.join(titles) or 'none'}")

    def clear(self) -> None:
        """Nothing is marked."""
        self._page.set_emphasis((), (), ())

    def activate(self, shown: bool) -> None:
        """Whether the page is on show."""
        self.presenter.activate(shown and self._ready)

    def close(self) -> None:
        self.presenter.close()

    def _walkthrough(self) -> Walkthrough:
        if self._wanted is None or not self._ready:
            raise MetaguiError("no walk-through is open")
        return WALKTHROUGHS[self._wanted[0]]

    def _note_shown(self) -> None:
        self._ready = True

    def _note_failed(self, reason: str) -> None:
        self._trouble = reason
        self._ready = False


class RecordingWait:
    """A walk-through that is being recorded."""

    what = "the walk-through to be recorded"

    def __init__(self, walk: TalkWalk) -> None:
        self._walk = walk

    def done(self) -> bool:
        return self._walk.done()
