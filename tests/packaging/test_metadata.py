"""Desktop entry, AppStream metainfo and icon: valid, and the same names as the program's own."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from metagui import identity

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
DESKTOP = PACKAGING / f"{identity.APP_ID}.desktop"
METAINFO = PACKAGING / f"{identity.APP_ID}.metainfo.xml"


def validate(*command: str | Path) -> None:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"needs {command[0]}")
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()


def test_that_the_desktop_entry_is_valid() -> None:
    validate("desktop-file-validate", DESKTOP)


def test_that_the_metainfo_is_valid() -> None:
    validate("appstreamcli", "validate", "--no-net", METAINFO)


def test_that_the_desktop_entry_starts_this_program() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(DESKTOP.read_text(encoding="utf-8"))
    entry = parser["Desktop Entry"]
    assert entry["Exec"] == identity.APP_NAME
    assert entry["Icon"] == identity.APP_ID
    assert entry["Name"] == identity.APP_TITLE


def test_that_the_metainfo_tells_this_version_and_its_desktop_entry() -> None:
    component = ElementTree.parse(METAINFO).getroot()
    assert component.findtext("id") == identity.APP_ID
    assert component.findtext("launchable") == DESKTOP.name
    newest = component.find("releases/release")
    assert newest is not None
    assert newest.attrib["version"] == identity.__version__
    assert component.findtext("provides/binary") == identity.APP_NAME


def test_that_the_changelog_tells_this_version() -> None:
    assert f"## {identity.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_that_the_spec_builds_from_the_entry_that_freezes_first_and_strips_nothing() -> None:
    spec = (PACKAGING / "metagui.spec").read_text(encoding="utf-8")
    compile(spec, "metagui.spec", "exec")
    assert "strip=True" not in spec
    assert spec.count("strip=False") == 2
    main = (ROOT / "metagui" / "__main__.py").read_text(encoding="utf-8")
    body = main[main.index("def main") :]
    statements = [
        line.strip() for line in body.splitlines() if line.strip() and not line.strip().startswith(("#", '"'))
    ]
    assert statements[1] == "multiprocessing.freeze_support()"


@pytest.mark.parametrize("script", ["packaging/check", ".ci/run"])
def test_that_scripts_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    validate("bash", "-n", ROOT / script)
