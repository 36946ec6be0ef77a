"""doctor: what is here, and whether it can work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metagui.cli.checks import data_folder, known_bad, version_of, versions
from metagui.identity import __version__

Metagui = Callable[..., Any]


@pytest.mark.slow
def test_that_a_working_machine_is_told_so(metagui: Metagui, data_dir: Path) -> None:
    result = metagui("doctor", "--json", "--data-dir", data_dir)
    findings = {finding["name"]: finding for finding in result.value["findings"]}
    assert result.code == 0, result.out
    assert result.value["healthy"]
    assert findings["metagui"]["value"] == __version__
    assert findings["torch"]["value"][0].isdigit()
    assert "cpu" in findings
    assert findings["Qt platform"]["value"] == "offscreen: a window opens"
    assert "free" in findings[str(data_dir)]["value"]


@pytest.mark.slow
def test_that_no_screen_is_a_remark_and_a_bad_data_folder_an_error(metagui: Metagui, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "data"
    result = metagui("doctor", "--data-dir", place, QT_QPA_PLATFORM=None, DISPLAY=None, WAYLAND_DISPLAY=None)
    assert result.code == 3
    assert "! screen" in result.out
    assert "offscreen: a window opens" in result.out
    assert f"x {place}" in result.out
    assert "--data-dir" in result.out


def levels(qt: str, pyqtgraph: str = "0.14.0", python: tuple[int, int] = (3, 12)) -> list[str]:
    return [finding.level for finding in known_bad(qt, pyqtgraph, python)]


@pytest.mark.parametrize("qt", ["6.8.3", "6.9.0", "6.9.3", "6.10.3"])
def test_that_good_combinations_raise_no_finding(qt: str) -> None:
    assert levels(qt) == []


def test_that_known_bad_combinations_are_found() -> None:
    assert levels("6.12.0", python=(3, 11)) == ["error", "warning"]
    assert levels("6.12.1", python=(3, 12)) == ["warning"]
    assert levels("6.9.1") == levels("6.9.2") == ["error"]
    assert levels("6.11.0") == ["warning"]


def test_that_every_advice_says_what_to_install() -> None:
    for finding in known_bad("6.12.0", "0.14.0", (3, 11)):
        assert "<6.11" in finding.advice


def test_that_what_is_not_installed_is_missing() -> None:
    assert version_of("no-such-package-of-metagui") is None
    assert {finding.level for finding in versions()} == {"ok"}


def test_that_a_data_folder_is_not_made_by_looking_at_it(tmp_path: Path) -> None:
    (finding,) = data_folder(tmp_path / "later" / "data")
    assert finding.level == "ok"
    assert list(tmp_path.iterdir()) == []
