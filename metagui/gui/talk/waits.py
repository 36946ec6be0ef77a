"""What a slide waits for: each knows when it is over, and raises where it never will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QScrollArea, QWidget

from metagui.config import ExperimentConfig
from metagui.errors import MetaguiError
from metagui.gui.adaptation.page import AdaptationPage
from metagui.gui.talk.performance import Key
from metagui.gui.talk.runs import TalkRun, TalkRuns
from metagui.walkthroughs.script_actions import Scrub, Wait


@dataclass
class Until:
    """Any condition."""

    what: str
    condition: Callable[[], bool]

    def done(self) -> bool:
        return self.condition()


class Starting:
    """A run that starts as soon as the one before it has ended."""

    what = "the training to start"

    def __init__(self, runs: TalkRuns, key: Key, config: ExperimentConfig, title: str) -> None:
        self._runs, self._key, self._config, self._title = runs, key, config, title
        self._run: TalkRun | None = None

    def done(self) -> bool:
        if self._run is None:
            self._runs.clear_way()
            if self._runs.busy:
                return False
            self._run = self._runs.launch(self._key, self._config, self._title)
        if not self._run.well:
            raise MetaguiError(f"{self._run.id} {self._run.status}: {self._run.reason}")
        return self._run.begun or self._run.over


class Reaching:
    """A run that has to get somewhere."""

    def __init__(self, runs: TalkRuns, action: Wait) -> None:
        if runs.current is None:
            raise MetaguiError("nothing is being trained")
        self._run, self._action = runs.current, action
        if action.step is not None:
            self.what = f"meta-step {action.step:,} of {self._run.id}"
        elif action.loss_below is not None:
            self.what = f"an outer loss below {action.loss_below:g} of {self._run.id}"
        else:
            self.what = f"the end of {self._run.id}"

    def done(self) -> bool:
        run, action = self._run, self._action
        if not run.well:
            raise MetaguiError(f"{run.id} {run.status}: {run.reason}")
        if action.step is not None:
            reached = run.step >= action.step
        elif action.loss_below is not None:
            reached = run.loss < action.loss_below
        else:
            reached = run.over
        if not reached and run.over:
            raise MetaguiError(f"{run.id} ended at meta-step {run.step:,}, before {self.what.partition(' of ')[0]}")
        return reached


class Scrubbing:
    """The held-out tasks, first adapted with the newest network, then shown after an inner step."""

    def __init__(self, runs: TalkRuns, page: AdaptationPage, action: Scrub) -> None:
        if runs.current is None:
            raise MetaguiError("there is no network to adapt: nothing has been trained")
        self.what = "held-out tasks to be adapted to"
        self._runs, self._page, self._action = runs, page, action
        self._playing = False

    def done(self) -> bool:
        if self._runs.adaptation_trouble:
            raise MetaguiError(self._runs.adaptation_trouble)
        if not self._playing and not self._runs.adapted:
            return False
        scrubber = self._page.scrubber
        last = scrubber.slider.maximum()
        target = last if self._action.inner_step is None else self._action.inner_step
        if target > last:
            raise MetaguiError(f"there are {last} inner steps, and {target} is beyond them")
        if self._action.play and not self._playing:
            self._playing = True
            self.what = f"inner step {target}"
            scrubber.slider.setValue(0)
            scrubber.play.setChecked(True)
        if self._playing and scrubber.step < target and scrubber.play.isChecked():
            return False
        scrubber.play.setChecked(False)
        scrubber.slider.setValue(target)
        return True


class Scrolling:
    """A part of a scrolling area that comes to its top, once everything has found its place."""

    what = "the page to be laid out"
    _LOOKS = 3

    def __init__(self, area: QScrollArea, part: QWidget) -> None:
        self._area, self._part = area, part
        self._looks = 0

    def done(self) -> bool:
        self._area.verticalScrollBar().setValue(self._part.y())
        self._looks += 1
        return self._looks >= self._LOOKS
