"""Scripts: read from TOML, and refused with file, line and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from metagui.errors import EnvironmentProblemError
from metagui.walkthroughs.script import Script, ScriptError, load_script, read_script
from metagui.walkthroughs.script_actions import Scrub, Train, Wait

SOUND = """
[talk]
title = "Ein kleiner Vortrag"
language = "de"
seed = 3

[[slide]]
id = "lernen"
title = "Lernen zu lernen"
narration = "Zuerst übt das Netz an vielen Aufgaben."
page = "monitor"

[[slide.action]]
do = "train"
preset = "sinusoid-maml"
set = { "outer.steps" = 100 }

[[slide.action]]
do = "wait"
step = 50

[[slide.action]]
do = "page"
page = "adaptation"

[[slide.action]]
do = "scrub"
inner_step = 1
"""


def changed(old: str, new: str) -> str:
    assert old in SOUND
    return SOUND.replace(old, new)


def problem_of(text: str) -> tuple[str, str]:
    """The line of the text that is blamed first, and what is said of it."""
    with pytest.raises(ScriptError) as caught:
        read_script(text, "my.toml")
    problem = caught.value.problems[0]
    assert str(caught.value).startswith(f"my.toml:{problem.line}: ")
    return text.split("\n")[problem.line - 1], problem.message


def test_that_a_sound_script_is_read_whole() -> None:
    script: Script = read_script(SOUND)
    (slide,) = script.slides
    assert script.talk.title == "Ein kleiner Vortrag"
    assert "übt" in slide.narration
    train, wait, _, scrub = slide.actions
    assert isinstance(train, Train)
    assert train.experiment(script.talk.seed).outer.steps == 100
    assert train.experiment(script.talk.seed).compute.seed == 3
    assert isinstance(wait, Wait)
    assert wait.step == 50
    assert isinstance(scrub, Scrub)


@pytest.mark.parametrize(
    ("old", "new", "blamed", "said"),
    [
        ('do = "scrub"', 'do = "scrb"', 'do = "scrb"', "did you mean scrub?"),
        ('do = "scrub"', "", "[[slide.action]]", "an action says what to do"),
        ("step = 50", 'step = "50"', 'step = "50"', "step must be a whole number, not '50'"),
        ("step = 50", "step = true", "step = true", "step must be a whole number, not true"),
        ("step = 50", "step = 0", "step = 0", "step must be at least 1, not 0"),
        ("step = 50", "loss_below = nan", "loss_below = nan", "loss_below"),
        ("step = 50", "", "[[slide.action]]", "say what to wait for"),
        ("step = 50", "step = 50\nfinished = true", "[[slide.action]]", "wait for one thing"),
        ("step = 50", "step = 101", "step = 101", "the run before it ends after 100 meta-steps"),
        ("sinusoid-maml", "sinusoid-mam", 'preset = "sinusoid-mam"', "did you mean sinusoid-maml?"),
        ("outer.steps", "outer.stps", "outer.stps", "did you mean steps?"),
        ("= 100", '= "many"', '"many"', "outer.steps: must be a whole number"),
        ("inner_step = 1", "inner_stp = 1", "inner_stp = 1", "inner_step, play can stand here; did you mean"),
        ('page = "monitor"', 'page = "monitr"', 'page = "monitr"', "'title', 'monitor', 'adaptation' or 'walkthrough'"),
        ('page = "adaptation"', 'page = "monitor"', 'do = "scrub"', "scrub works on the adaptation page, and here"),
        ('page = "monitor"', 'page = "walkthrough"', 'page = "walkthrough"', "until the slide opens a walk-through"),
        (
            'do = "scrub"\ninner_step = 1',
            'do = "highlight"\nregion = "outer"',
            'region = "outer"',
            "on the monitor page",
        ),
        ('do = "scrub"\ninner_step = 1', 'do = "highlight"', "[[slide.action]]", "say what to mark"),
        ('do = "train"', 'do = "stop"', 'preset = "sinusoid-maml"', "it stands alone"),
        ('title = "Ein kleiner Vortrag"', "", "[talk]", "title is missing"),
        ('id = "lernen"', 'id = "Lernen!"', 'id = "Lernen!"', "small letters, digits and hyphens"),
        ('id = "lernen"', "", "[[slide]]", "id is missing"),
        ("seed = 3", "seed = -3", "seed = -3", "seed must be at least 0, not -3"),
        ("seed = 3", "sed = 3", "sed = 3", "did you mean seed?"),
        ('page = "monitor"', "page = ", "page = ", "is no valid TOML: invalid value"),
        ("inner_step = 1", "inner_step = [1,", "inner_step = [1,", "is no valid TOML: "),
    ],
)
def test_that_a_broken_script_is_refused_at_its_line(old: str, new: str, blamed: str, said: str) -> None:
    line, message = problem_of(changed(old, new))
    assert blamed in line
    assert said in message


def test_that_waiting_needs_a_training_before_it() -> None:
    text = SOUND.replace('do = "train"\npreset = "sinusoid-maml"\nset = { "outer.steps" = 100 }', 'do = "click"')
    line, message = problem_of(text)
    assert line == "[[slide.action]]"
    assert "put a train action before it" in message


def test_that_all_problems_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = SOUND.replace("seed = 3", "sed = 3").replace("step = 50", 'step = "50"').replace("scrub", "scrb")
    with pytest.raises(ScriptError) as caught:
        read_script(text, "my.toml")
    lines = [problem.line for problem in caught.value.problems]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_that_two_slides_of_one_id_are_refused() -> None:
    slide = SOUND[SOUND.index("[[slide]]") :]
    line, message = problem_of(SOUND + slide)
    assert line == 'id = "lernen"'
    assert "that of an earlier slide" in message


@pytest.mark.parametrize("text", ["", "[talk]\ntitle = 'x'\n", "slide = []\n[talk]\ntitle = 'x'\n"])
def test_that_a_talk_without_slides_is_refused(text: str) -> None:
    with pytest.raises(ScriptError, match="slide"):
        read_script(text)


def test_that_a_file_that_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "talk.toml"
    path.write_bytes("[talk]\ntitle = 'Übung'\n".encode("latin-1"))
    with pytest.raises(ScriptError, match=r"talk\.toml:2: is not UTF-8 text"):
        load_script(str(path))


def test_that_a_script_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "talk.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.encode())
    assert load_script(str(path)).talk.seed == 3


def test_that_a_script_that_is_not_there_is_told_with_the_shipped_ones() -> None:
    with pytest.raises(EnvironmentProblemError, match="the shipped scripts are"):
        load_script("nowhere.toml")


def test_that_a_folder_is_called_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "talk.toml"
    folder.mkdir()
    with pytest.raises(EnvironmentProblemError, match="is a folder"):
        load_script(str(folder))
