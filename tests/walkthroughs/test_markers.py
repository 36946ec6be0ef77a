"""Pseudo-code and source refer to each other, without a gap on either side."""

from __future__ import annotations

import subprocess
import sys

import pytest

from metagui.errors import InvalidValueError
from metagui.walkthroughs.catalogue import WALKTHROUGHS
from metagui.walkthroughs.pseudocode import load_pseudocode, pseudocode_names
from metagui.walkthroughs.sources import load_source, places_of, source_names, statement_starts, without_markers

MARKERS = {marker for file in source_names() for found in load_source(file).markers.values() for marker in found}


@pytest.mark.parametrize("name", pseudocode_names())
def test_that_every_line_of_pseudocode_has_code(name: str) -> None:
    code = load_pseudocode(name)
    assert [line.number for line in code.lines] == list(range(1, len(code.lines) + 1))
    assert [line.number for line in code.lines if line.code and not places_of(code.marker(line.number))] == []


@pytest.mark.parametrize("marker", sorted(MARKERS))
def test_that_every_marker_in_the_source_has_a_line_of_pseudocode(marker: str) -> None:
    name, _, number = marker.partition(":")
    assert int(number) in [line.number for line in load_pseudocode(name).lines if line.code]


def test_that_every_walkthrough_has_pseudocode_and_every_pseudocode_a_walkthrough() -> None:
    named = [name for walkthrough in WALKTHROUGHS.values() for name in walkthrough.algorithms]
    assert set(named) == set(pseudocode_names())


def test_that_a_marker_belongs_to_the_first_line_of_its_statement() -> None:
    source = load_source("inner_loop.py")
    (line,) = source.lines_of("maml:7")
    assert source.text.splitlines()[line - 1].strip().startswith("phi = {")


def test_that_lines_within_a_statement_lead_to_its_beginning() -> None:
    text = "for i in range(\n    3\n):\n    x = [\n        i,\n    ]\n    y = i\n"
    assert statement_starts(text) == {1: 1, 2: 1, 3: 1, 4: 4, 5: 4, 6: 4, 7: 7}


def test_that_reading_the_source_imports_neither_it_nor_torch() -> None:
    program = (
        "import sys\n"
        "from metagui.walkthroughs.sources import load_source, source_names\n"
        "assert 'meta_gradient' in load_source('maml.py').text, source_names()\n"
        "assert not {'torch', 'metagui.engine.textbook'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_that_what_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="is not one of"):
        load_pseudocode("gauss")
    with pytest.raises(ValueError, match="no file of the textbook"):
        load_source("../trainer.py")


def test_that_the_eye_sees_comments_without_their_markers() -> None:
    text = "x = 1  # maml:4 fomaml:4 for all tasks\ny = 2  # maml:5\nz = 3  # as it is\n"
    assert without_markers(text) == "x = 1  # for all tasks\ny = 2\nz = 3  # as it is\n"
    for file in source_names():
        shown = without_markers(load_source(file).text)
        assert len(shown.splitlines()) == len(load_source(file).text.splitlines())
        assert not [marker for marker in MARKERS if f"# {marker}" in shown]
