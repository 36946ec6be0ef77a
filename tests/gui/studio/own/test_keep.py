"""Keeping a task: into a file and the clipboard and back, damaged files, pictures and animations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication

from metagui.errors import DataError
from metagui.events import Array, Studied
from metagui.gui.studio.own.animation import MOST_FRAMES, steps_shown, write_gif
from metagui.gui.studio.own.keep import Keeper
from metagui.gui.studio.own.keeping import LARGEST, read_task, written
from metagui.gui.studio.own.panel import OwnTaskPanel
from metagui.gui.studio.own.sketch import BoardSketch, Cell, CurveSketch, PointsSketch, Sketch

BOARD = BoardSketch(
    ((Cell(strokes=(((0.1, 0.2), (0.5, 0.5)),), width=1.5),), (Cell(picture=Array.of(np.eye(28, dtype=np.uint8))),)),
    (Cell(),),
)


@pytest.mark.parametrize(
    "sketch",
    [CurveSketch(((1.0, 2.0), (0.5, -1.25)), 2.0, 0.5, True), PointsSketch(3, ((0.1, 0.2, 2),)), BOARD],
    ids=["curve", "points", "board"],
)
def test_that_a_task_comes_back_as_it_was(sketch: Sketch) -> None:
    assert read_task(written(sketch)) == sketch


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda kept: kept.update(version=2), "version is 2"),
        (lambda kept: kept.update(format="other"), "format"),
        (lambda kept: kept["task"]["support"][0][0].update(width="wide"), "task.support[0][0].width"),
        (lambda kept: kept["task"]["support"][0][0].update(width=99), "task.support[0][0].width"),
        (lambda kept: kept["task"]["support"][0][0]["strokes"][0].append([3, 0]), "support[0][0].strokes[0]"),
        (lambda kept: kept["task"]["support"][1][0].update(picture=["uint8", [9, 9], "AAAA"]), "support[1][0].picture"),
        (lambda kept: kept["task"].update(queries=[]), "task.queries"),
        (lambda kept: kept["task"].update(surprise=1), "surprise"),
    ],
    ids=["version", "format", "type", "width", "stroke", "picture", "queries", "unknown"],
)
def test_that_a_damaged_file_is_refused_by_its_field(change: Callable[[Any], Any], field: str) -> None:
    kept = json.loads(written(BOARD))
    change(kept)
    with pytest.raises(DataError) as caught:
        read_task(json.dumps(kept).encode())
    assert field in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"hello", b"[1]", b"\xff\xfe", b"[" * 200_000, b" " * (LARGEST + 1)])
def test_that_what_is_no_task_is_refused(data: bytes) -> None:
    with pytest.raises(DataError):
        read_task(data)


@pytest.fixture
def keeper(panel: OwnTaskPanel, asked: Any, show: Callable[[str], None], answer: Callable[..., Studied]) -> Keeper:
    show("sinusoid-maml")
    panel.show_studied(answer(asked.last.own, steps=3))
    return Keeper(panel)


def test_that_a_saved_task_is_opened_again(keeper: Keeper, panel: OwnTaskPanel, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    kept = panel.sketch
    keeper.save(file)
    assert panel.headline.text == "Saved as mine.json."
    panel.commands.clear.click()
    keeper.open(file)
    assert panel.sketch == kept


def test_that_the_clipboard_carries_a_task(keeper: Keeper, panel: OwnTaskPanel) -> None:
    kept = panel.sketch
    keeper.copy()
    assert json.loads(QGuiApplication.clipboard().text())["task"]["type"] == "regression"
    panel.commands.clear.click()
    keeper.paste()
    assert panel.sketch == kept
    QGuiApplication.clipboard().setText("no task")
    keeper.paste()
    assert "no task" in panel.headline.text
    assert panel.sketch == kept


def test_that_trouble_with_files_is_a_sentence(keeper: Keeper, panel: OwnTaskPanel, tmp_path: Path) -> None:
    kept = panel.sketch
    huge = tmp_path / "huge.json"
    with huge.open("wb") as stream:
        stream.truncate(LARGEST * 50)
    keeper.open(huge)
    assert "too large" in panel.headline.text
    keeper.open(tmp_path / "none.json")
    assert "cannot be read" in panel.headline.text
    keeper.save(tmp_path / "no" / "folder.json")
    assert "cannot be written" in panel.headline.text
    other = tmp_path / "points.json"
    other.write_bytes(written(PointsSketch(2)))
    keeper.open(other)
    assert "a task of points" in panel.headline.text
    assert panel.sketch == kept


def test_that_pictures_are_written(keeper: Keeper, panel: OwnTaskPanel, tmp_path: Path) -> None:
    keeper.export_picture(tmp_path / "task.png")
    with Image.open(tmp_path / "task.png") as picture:
        assert picture.size == (panel.frame.width(), panel.frame.height())
    keeper.export_picture(tmp_path / "task.svg")
    drawing = (tmp_path / "task.svg").read_text()
    assert "<svg" in drawing
    assert drawing.count("<path") + drawing.count("<polyline") > 5
    keeper.export_picture(tmp_path / "no" / "folder.png")
    assert "cannot be written" in panel.headline.text


def test_that_an_animation_goes_through_the_steps(
    keeper: Keeper, panel: OwnTaskPanel, tmp_path: Path, qtbot: Any
) -> None:
    panel.scrubber.slider.setValue(1)
    keeper.export_animation(tmp_path / "task.gif")
    qtbot.waitUntil(lambda: panel.headline.text == "Saved as task.gif.", timeout=10_000)
    with Image.open(tmp_path / "task.gif") as animation:
        assert getattr(animation, "n_frames", 1) == 4
    assert panel.scrubber.step == 1
    keeper.export_animation(tmp_path / "no" / "folder.gif")
    qtbot.waitUntil(lambda: "cannot be written" in panel.headline.text, timeout=10_000)


def test_that_long_adaptations_are_thinned_out() -> None:
    assert steps_shown(3) == [0, 1, 2, 3]
    assert steps_shown(0) == [0]
    many = steps_shown(500)
    assert many[0] == 0
    assert many[-1] == 500
    assert len(many) <= MOST_FRAMES


def test_that_one_frame_is_an_animation_too(tmp_path: Path) -> None:
    assert write_gif([np.zeros((20, 30, 3), np.uint8)], tmp_path / "one.gif").is_file()
