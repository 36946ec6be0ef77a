"""The contracts of the house: who may import whom, checked on the source and at run time."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "metagui"

IMPORT_ALL = """
import importlib, pkgutil, sys
for blocked in {blocked!r}:
    sys.modules[blocked] = None
for name in {packages!r}:
    module = importlib.import_module(name)
    for info in pkgutil.walk_packages(getattr(module, "__path__", []), name + "."):
        importlib.import_module(info.name)
present = {absent!r} & {{name.partition(".")[0] for name, module in sys.modules.items() if module is not None}}
assert not present, f"imported {{present}}"
"""


def import_all(*packages: str, blocked: tuple[str, ...] = (), absent: tuple[str, ...] = ()) -> None:
    """Import every module of the packages in a fresh interpreter, with some packages as if not installed."""
    program = IMPORT_ALL.format(packages=packages, blocked=blocked, absent=set(absent))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def sources(folder: str = "") -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names of all modules a file imports, wherever in it; of `from a import b` both a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_that_the_import_contracts_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_that_the_pure_layers_need_neither_torch_nor_qt() -> None:
    import_all(
        "metagui.config",
        "metagui.events",
        "metagui.control",
        "metagui.errors",
        "metagui.workspace",
        "metagui.resources",
        "metagui.runs",
        "metagui.analysis",
        "metagui.papers",
        "metagui.hosts",
        blocked=("torch", "PySide6", "pyqtgraph"),
    )


@pytest.mark.slow
def test_that_the_engine_works_without_qt() -> None:
    import_all("metagui.engine", blocked=("PySide6", "shiboken6", "pyqtgraph"))


@pytest.mark.slow
def test_that_importing_the_whole_window_imports_no_torch() -> None:
    import_all("metagui.session", "metagui.gui", absent=("torch",))


def test_that_the_session_knows_qtcore_alone() -> None:
    for path in sources("session"):
        qt = {name for name in imported(path) if name.startswith("PySide6")}
        others = {name for name in qt if not (name == "PySide6" or name.startswith("PySide6.QtCore"))}
        assert not others, f"{path.name} imports {others}"


def test_that_the_analysis_is_numpy_alone() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "metagui"}
    for path in sources("analysis"):
        foreign = {name for name in imported(path) if name.partition(".")[0] not in allowed}
        assert not foreign, f"{path.name} imports {foreign}"


def test_that_nothing_unpickles() -> None:
    for path in sources():
        assert not imported(path) & {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}, path
        assert "torch.load(" not in path.read_text(encoding="utf-8"), path


def test_that_every_file_can_be_read_in_one_sitting() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {path: length for path, length in lengths.items() if length > 450} == {}


def test_that_every_module_says_what_it_is() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in sources()}
    silent = [path for path, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))]
    assert silent == []
