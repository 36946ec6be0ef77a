"""The handout: escaped text, pictures beside it, and no file of anybody else's touched."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from metagui.errors import EnvironmentProblemError
from metagui.gui.talk.handout import SlidePicture, handout, picture_names, prepare_folder, write_handout
from metagui.walkthroughs.script import Script, read_script

TALK = """
[talk]
title = 'Maß & "Ziel" <script>alert(1)</script>'
language = 'de"><b>'

[[slide]]
id = "one"
title = "φ < θ & mehr"
narration = "<img src=x onerror=alert(1)>"
notes = "first\\nsecond </section>"

[[slide]]
id = "two"
title = "Zwei"
"""


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def script() -> Script:
    return read_script(TALK)


def pictures(script: Script) -> list[SlidePicture]:
    return [SlidePicture(name) for name in picture_names(script)]


def test_that_everything_a_script_says_is_escaped(script: Script) -> None:
    page = handout(script, pictures(script))
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    names = [tag for tag, _ in tags.seen]
    assert "script" not in names
    assert names.count("img") == names.count("section") == 2
    assert "φ &lt; θ &amp; mehr" in page
    assert not any("onerror" in attributes for _, attributes in tags.seen)


def test_that_the_page_needs_nothing_from_elsewhere(script: Script) -> None:
    page = handout(script, pictures(script))
    assert re.findall(r'src="([^"]*)"', page) == ["01-one.png", "02-two.png"]
    assert "http" not in page
    assert "url(" not in page
    assert "@media print" in page


def test_that_a_slide_that_did_not_work_out_says_so(script: Script) -> None:
    first, second = pictures(script)
    page = handout(script, [first, SlidePicture(second.file, complete=False)])
    assert page.count('class="missing"') == 1


def test_that_a_folder_is_made_and_written_again(script: Script, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "handout"
    prepare_folder(folder, script)
    for name in picture_names(script):
        (folder / name).write_bytes(b"old")
    write_handout(folder, script, pictures(script))
    shorter = read_script(TALK[: TALK.rindex("[[slide]]")])
    prepare_folder(folder, shorter)
    assert [path.name for path in folder.iterdir()] == ["index.html"], "the pictures of the old one are gone"


@pytest.mark.parametrize("name", ["thesis.txt", "index.html", "01-one.png", "03-holiday.png"])
def test_that_a_folder_with_anything_else_is_refused_and_left_alone(script: Script, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(EnvironmentProblemError, match=f"not empty .*{re.escape(name)}"):
        prepare_folder(tmp_path, script)
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


def test_that_a_handout_to_which_somebody_added_a_picture_is_refused(script: Script, tmp_path: Path) -> None:
    prepare_folder(tmp_path, script)
    (tmp_path / "03-holiday.png").write_bytes(b"mine")
    with pytest.raises(EnvironmentProblemError, match="holiday"):
        prepare_folder(tmp_path, script)
    assert (tmp_path / "03-holiday.png").read_bytes() == b"mine"


def test_that_a_file_in_place_of_the_folder_is_refused(script: Script, tmp_path: Path) -> None:
    path = tmp_path / "handout"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(EnvironmentProblemError, match="cannot be written"):
        prepare_folder(path, script)
    assert path.read_text(encoding="utf-8") == "mine"
