"""Where one is in a recording, and where each command leads: going back is as free as going on. No Qt, no torch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

Place = tuple[str, int]
"""A file and a line in it, counted from 1."""


class Executed(Protocol):
    """What of a moment matters here: the line that ran, how many calls deep, and whether its own calls follow.

    A line that calls others has two moments: one before (``calling``), and one when it has returned.
    """

    @property
    def file(self) -> str: ...

    @property
    def line(self) -> int: ...

    @property
    def depth(self) -> int: ...

    @property
    def calling(self) -> bool: ...


class Player:
    """A position among the moments of one recording. Every command returns whether it moved.

    ``position`` is 0-based and -1 only where there are no moments at all. Commands never leave the recording: what
    has nothing ahead of it goes to the end (over, out) or stays (into, run to a line that never ran).
    """

    def __init__(self, moments: Sequence[Executed] = ()) -> None:
        self._moments = moments
        self._returns = _returns(moments)
        self.position = 0 if moments else -1
        self.breakpoints: set[Place] = set()

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def at_start(self) -> bool:
        return self.position <= 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self._moments) - 1

    @property
    def place(self) -> Place | None:
        """The line shown; None where there is nothing to show."""
        return self._place(self.position) if self._moments else None

    # --- one step ------------------------------------------------------------------------------------------------

    def go_to(self, position: int) -> bool:
        """To one moment by its number, the nearest one there is."""
        before = self.position
        if self._moments:
            self.position = min(max(position, 0), len(self._moments) - 1)
        return self.position != before

    def forward(self) -> bool:
        """The line that ran next, wherever it is."""
        return self.go_to(self.position + 1)

    def back(self) -> bool:
        """The line that ran before."""
        return self.go_to(self.position - 1)

    def to_start(self) -> bool:
        return self.go_to(0)

    def to_end(self) -> bool:
        return self.go_to(len(self._moments) - 1)

    # --- by calls ------------------------------------------------------------------------------------------------

    def over(self) -> bool:
        """The next line of this function, without what it calls; of the caller where the function ends."""
        depth = self._depth()
        return self._ahead(lambda index: self._moments[index].depth <= depth, otherwise=len(self._moments) - 1)

    def back_over(self) -> bool:
        """The line before of this function, without what that called; of the caller where the function began."""
        depth = self._depth()
        return self._behind(lambda index: self._moments[index].depth <= depth, otherwise=0)

    def into(self) -> bool:
        """The first line of the next function called before this one ends; stays where none is."""
        depth = self._depth()
        for index in range(self.position + 1, len(self._moments)):
            if self._moments[index].depth > depth:
                return self.go_to(index)
            if self._moments[index].depth < depth:
                break
        return False

    def out(self) -> bool:
        """The first line of the caller after this function ends."""
        depth = self._depth()
        return self._ahead(lambda index: self._moments[index].depth < depth, otherwise=len(self._moments) - 1)

    # --- to a line -----------------------------------------------------------------------------------------------

    def run_to(self, places: Collection[Place]) -> bool:
        """The next time one of these lines runs; where it does not run again, the first time it did."""
        if self._ahead(lambda index: self._place(index) in places):
            return True
        return self._first(places)

    def run_back_to(self, places: Collection[Place]) -> bool:
        """The last time before now that one of these lines ran."""
        return self._behind(lambda index: self._place(index) in places)

    def run(self) -> bool:
        """To the next breakpoint, else to the end. A call that comes back to a breakpoint is not held again."""
        return self._ahead(self._holds, otherwise=len(self._moments) - 1)

    @property
    def on_breakpoint(self) -> bool:
        """Whether running holds here."""
        return bool(self._moments) and self._holds(self.position)

    def visits(self, places: Collection[Place]) -> list[int]:
        """Positions at which these lines are entered, in order.

        Several of them one below the other are entered once, each time round a loop.
        """
        found: list[int] = []
        last: int | None = None
        for index, moment in enumerate(self._moments):
            if self._place(index) in places:
                if last is None or not self._goes_on(last, index):
                    found.append(index)
                last = index
            elif last is not None and moment.depth <= self._moments[last].depth:
                last = None
        return found

    def visit(self, places: Collection[Place], number: int) -> bool:
        """To the ``number``-th time these lines run, counted from 1, or from the end as -1, -2, ...

        Stays, and returns False, where they do not run that often.
        """
        found = self.visits(places)
        index = number - 1 if number > 0 else number
        if not found or not -len(found) <= index < len(found) or number == 0:
            return False
        self.go_to(found[index])
        return True

    def callers(self) -> list[int]:
        """Positions of the lines whose calls led here and have not come back yet, outermost first."""
        found: list[int] = []
        depth = self._depth()
        for index in range(self.position - 1, -1, -1):
            if self._moments[index].depth < depth:
                found.append(index)
                depth = self._moments[index].depth
                if depth == 0:
                    break
        return found[::-1]

    def toggle_breakpoint(self, place: Place) -> bool:
        """Returns whether the line has a breakpoint now."""
        self.breakpoints ^= {place}
        return place in self.breakpoints

    # --- another recording ---------------------------------------------------------------------------------------

    def replace(self, moments: Sequence[Executed]) -> None:
        """Go on in another recording at the same line, at the same time that it runs, or the last such time.

        Where the line does not run there, at the same share of the way. Breakpoints stay.
        """
        before, position, returns = self._moments, self.position, self._returns
        self._moments, self._returns = moments, _returns(moments)
        self.position = 0 if moments else -1
        if position < 0 or not moments:
            return
        wanted = (before[position].file, before[position].line, position in returns)
        count = sum((before[i].file, before[i].line, i in returns) == wanted for i in range(position + 1))
        same = [i for i in range(len(moments)) if (*self._place(i), i in self._returns) == wanted]
        if same:
            self.position = same[min(count, len(same)) - 1]
        else:
            self.position = round(position / max(len(before) - 1, 1) * (len(moments) - 1))

    # --- inside --------------------------------------------------------------------------------------------------

    def _place(self, index: int) -> Place:
        moment = self._moments[index]
        return moment.file, moment.line

    def _depth(self) -> int:
        return self._moments[self.position].depth if self._moments else 0

    def _goes_on(self, one: int, other: int) -> bool:
        """Whether a moment is further down in the function of an earlier one."""
        first, second = self._moments[one], self._moments[other]
        below = first.line < second.line or other in self._returns
        return first.file == second.file and first.depth == second.depth and below

    def _holds(self, index: int) -> bool:
        return self._place(index) in self.breakpoints and index not in self._returns

    def _ahead(self, wanted: Callable[[int], bool], otherwise: int | None = None) -> bool:
        for index in range(self.position + 1, len(self._moments)):
            if wanted(index):
                return self.go_to(index)
        return otherwise is not None and self.go_to(otherwise)

    def _behind(self, wanted: Callable[[int], bool], otherwise: int | None = None) -> bool:
        for index in range(self.position - 1, -1, -1):
            if wanted(index):
                return self.go_to(index)
        return otherwise is not None and self.go_to(otherwise)

    def _first(self, places: Collection[Place]) -> bool:
        for index in range(len(self._moments)):
            if self._place(index) in places:
                return self.go_to(index)
        return False


def _returns(moments: Sequence[Executed]) -> frozenset[int]:
    """The moments at which a call has come back to its line."""
    found: set[int] = set()
    calls: list[int] = []
    for index, moment in enumerate(moments):
        while calls and moments[calls[-1]].depth > moment.depth:
            calls.pop()
        if calls and moments[calls[-1]].depth == moment.depth:
            call = moments[calls.pop()]
            if (call.file, call.line) == (moment.file, moment.line) and not moment.calling:
                found.add(index)
        if moment.calling:
            calls.append(index)
    return frozenset(found)
