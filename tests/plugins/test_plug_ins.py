"""Algorithms, tasks and networks of another package: installed for real, then used like the built-in ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent / "example"

NAMES = {"algorithm": "sign_fomaml", "task": "lines", "model": "fourier"}
PROBLEMS = {"broken": "No module named 'metagui_example.missing'", "impostor": "is no subclass of"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example package, as pip puts it there."""
    source = tmp_path_factory.mktemp("source")
    # Built elsewhere: a build writes beside its sources.
    for path in EXAMPLE.rglob("*"):
        if path.suffix in (".py", ".toml"):
            copy = source / path.relative_to(EXAMPLE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, "--disable-pip-version-check", "--root-user-action=ignore", "--target", str(target), str(source)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def python(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(filter(None, [str(installed), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": paths, "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def metagui(installed: Path, *arguments: str) -> str:
    done = python(installed, "-m", "metagui", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_that_a_plug_in_is_listed_with_its_fields(installed: Path) -> None:
    fields = json.loads(metagui(installed, "fields", "--json"))
    paths = json.dumps(fields)
    assert "Sign-FOMAML" in paths or "sign_fomaml" in paths
    for word in ("scale", "frequencies"):
        assert word in paths


def test_that_a_plug_in_trains_evaluates_and_resumes_from_the_command_line(installed: Path, tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path)]
    chosen = [f"{section}.name={name}" for section, name in NAMES.items()]
    short = ["outer.steps=20", "outer.meta_batch_size=4", "outer.validation_every=10", "outer.validation_tasks=4"]
    settings = [word for change in [*chosen, *short, "algorithm.scale=0.2"] for word in ("--set", change)]
    metagui(installed, "train", *settings, "--name", "example", *data)
    scores = json.loads(metagui(installed, "evaluate", "example", "--tasks", "8", "--json", *data))
    assert scores["metric"] == "mse"


def test_that_a_plug_in_shows_up_in_the_form_by_itself(installed: Path) -> None:
    program = """
import sys
from PySide6.QtWidgets import QApplication
from metagui.config import load_presets
from metagui.gui.form import ExperimentForm
app = QApplication([])
form = ExperimentForm(load_presets())
for section, name in {names!r}.items():
    form.sections[section].chosen.emit(section, name)
config = form.config()
assert config is not None
assert [config.task.name, config.model.name, config.algorithm.name] == ["lines", "fourier", "sign_fomaml"]
assert "torch" not in sys.modules
print("shown")
"""
    done = python(installed, "-c", program.format(names=NAMES))
    assert done.stdout.strip() == "shown", done.stdout + done.stderr


def test_that_a_plug_in_that_fails_is_named_with_its_error_and_the_others_work(installed: Path) -> None:
    program = """
import json
from metagui.config import choices
from metagui.config.registry import plug_ins
found = {plug_in.entry: (plug_in.package, plug_in.problem) for plug_in in plug_ins()}
print(json.dumps([found, sorted(choices("algorithm"))]))
"""
    done = python(installed, "-c", program)
    assert done.returncode == 0, done.stderr
    found, algorithms = json.loads(done.stdout)
    for entry, words in PROBLEMS.items():
        package, problem = found[entry]
        assert package == "metagui-example"
        assert words in problem
    assert {entry for entry, (_, problem) in found.items() if not problem} == {"sign_fomaml", "lines", "fourier"}
    assert "sign_fomaml" in algorithms
    assert "impostor" not in algorithms


def test_that_the_window_starts_and_tells_which_plug_in_it_goes_without(installed: Path, tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication, QLabel
from metagui.gui.workbench import Workbench
app = QApplication([])
bench = Workbench(app, Path(sys.argv[1]))
told = " ".join(label.text() for label in bench.window.banners.findChildren(QLabel))
bench.close()
assert "The plug-in broken of metagui-example cannot be used" in told, told
print("told")
"""
    done = python(installed, "-c", program, str(tmp_path))
    assert done.stdout.strip() == "told", done.stdout + done.stderr


def test_that_the_doctor_lists_plug_ins_and_what_is_wrong_with_them(installed: Path, tmp_path: Path) -> None:
    told = metagui(installed, "doctor", "--data-dir", str(tmp_path))
    assert "sign_fomaml" in told
    assert PROBLEMS["broken"] in told


def test_that_a_configuration_of_a_missing_plug_in_says_what_there_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "metagui", "train", "--set", "algorithm.name=sign_fomaml", "--data-dir", str(tmp_path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "sign_fomaml" in done.stderr
    assert "fomaml" in done.stderr
