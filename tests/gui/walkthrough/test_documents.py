"""How the paper's lines, the source's lines and the moments of a recording hang together."""

import itertools
from collections.abc import Callable

import pytest

from metagui.events import Recorded
from metagui.gui.walkthrough.content import Content
from metagui.gui.walkthrough.documents import texts_of
from metagui.gui.walkthrough.highlight import formula_line, highlighted
from metagui.walkthroughs.sources import load_source, source_names

Make = Callable[..., Recorded]


@pytest.mark.parametrize("file", source_names())
def test_that_highlighting_changes_no_character_of_the_source(file: str) -> None:
    text = load_source(file).text
    lines = highlighted(text)
    assert "\n".join(line.text for line in lines) + "\n" == text
    for line in lines:
        ends = [(span.start, span.start + span.length) for span in line.spans]
        assert all(0 <= start < end <= len(line.text) for start, end in ends)
        assert all(one[1] <= two[0] for one, two in itertools.pairwise(ends))


def test_that_words_of_python_and_markers_are_told_apart() -> None:
    (line,) = highlighted("for name in range(3):  # maml:6 the gradient")
    kinds = {line.text[span.start : span.start + span.length]: span.kind for span in line.spans}
    assert (kinds["for"], kinds["range"], kinds["3"]) == ("keyword", "builtin", "number")
    assert kinds["# maml:6 the gradient"] == "reference"
    (line,) = highlighted("x = 1  # an ordinary remark")
    assert line.spans[-1].kind == "comment"


def test_that_subscripts_of_the_paper_lose_their_underscore() -> None:
    line = formula_line(7, "θ′_i = θ − α ∇θ L_{i+1}(f_θ)")
    assert line.text == "θ′i = θ − α ∇θ Li+1(fθ)"
    assert [line.text[span.start : span.start + span.length] for span in line.spans] == ["i", "i+1", "θ"]


def test_that_each_bound_line_leads_to_the_paper_and_back(recording: Make) -> None:
    content = Content(recording())
    texts = texts_of(content)
    assert [document.key for document in texts.paper] == ["maml"]
    assert [document.key for document in texts.source] == ["maml.py", "inner_loop.py"]
    for place, spots in texts.bound.items():
        assert all(place in texts.places_of(spot) for spot in spots)
    moment = content.moments[4]
    assert texts.reached(content, 4) == ((("maml", 7),), True)
    assert texts.source[1].badges[moment.line] == "7"


def test_that_a_line_without_a_marker_shows_where_the_paper_was_last(recording: Make) -> None:
    content = Content(recording())
    texts = texts_of(content)
    spots, exact = texts.reached(content, 2)  # the beginning of the function, called from the loop over tasks
    assert (spots, exact) == ((("maml", 4),), False)


def test_that_all_lines_of_a_statement_can_be_chosen_and_lead_to_its_first(recording: Make) -> None:
    texts = texts_of(Content(recording()))
    document = texts.source[0]
    call = next(line.number for line in document.lines if line.text.strip().startswith("phi, losses"))
    assert document.runs[call] == document.runs[call + 1] == 2
    assert texts.statement("maml.py", call + 1) == ("maml.py", call)


def test_that_only_lines_that_run_can_be_chosen_in_the_paper(recording: Make) -> None:
    (paper,) = texts_of(Content(recording())).paper
    assert 1 not in paper.runs
    assert paper.runs[7] == 2
