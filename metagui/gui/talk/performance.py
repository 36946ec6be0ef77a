"""The course of a talk: which slide, which action, what it waits for and what failed. No Qt: time is handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from metagui.errors import MetaguiError
from metagui.walkthroughs.script import Script, Slide
from metagui.walkthroughs.script_actions import Action, Click, Picture, Wait

Phase = Literal["off", "acting", "holding", "settled"]
"""``holding``: at a click, for the speaker's next key. ``settled``: all actions of the slide are over."""

Key = tuple[int, int]
"""Slide and action, both from 0."""


class Pending(Protocol):
    """Something that has been begun. ``what`` ends the sentence "waiting for ..."."""

    what: str

    def done(self) -> bool:
        """Whether it is over; raises MetaguiError where it never will be."""
        ...


class Crew(Protocol):
    """Who does what the script says."""

    def enter(self, slide: Slide, index: int) -> None:
        """Clear the stage for a slide: its page, nothing marked, nothing zoomed."""
        ...

    def perform(self, action: Action, key: Key) -> Pending | None:
        """Do it, or begin it; raises MetaguiError where it cannot be done."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """``doing`` is the action's word; ``message`` is for the speaker."""

    key: Key
    doing: str
    message: str


@dataclass
class _Rest:
    """A wait for nothing but time."""

    what: str

    def done(self) -> bool:
        return False


class Performance:
    """Plays a script. :meth:`poll` is called again and again; nothing here blocks, and no failure stops the talk."""

    def __init__(self, script: Script, crew: Crew, changed: Callable[[], None] = lambda: None) -> None:
        self.script = script
        self.index = -1
        self.phase: Phase = "off"
        self.failures: list[Failure] = []
        self._crew = crew
        self._changed = changed
        self._position = 0
        self._pending: Pending | None = None
        self._since = 0.0
        self._busy = False
        self._pictured: Callable[[], None] | None = None

    # --- what it is -----------------------------------------------------------------------------------------------

    @property
    def slide(self) -> Slide:
        return self.script.slides[self.index]

    @property
    def next_slide(self) -> Slide | None:
        slides = self.script.slides
        return slides[self.index + 1] if self.index + 1 < len(slides) else None

    @property
    def action(self) -> Action | None:
        """What is being done now."""
        return self.slide.actions[self._position] if self.phase in ("acting", "holding") else None

    @property
    def waiting_for(self) -> str:
        """What the slide waits for, to end the sentence "waiting for ..."; empty where it does not."""
        return self._pending.what if self._pending is not None else ""

    def waited(self, now: float) -> tuple[float, float]:
        """Seconds since the wait began, and the most that it may take."""
        return (now - self._since, self._limit()) if self._pending is not None else (0.0, 0.0)

    @property
    def failures_here(self) -> list[Failure]:
        """What failed on this slide since it was last shown."""
        return [failure for failure in self.failures if failure.key[0] == self.index]

    # --- the speaker's keys ---------------------------------------------------------------------------------------

    def show(self, index: int, now: float) -> None:
        """Begin a slide from its start; what an earlier one still waited for is given up."""
        if not 0 <= index < len(self.script.slides):
            return
        self.index = index
        self.failures = [failure for failure in self.failures if failure.key[0] != index]
        self._position = 0
        self._pending = None
        self.phase = "acting"
        try:
            self._crew.enter(self.slide, index)
        except Exception as error:  # a talk goes on whatever happens; the speaker is told
            self._note(error)
        self.poll(now)
        self._changed()

    def next(self, now: float) -> bool:
        """On with the slide where it holds for a key, else to the next one; False at the very end."""
        if self.phase == "holding":
            self._crew.perform(self.slide.actions[self._position], (self.index, self._position))
            self._position += 1
            self.phase = "acting"
            self.poll(now)
            self._changed()
            return True
        if self.next_slide is None:
            return False
        self.show(self.index + 1, now)
        return True

    def back(self, now: float) -> bool:
        """To the slide before, from its start; False on the first."""
        if self.index <= 0:
            return False
        self.show(self.index - 1, now)
        return True

    # --- the course -----------------------------------------------------------------------------------------------

    def on_picture(self, take: Callable[[], None] | None) -> None:
        """Called where the script says that the slide's picture is to be taken."""
        self._pictured = take

    def poll(self, now: float) -> None:
        """Go on as far as it goes without waiting. ``now`` in seconds, from any beginning.

        A call from within, by an event loop that an action runs, does nothing.
        """
        if self._busy:
            return
        before = self._signature()
        self._busy = True
        try:
            self._go_on(now)
        finally:
            self._busy = False
        if self._signature() != before:
            self._changed()

    def _go_on(self, now: float) -> None:
        while self.phase == "acting":
            if self._pending is None:
                if self._position >= len(self.slide.actions):
                    self.phase = "settled"
                    break
                self._begin(now)
            elif not self._over(now):
                break

    def _begin(self, now: float) -> None:
        action = self.slide.actions[self._position]
        match action:
            case Click():
                self.phase = "holding"
                return
            case Picture():
                if self._pictured is not None:
                    self._pictured()
            case Wait() if not action.for_a_run:
                self._pending, self._since = _Rest("the time to pass"), now
                return
            case _:
                try:
                    self._pending = self._crew.perform(action, (self.index, self._position))
                except Exception as error:  # as above
                    self._note(error)
                self._since = now
        if self._pending is None:
            self._position += 1

    def _over(self, now: float) -> bool:
        """Whether what is waited for is over, one way or the other."""
        assert self._pending is not None
        try:
            over = self._pending.done()
        except Exception as error:  # as above
            self._note(error)
            over = True
        if not over and now - self._since >= self._limit():
            over = True
            if not isinstance(self._pending, _Rest):
                self._note(MetaguiError(f"waited {self._limit():g} s for {self._pending.what}, in vain"))
        if over:
            self._pending = None
            self._position += 1
        return over

    def _limit(self) -> float:
        action = self.slide.actions[self._position]
        given = action.seconds if isinstance(action, Wait) else None
        return given if given is not None else self.script.talk.limits.wait_seconds

    def _note(self, error: Exception) -> None:
        expected = isinstance(error, MetaguiError)
        message = str(error) if expected else f"{type(error).__name__}: {error} (a mistake in metagui)"
        actions = self.slide.actions
        doing = actions[self._position].do if self._position < len(actions) else "page"
        self.failures.append(Failure((self.index, self._position), doing, message))

    def _signature(self) -> object:
        return self.index, self._position, self.phase, self.waiting_for, len(self.failures)
