"""Whether the places that a script points at exist: lines of pseudo-code, and markers in the source."""

from __future__ import annotations

from collections.abc import Iterator

from metagui.walkthroughs.catalogue import Walkthrough
from metagui.walkthroughs.pseudocode import load_pseudocode
from metagui.walkthroughs.script_actions import GoTo
from metagui.walkthroughs.script_positions import Path
from metagui.walkthroughs.script_problems import Located, near
from metagui.walkthroughs.sources import load_source, places_of, source_names, statement_starts


def problems_of_place(where: Path, action: GoTo, walkthrough: Walkthrough) -> Iterator[Located]:
    """What is wrong with where an action goes in a walk-through."""
    problems = list(_problems_of_binding(where, action, walkthrough))
    yield from problems
    if action.code and not problems and not places_for(action, walkthrough):
        bound = "" if action.line is None and action.marker is None else " that is bound to it"
        yield Located((*where, "code"), f"no line of the textbook{bound} has {action.code!r}")


def _problems_of_binding(where: Path, action: GoTo, walkthrough: Walkthrough) -> Iterator[Located]:
    if action.marker is not None:
        yield from _problems_of_marker((*where, "marker"), action.marker, walkthrough)
        return
    algorithm = action.algorithm or walkthrough.algorithms[0]
    if algorithm not in walkthrough.algorithms:
        known = list(walkthrough.algorithms)
        yield Located(
            (*where, "algorithm"),
            f"{walkthrough.title} has no pseudo-code {algorithm!r}; it has {', '.join(known)}{near(algorithm, known)}",
        )
    elif action.line is not None:
        yield from problems_of_line((*where, "line"), algorithm, action.line)


def problems_of_line(where: Path, algorithm: str, line: int) -> Iterator[Located]:
    """What is wrong with a line of a pseudo-code that ``algorithm`` names."""
    pseudocode = load_pseudocode(algorithm)
    found = {one.number: one for one in pseudocode.lines}
    if line not in found:
        yield Located(where, f"{pseudocode.title} has no line {line}: its lines are {min(found)} to {max(found)}")
    elif not places_of(pseudocode.marker(line)):
        bound = ", ".join(str(number) for number in found if places_of(pseudocode.marker(number)))
        yield Located(where, f"line {line} of {pseudocode.title} is not bound to code; these are: {bound}")


def _problems_of_marker(where: Path, marker: str, walkthrough: Walkthrough) -> Iterator[Located]:
    algorithm, colon, number = marker.partition(":")
    if not colon or not number.isdecimal():
        yield Located(where, f'write a marker as "{walkthrough.algorithms[0]}:4", not {marker!r}')
    elif algorithm not in walkthrough.algorithms:
        known = list(walkthrough.algorithms)
        yield Located(
            where,
            f"{walkthrough.title} has no pseudo-code {algorithm!r}; it has {', '.join(known)}{near(algorithm, known)}",
        )
    else:
        yield from problems_of_line(where, algorithm, int(number))


def places_for(action: GoTo, walkthrough: Walkthrough) -> list[tuple[str, int]]:
    """Every (file, line) of the source that an action may mean."""
    if action.line is None and action.marker is None:
        places = [(file, line) for file in source_names() for line in sorted(set(_starts(file)))]
    else:
        places = places_of(action.marker or f"{action.algorithm or walkthrough.algorithms[0]}:{action.line}")
    return [(file, line) for file, line in places if action.code in _line(file, line)]


def _starts(file: str) -> list[int]:
    return list(statement_starts(load_source(file).text).values())


def _line(file: str, line: int) -> str:
    return load_source(file).text.splitlines()[line - 1]
