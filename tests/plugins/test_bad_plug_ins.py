"""Plug-ins that are wrong in every way we could think of: each is named with its reason, and the program starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """
from __future__ import annotations
from typing import ClassVar, Literal, Optional
from pydantic import Field
from metagui.config.algorithms import AlgorithmSection, InnerLoop
from metagui.config.models import ModelSection
from metagui.config.tasks import TaskSection

class Clash(InnerLoop):
    title: ClassVar[str] = "Clash"
    implementation: ClassVar[str] = "x:y"
    name: Literal["maml"] = "maml"

class Undefined(InnerLoop):
    title: ClassVar[str] = "Undefined"
    implementation: ClassVar[str] = "x:y"
    name: Literal["undefined"] = "undefined"
    other: Missing = 3

class NoSteps(AlgorithmSection):
    title: ClassVar[str] = "No steps"
    implementation: ClassVar[str] = "x:y"
    name: Literal["no_steps"] = "no_steps"

class NumberName(InnerLoop):
    title: ClassVar[str] = "Number"
    implementation: ClassVar[str] = "x:y"
    name: Literal[3] = 3

class BadDefault(InnerLoop):
    title: ClassVar[str] = "Bad default"
    implementation: ClassVar[str] = "x:y"
    name: Literal["bad_default"] = "bad_default"
    wrong: int = Field("x")

class Required(InnerLoop):
    title: ClassVar[str] = "Required"
    implementation: ClassVar[str] = "x:y"
    name: Literal["required"] = "required"
    must: int

class Untitled(InnerLoop):
    implementation: ClassVar[str] = "x:y"
    name: Literal["untitled"] = "untitled"

class NoKind(TaskSection):
    title: ClassVar[str] = "No kind"
    implementation: ClassVar[str] = "x:y"
    name: Literal["no_kind"] = "no_kind"
    k_shot: int = 1
    n_query: int = 1

class NoFits(ModelSection):
    title: ClassVar[str] = "No fits"
    implementation: ClassVar[str] = "x:y"
    name: Literal["no_fits"] = "no_fits"

class Odd(TaskSection):
    title: ClassVar[str] = "Odd"
    implementation: ClassVar[str] = "x:y"
    kind: ClassVar[str] = "regression"
    name: Literal["odd"] = "odd"
    k_shot: int = 1
    n_query: int = 1
    path: str = "somewhere"
    maybe: Optional[int] = None
    many: list[float] = [1.0, 2.5]
    one: Literal[1, 2] = 1
"""

FILES = {
    "hostile.py": MODULE,
    "hostile_exit.py": "raise SystemExit('not today')",
    "hostile_creation.py": "class Boom(metaclass=lambda *parts: 1 / 0):\n    pass",
    "hostile-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n",
    "hostile-1.0.dist-info/entry_points.txt": """
[metagui.algorithms]
exits = hostile_exit:Exits
creation = hostile_creation:Boom
clash = hostile:Clash
undefined = hostile:Undefined
no_steps = hostile:NoSteps
number_name = hostile:NumberName
bad_default = hostile:BadDefault
required = hostile:Required
untitled = hostile:Untitled
[metagui.tasks]
no_kind = hostile:NoKind
odd = hostile:Odd
odd_again = hostile:Odd
[metagui.models]
no_fits = hostile:NoFits
""",
}

PROBLEMS = {
    "exits": "not today",
    "creation": "ZeroDivisionError",
    "clash": "the name 'maml' is taken",
    "undefined": "'Missing' is not defined",
    "no_steps": "lacks inner_steps, evaluation_steps",
    "number_name": "must be a word",
    "bad_default": "default of wrong is wrong",
    "required": "default of must is wrong",
    "untitled": "title is empty",
    "no_kind": "lacks kind",
    "no_fits": "lacks fits",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, as an installer leaves it."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def python(site: Path, *arguments: str) -> str:
    paths = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": paths, "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def test_that_each_is_named_with_one_line_of_reason(site: Path) -> None:
    program = """
import json
from metagui.config import choices
from metagui.config.registry import plug_ins
print(json.dumps([[(p.entry, p.problem) for p in plug_ins()], [s for g in ("task", "algorithm") for s in choices(g)]]))
"""
    found, names = json.loads(python(site, "-c", program))
    problems = dict(found)
    for entry, words in PROBLEMS.items():
        assert words in problems[entry]
        assert "\n" not in problems[entry]
        assert "http" not in problems[entry]
    assert {entry for entry, problem in found if not problem} == {"odd"}, "one that is found twice is there once"
    assert names.count("odd") == 1
    assert not {"undefined", "no_steps", "required", "exits"} & set(names)


def test_that_fields_of_any_type_can_be_shown_and_edited_in_the_form(site: Path) -> None:
    program = """
import sys
from PySide6.QtWidgets import QApplication
from metagui.config import choices, load_preset, load_presets
from metagui.gui.form import ExperimentForm
sys.excepthook = lambda *parts: (sys.__excepthook__(*parts), sys.exit(1))
app = QApplication([])
form = ExperimentForm(load_presets())
for section in ("task", "model", "algorithm"):
    for name in choices(section):
        form.sections[section].chosen.emit(section, name)
form.load(load_preset("sinusoid-maml").config)
form.sections["task"].chosen.emit("task", "odd")
rows = form.sections["task"].rows
assert rows["many"].editor.text() == "[1.0, 2.5]"
for field, text in {"path": "[1]", "maybe": "7", "many": "[3, 4]"}.items():
    rows[field].editor.setText(text)
    rows[field].editor.textEdited.emit(text)
assert form.config() is not None, form.problems()
task = form.config().task
assert (task.path, task.maybe, task.many, task.one) == ("[1]", 7, [3.0, 4.0], 1), task
rows["maybe"].editor.setText("x")
rows["maybe"].editor.textEdited.emit("x")
assert [problem.path for problem in form.problems()] == ["task.maybe"], form.problems()
assert rows["maybe"].error
"""
    python(site, "-c", program)


def test_that_the_command_line_lists_fields_of_any_type(site: Path) -> None:
    assert "task.many = [1, 2.5]" in python(site, "-m", "metagui", "fields")
