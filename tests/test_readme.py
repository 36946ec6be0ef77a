"""What the README promises: its example runs, its command lines are understood, its lists are the program's own."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from metagui.cli.application import build_parser
from metagui.screen import DEBIAN_PACKAGES

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def command_lines() -> list[str]:
    documents = [README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    lines = [
        line
        for text in documents
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    return [line for line in lines if line.startswith("metagui ")]


def test_that_the_library_example_runs_without_qt_and_learns(tmp_path: Path) -> None:
    (example,) = blocks("python")
    assert len([line for line in example.splitlines() if line.strip()]) < 10
    check = (
        "\nassert predictions.shape == tasks.query.targets.shape"
        "\nassert series['outer_loss'].isfinite()"
        "\nimport sys; assert not {'PySide6', 'pyqtgraph'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", example + check],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", command_lines())
def test_that_the_command_line_understands_every_example(line: str) -> None:
    assert callable(build_parser().parse_args(shlex.split(line)[1:]).run)


def test_that_the_debian_packages_are_those_the_program_names() -> None:
    (line,) = [line for line in README.splitlines() if "apt-get install" in line]
    assert line.endswith(f"apt-get install {DEBIAN_PACKAGES}")


def test_that_ci_installs_the_same_packages_and_runs_the_same_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for package in DEBIAN_PACKAGES.split():
        assert re.search(rf"[\s(]{re.escape(package)}[\s)]", script), package
    assert "pip install -e '.[test]' && pytest" in README
    assert "pip install --quiet -e '.[test]'" in script


def test_that_every_command_and_option_is_documented() -> None:
    parser = build_parser()
    (commands,) = [action for action in parser._actions if hasattr(action, "choices") and action.dest == "==SUPPRESS=="]
    for name in commands.choices:  # type: ignore[union-attr]
        assert f"`metagui {name}" in README


def test_that_pictures_the_readme_shows_are_there() -> None:
    for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README) + re.findall(r'src(?:set)?="([^"]+)"', README):
        assert (ROOT / target).is_file(), target


def test_that_links_to_files_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
