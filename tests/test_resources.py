"""Resources: found in the source tree, carried by the wheel, and there from a fresh installation."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from metagui import identity
from metagui.resources import resource, resource_root

ROOT = Path(__file__).resolve().parents[1]


def test_that_the_source_tree_has_resources() -> None:
    assert resource_root() == ROOT / "resources"
    assert resource("presets", "sinusoid-maml.toml").is_file()


@pytest.mark.parametrize("path", sorted((ROOT / "resources").rglob("*.toml")), ids=lambda path: path.name)
def test_that_every_toml_is_well_formed(path: Path) -> None:
    assert tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted((ROOT / "resources").rglob("*.svg")), ids=lambda path: path.name)
def test_that_every_icon_is_well_formed_and_square(path: Path) -> None:
    drawing = ElementTree.parse(path).getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    _left, _top, width, height = map(float, drawing.attrib["viewBox"].split())
    assert width == height


def run(*command: str | Path, cwd: Path) -> str:
    """A command that has to succeed; its standard output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**environment, "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # hatchling is a test requirement, so no isolated environment has to be filled first.
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_that_the_wheel_carries_every_resource_and_nothing_foreign(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for path in (ROOT / "resources").rglob("*"):
        if path.is_file():
            assert f"metagui/_resources/{path.relative_to(ROOT / 'resources').as_posix()}" in names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"metagui", f"metagui-{identity.__version__}.dist-info"}
    assert "metagui/cli/application.py" in names
    assert not [
        name for name in names if name.startswith(("metagui/tests", "tests/")) or name.endswith((".pyc", "conftest.py"))
    ]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_that_a_fresh_environment_opens_the_window_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Everything is installed anew, so that nothing of this source tree or environment can help."""
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", environment, cwd=tmp_path)
    scripts = environment / ("Scripts" if sys.platform == "win32" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=tmp_path)
    where = run(scripts / "python", "-c", "import metagui.resources as r; print(r.resource_root())", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(environment)
    assert run(scripts / "metagui", "--version", cwd=tmp_path) == f"metagui {identity.__version__}\n"
    assert "sinusoid-imaml" in run(scripts / "metagui", "presets", cwd=tmp_path)
    program = (
        "import sys; from pathlib import Path; from PySide6.QtCore import QTimer; "
        "from PySide6.QtWidgets import QApplication; from metagui.gui.app import run_app; "
        "shown = []; app = QApplication.instance() or QApplication(['metagui']); "
        "look = lambda: (shown.extend(w.windowTitle() for w in app.topLevelWidgets() if w.isVisible()), app.quit()); "
        "QTimer.singleShot(3000, look); code = run_app(Path('data')); "
        "print(shown); assert 'torch' not in sys.modules; sys.exit(code if any('metagui' in t for t in shown) else 9)"
    )
    assert "metagui" in run(scripts / "python", "-c", program, cwd=tmp_path)
