"""What a script names has to exist: walk-throughs, their parameters, lines of pseudo-code and markers."""

from __future__ import annotations

import pytest

from metagui.walkthroughs.catalogue import WALKTHROUGHS
from metagui.walkthroughs.script import ScriptError, read_script
from metagui.walkthroughs.script_actions import ACTIONS, GoTo
from metagui.walkthroughs.script_help import script_help
from metagui.walkthroughs.script_places import places_for

WALK = """
[talk]
title = "A walk"

[[slide]]
id = "maml"
title = "MAML"
page = "walkthrough"

[[slide.action]]
do = "walkthrough"
name = "imaml"
parameters = { inner_steps = 3, proximal_lambda = 2.0 }

[[slide.action]]
do = "go_to"
line = 5

[[slide.action]]
do = "highlight"
lines = [4, 5]
variables = ["phi"]
region = "values"

[[slide.action]]
do = "go_to"
marker = "conjugate_gradient:4"
visit = -1
"""


def problem_of(old: str, new: str) -> tuple[str, str]:
    assert old in WALK
    text = WALK.replace(old, new)
    with pytest.raises(ScriptError) as caught:
        read_script(text, "walk.toml")
    problem = caught.value.problems[0]
    return text.split("\n")[problem.line - 1], problem.message


def test_that_a_sound_walk_is_read() -> None:
    (slide,) = read_script(WALK).slides
    assert len(slide.actions) == 4


@pytest.mark.parametrize(
    ("old", "new", "blamed", "said"),
    [
        ('name = "imaml"', 'name = "imalm"', 'name = "imalm"', "did you mean imaml?"),
        ("proximal_lambda", "proximal_lamda", "parameters", "did you mean proximal_lambda?"),
        ("inner_steps = 3", 'inner_steps = "3"', "parameters", "must be a whole number"),
        ("inner_steps = 3", "inner_steps = 2000", "parameters", "inner_steps: must be at most 20, not 2000"),
        ("inner_steps = 3", "inner_steps = 3.5", "parameters", "inner_steps: must be a whole number, not 3.5"),
        ("line = 5", "line = 99", "line = 99", "has no line 99: its lines are 1 to"),
        ("line = 5", "line = 1", "line = 1", "line 1 of iMAML is not bound to code; these are: "),
        ("line = 5", 'line = 5\nalgorithm = "maml"', 'algorithm = "maml"', "iMAML has no pseudo-code 'maml'; it has"),
        ("line = 5", 'line = 5\nmarker = "imaml:5"', "[[slide.action]]", "say where to go once"),
        ("lines = [4, 5]", "lines = [4, 77]", "lines = [4, 77]", "has no line 77"),
        ("gradient:4", "gradient:four", 'marker = "conjugate_gradient:four"', 'write a marker as "imaml:4"'),
        ("conjugate_gradient:4", "reptile:4", 'marker = "reptile:4"', "iMAML has no pseudo-code 'reptile'"),
        ("line = 5", "line = 5\ncode = 'backward'", "code = 'backward'", "bound to it has 'backward'"),
        ("line = 5", "code = 'no such code'", "code = 'no such code'", "no line of the textbook has 'no such code'"),
        ("line = 5", "visit = 2", "[[slide.action]]", "say where to go: line = 6, marker"),
        ("visit = -1", "visit = 0", "[[slide.action]]", "visits count from 1; -1 is the last"),
        ('region = "values"', 'region = "cards"', 'region = "cards"', "it has pseudocode, source, values, task"),
        ('name = "imaml"', 'name = "imaml"\npreset = "sinusoid"', 'preset = "sinusoid"', "is not one of"),
    ],
)
def test_that_what_is_not_there_is_refused_at_its_line(old: str, new: str, blamed: str, said: str) -> None:
    line, message = problem_of(old, new)
    assert blamed in line
    assert said in message


def test_that_going_somewhere_needs_an_open_walk_through() -> None:
    opening = WALK[WALK.index("[[slide.action]]") : WALK.index('[[slide.action]]\ndo = "go_to"')]
    line, message = problem_of(opening, "")
    assert line in ('page = "walkthrough"', "[[slide.action]]")
    assert "open" in message


def test_that_every_bound_line_of_every_walk_through_can_be_gone_to() -> None:
    for walkthrough in WALKTHROUGHS.values():
        script = WALK[: WALK.index("[[slide.action]]")]
        script += f'[[slide.action]]\ndo = "walkthrough"\nname = "{walkthrough.name}"\n'
        script += f'[[slide.action]]\ndo = "go_to"\nline = 4\nalgorithm = "{walkthrough.algorithms[0]}"\n'
        _, go_to = read_script(script).slides[0].actions
        assert isinstance(go_to, GoTo)
        assert places_for(go_to, walkthrough)


def test_that_the_help_names_every_action_and_its_example_is_sound() -> None:
    text = script_help()
    for name in ACTIONS:
        assert f"  {name} " in text
    example = text[text.index("  [talk]") : text.index("what an action can do")]
    assert read_script(example).talk.seed == 7
