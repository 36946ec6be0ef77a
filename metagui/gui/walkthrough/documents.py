"""The two texts of a recording and how they hang together: pseudo-code and source, line for line. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metagui.gui.walkthrough.content import Content
from metagui.gui.walkthrough.document import Document, Spot
from metagui.gui.walkthrough.highlight import formula_line, highlighted
from metagui.walkthroughs.catalogue import WALKTHROUGHS
from metagui.walkthroughs.pseudocode import PseudoCode, load_pseudocode
from metagui.walkthroughs.sources import load_source, statement_starts, without_markers

_INDENT = 4  # spaces a level


@dataclass(frozen=True, slots=True)
class Texts:
    """``paper`` and ``source`` to show; ``bound`` leads from a line of the source to lines of the paper.

    ``starts`` tells by file where the statement of each line begins.
    """

    paper: tuple[Document, ...]
    source: tuple[Document, ...]
    bound: dict[Spot, tuple[Spot, ...]]
    starts: dict[str, dict[int, int]]

    def statement(self, file: str, line: int) -> Spot:
        """The line at which the statement of a line begins: what a recording calls it."""
        return file, self.starts.get(file, {}).get(line, line)

    def places_of(self, spot: Spot) -> set[Spot]:
        """The lines of the source that belong to one of the paper, of those that the recording has files for."""
        return {place for place, spots in self.bound.items() if spot in spots}

    def reached(self, content: Content, position: int) -> tuple[tuple[Spot, ...], bool]:
        """The paper's lines at a moment, and whether its own source line is one of theirs.

        Where it is not, those of the line that was bound last on the way here: of this function, or of a caller.
        """
        moments = content.moments
        here = moments[position]
        for index in range(position, -1, -1):
            moment = moments[index]
            caller = moment.depth < here.depth
            if caller or (moment.depth == here.depth and (moment.file, moment.function) == (here.file, here.function)):
                here = moment
                found = self.bound.get((moment.file, moment.line))
                if found:
                    return found, index == position
        return (), False


def texts_of(content: Content) -> Texts:
    """The documents of a recording; raises KeyError or ValueError where it is of another version of the textbook."""
    algorithms = WALKTHROUGHS[content.walkthrough].algorithms
    bound = _bound(content.files, algorithms)
    paper = tuple(_paper(load_pseudocode(name), content, bound) for name in algorithms)
    starts = {file: statement_starts(load_source(file).text) for file in content.files}
    source = tuple(_source(file, content, bound, starts[file]) for file in content.files)
    return Texts(tuple(_used(paper)), source, bound, starts)


def _bound(files: Sequence[str], algorithms: Sequence[str]) -> dict[Spot, tuple[Spot, ...]]:
    bound: dict[Spot, tuple[Spot, ...]] = {}
    for file in files:
        for line, markers in load_source(file).markers.items():
            named = [marker.partition(":") for marker in markers]
            spots = [(name, int(number)) for name, _, number in named if name in algorithms]
            first = next((name for name, _ in spots), "")
            if spots:  # one line of ours may be several of one algorithm, but is shown in one algorithm only
                bound[file, line] = tuple(spot for spot in spots if spot[0] == first)
    return bound


def _used(paper: Sequence[Document]) -> Sequence[Document]:
    """The main algorithm, and the others where a line of them runs."""
    return [document for index, document in enumerate(paper) if index == 0 or document.runs]


def _paper(code: PseudoCode, content: Content, bound: dict[Spot, tuple[Spot, ...]]) -> Document:
    lines = tuple(formula_line(line.number, " " * _INDENT * line.indent + line.text) for line in code.lines)
    runs: dict[int, int] = {}
    counts = {file: content.runs(file) for file in content.files}
    for (file, number), spots in bound.items():
        for name, line in spots:
            if name == code.name and number in counts[file]:
                runs[line] = max(runs.get(line, 0), counts[file][number])
    return Document(code.name, code.title, code.citation, lines, runs=runs, note=code.note)


def _source(file: str, content: Content, bound: dict[Spot, tuple[Spot, ...]], starts: dict[int, int]) -> Document:
    badges = {line: ",".join(str(number) for _, number in spots) for (of, line), spots in bound.items() if of == file}
    counts = content.runs(file)
    runs = {line: counts[start] for line, start in starts.items() if start in counts}
    return Document(file, file, "", highlighted(without_markers(load_source(file).text)), badges, runs)
