"""The course of a talk, without a window: slides, waits, clicks, failures, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from metagui.errors import MetaguiError
from metagui.gui.talk.performance import Key, Pending, Performance
from metagui.walkthroughs.script import Script, Slide, read_script
from metagui.walkthroughs.script_actions import Action, Train

TALK = """
[talk]
title = "Three slides"
limits = { wait_seconds = 30 }

[[slide]]
id = "one"
title = "One"
page = "monitor"
action = [
  { do = "train", preset = "sinusoid-maml" },
  { do = "wait", step = 5, seconds = 10 },
  { do = "picture" },
  { do = "click" },
  { do = "stop" },
]

[[slide]]
id = "two"
title = "Two"
page = "monitor"
action = [{ do = "wait", seconds = 2 }, { do = "stop" }]

[[slide]]
id = "three"
title = "Three"
"""


@dataclass
class Run:
    """Something under way that the test brings to its end."""

    what: str = "the run"
    over: bool = False
    trouble: str = ""

    def done(self) -> bool:
        if self.trouble:
            raise MetaguiError(self.trouble)
        return self.over


@dataclass
class ObedientCrew:
    """Notes what it is told; ``refuse`` names the actions it cannot do."""

    run: Run = field(default_factory=Run)
    refuse: dict[str, Exception] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def enter(self, slide: Slide, index: int) -> None:
        self.told.append(f"enter {slide.id}")

    def perform(self, action: Action, key: Key) -> Pending | None:
        self.told.append(action.do)
        if action.do in self.refuse:
            raise self.refuse[action.do]
        return self.run if action.do == "wait" else None


@pytest.fixture
def script() -> Script:
    return read_script(TALK)


def test_that_a_slide_goes_on_by_itself_up_to_what_it_waits_for(script: Script) -> None:
    crew = ObedientCrew()
    talk = Performance(script, crew)
    assert talk.phase == "off"
    talk.show(0, now=100.0)
    assert crew.told == ["enter one", "train", "wait"]
    assert (talk.phase, talk.waiting_for) == ("acting", "the run")
    talk.poll(103.0)
    assert talk.waited(103.0) == (3.0, 10.0)
    crew.run.over = True
    talk.poll(104.0)
    assert (talk.phase, talk.waiting_for) == ("holding", "")
    assert talk.failures == []


def test_that_a_click_holds_the_slide_until_the_next_key(script: Script) -> None:
    crew = ObedientCrew(Run(over=True))
    talk = Performance(script, crew)
    talk.show(0, 0.0)
    assert crew.told[-1] == "wait"
    assert talk.next(1.0)
    assert crew.told[-2:] == ["click", "stop"]
    assert (talk.index, talk.phase) == (0, "settled")
    assert talk.next(2.0)
    assert talk.slide.id == "two"


def test_that_a_wait_in_vain_is_told_and_the_slide_goes_on(script: Script) -> None:
    talk = Performance(script, ObedientCrew())
    talk.show(0, 0.0)
    talk.poll(9.9)
    assert talk.phase == "acting"
    talk.poll(10.0)
    assert talk.phase == "holding"
    (failure,) = talk.failures_here
    assert failure.message == "waited 10 s for the run, in vain"
    assert (failure.key, failure.doing) == ((0, 1), "wait")


@pytest.mark.parametrize("error", [MetaguiError("no such thing"), ZeroDivisionError("division by zero")])
def test_that_whatever_fails_the_talk_goes_on(script: Script, error: Exception) -> None:
    talk = Performance(script, ObedientCrew(Run(over=True), refuse={"train": error}))
    talk.show(0, 0.0)
    assert talk.phase == "holding"
    (failure,) = talk.failures_here
    assert str(error) in failure.message


def test_that_a_wait_that_cannot_end_well_ends_at_once(script: Script) -> None:
    talk = Performance(script, ObedientCrew(Run(trouble="the run diverged")))
    talk.show(0, 0.0)
    assert talk.phase == "holding"
    assert talk.failures_here[0].message == "the run diverged"


def test_that_next_leaves_a_slide_that_still_waits(script: Script) -> None:
    crew = ObedientCrew()
    talk = Performance(script, crew)
    talk.show(0, 0.0)
    assert talk.next(1.0)
    assert talk.slide.id == "two"
    assert talk.waiting_for == "the time to pass"
    crew.run.over = True
    talk.poll(2.0)
    assert talk.phase == "acting"
    talk.poll(3.0)
    assert (talk.phase, crew.told[-1]) == ("settled", "stop")
    assert talk.failures == [], "a rest that is over is no failure"


def test_that_going_back_begins_the_slide_anew_and_forgets_its_failures(script: Script) -> None:
    crew = ObedientCrew(refuse={"stop": MetaguiError("nothing to stop")}, run=Run(over=True))
    talk = Performance(script, crew)
    assert not talk.back(0.0)
    talk.show(0, 0.0)
    talk.next(0.0)
    talk.next(0.0)
    assert len(talk.failures) == 1
    crew.refuse.clear()
    assert talk.back(0.0)
    assert (talk.index, talk.phase, talk.failures) == (0, "holding", [])
    assert not talk.back(0.0)


def test_that_the_last_slide_is_the_end(script: Script) -> None:
    talk = Performance(script, ObedientCrew())
    talk.show(2, 0.0)
    assert (talk.phase, talk.next_slide) == ("settled", None)
    assert not talk.next(0.0)
    talk.show(3, 0.0)
    assert talk.index == 2


def test_that_the_picture_is_taken_where_the_script_says(script: Script) -> None:
    crew = ObedientCrew(Run(over=True))
    talk = Performance(script, crew)
    taken: list[str] = []
    talk.on_picture(lambda: taken.append(crew.told[-1]))
    talk.show(0, 0.0)
    talk.next(0.0)
    assert taken == ["wait"]


def test_that_a_picture_that_lets_the_clock_run_does_not_play_the_slide_twice(script: Script) -> None:
    crew = ObedientCrew(Run(over=True))
    talk = Performance(script, crew)
    taken: list[str] = []

    def take() -> None:
        taken.append("picture")
        talk.poll(0.5)  # as the timer does while the camera waits

    talk.on_picture(take)
    talk.show(0, 0.0)
    assert taken == ["picture"]
    assert talk.phase == "holding"
    talk.next(1.0)
    assert crew.told[-2:] == ["click", "stop"]


def test_that_every_change_is_told_and_nothing_else(script: Script) -> None:
    crew = ObedientCrew()
    changes: list[str] = []
    talk = Performance(script, crew, lambda: changes.append(talk.phase))
    talk.show(0, 0.0)
    seen = len(changes)
    talk.poll(1.0)
    assert len(changes) == seen
    crew.run.over = True
    talk.poll(2.0)
    assert changes[seen:] == ["holding"]


def test_that_the_crew_is_told_which_action_it_is(script: Script) -> None:
    keys: list[tuple[Key, bool]] = []

    class Noting(ObedientCrew):
        def perform(self, action: Action, key: Key) -> Pending | None:
            keys.append((key, isinstance(action, Train)))
            return super().perform(action, key)

    Performance(script, Noting()).show(0, 0.0)
    assert keys == [((0, 0), True), ((0, 1), False)]
