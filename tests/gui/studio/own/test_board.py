"""The drawing board: strokes, answers, pictures from outside, and what is no picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from metagui.events import Studied
from metagui.gui.studio.own.board_desk import BoardDesk
from metagui.gui.studio.own.cell import DrawingCell
from metagui.gui.studio.own.judging import tempered, verdict
from metagui.gui.studio.own.panel import OwnTaskPanel
from metagui.gui.studio.own.sketch import BoardSketch

DrawAll = Callable[[], None]


@pytest.fixture
def desk(panel: OwnTaskPanel, asked: Any, show: Callable[[str], None]) -> BoardDesk:
    show("glyphs-maml-5w1s")
    return panel.board


def cell(desk: BoardDesk, way: int, index: int = 0) -> DrawingCell:
    return desk.board.cells[way, index]


def drop(widget: DrawingCell, data: QMimeData) -> None:
    """As the window system does it."""
    centre, left = QPointF(widget.rect().center()), Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(centre.toPoint(), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(widget, entering)
    if entering.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(centre, Qt.DropAction.CopyAction, data, left, none))


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def test_that_strokes_are_kept_as_strokes_and_shown_as_the_network_gets_them(
    desk: BoardDesk, draw: Any, shapes: Any
) -> None:
    draw(cell(desk, 0), *shapes[0])
    drawn = desk.sketch.support[0][0]
    assert len(drawn.strokes) == 2
    assert drawn.strokes[0][0] == pytest.approx((0.2, 0.2), abs=0.03)
    assert desk.inks is not None
    picture = desk.inks.picture(drawn)
    assert picture is not None
    assert picture.shape == (28, 28)
    assert picture.max() > 0.9


def test_that_it_says_what_is_to_be_drawn_next(
    desk: BoardDesk, panel: OwnTaskPanel, asked: Any, draw: Any, shapes: Any
) -> None:
    draw(cell(desk, 0), *shapes[0])
    assert "classes 2, 3, 4 and 5" in panel.headline.text
    for way in range(1, 5):
        draw(cell(desk, way), *shapes[way])
    assert "draw a query" in panel.headline.text
    assert not asked.questions


def test_that_each_stroke_of_a_query_asks_and_its_answer_has_bars(
    desk: BoardDesk, panel: OwnTaskPanel, asked: Any, draw_all: DrawAll, answer: Callable[..., Studied]
) -> None:
    draw_all()
    own = asked.last.own
    assert own.support_x.numpy().shape == (5, 28, 28)
    assert own.support_y.numpy().tolist() == [0, 1, 2, 3, 4]
    assert own.query_y.numpy().tolist() == [-1]
    assert len(asked.questions) >= 2
    panel.show_studied(answer(own, ways=5, favourite=1), asked.last)
    shown = desk.board.bars[0].verdict
    assert shown is not None
    assert shown.words == "Class 2 · 98%"
    panel.scrubber.slider.setValue(0)
    shown = desk.board.bars[0].verdict
    assert shown is not None
    assert shown.words.startswith("Not sure")


def test_that_calibration_makes_it_less_sure(
    desk: BoardDesk, panel: OwnTaskPanel, asked: Any, draw_all: DrawAll, answer: Callable[..., Studied]
) -> None:
    draw_all()
    panel.show_studied(answer(asked.last.own, ways=5), asked.last)
    assert "Not calibrated" in desk.calibration.text()
    desk.set_temperature(6.0, "as evaluated")
    shown = desk.board.bars[0].verdict
    assert shown is not None
    assert not shown.sure
    assert "6.00" in desk.calibration.text()


def test_that_temperature_keeps_the_order_and_the_sum() -> None:
    shares = np.array([0.7, 0.2, 0.1])
    soft = tempered(shares, 3.0)
    assert soft.sum() == pytest.approx(1)
    assert soft.argsort().tolist() == shares.argsort().tolist()
    assert soft[0] < 0.7
    assert tempered(shares, 1.0) == pytest.approx(shares)
    assert verdict(np.array([np.nan, 1.0]), None) is None


def test_that_undo_clear_and_the_pen_work_on_drawings(desk: BoardDesk, panel: OwnTaskPanel, draw: Any) -> None:
    draw(cell(desk, 0), ((0.2, 0.5), (0.5, 0.5), (0.8, 0.5)))
    draw(cell(desk, 0), ((0.5, 0.2), (0.5, 0.5), (0.5, 0.8)))
    panel.undo()
    assert len(desk.sketch.support[0][0].strokes) == 1
    panel.redo()
    assert len(desk.sketch.support[0][0].strokes) == 2
    assert desk.inks is not None
    thin = desk.inks.picture(desk.sketch.support[0][0])
    desk.pen.slider.setValue(desk.pen.slider.maximum())
    thick = desk.inks.picture(desk.sketch.support[0][0])
    assert thin is not None
    assert thick is not None
    assert thick.sum() > thin.sum()
    QTest.keyClick(cell(desk, 0), Qt.Key.Key_Delete)
    assert desk.sketch.support[0][0].is_blank
    panel.undo()
    panel.commands.clear.click()
    assert desk.sketch.is_blank


def test_that_touch_draws(desk: BoardDesk, qapp: Any) -> None:
    finger = QTest.createTouchDevice()
    widget = cell(desk, 1)
    QTest.touchEvent(widget, finger).press(0, QPoint(20, 20), widget).commit()
    QTest.touchEvent(widget, finger).move(0, QPoint(40, 40), widget).commit()
    QTest.touchEvent(widget, finger).release(0, QPoint(40, 40), widget).commit()
    assert len(desk.sketch.support[1][0].strokes) == 1


def test_that_a_dropped_picture_is_prepared_like_the_training_data(desk: BoardDesk, tmp_path: Path, qtbot: Any) -> None:
    page = np.full((300, 300), 255, np.uint8)
    page[140:160, 40:260] = 0
    file = tmp_path / "scan.png"
    Image.fromarray(page).save(file)
    drop(cell(desk, 2), files(file))
    qtbot.waitUntil(lambda: not desk.sketch.support[2][0].is_blank)
    assert desk.inks is not None
    picture = desk.inks.picture(desk.sketch.support[2][0])
    assert picture is not None
    assert picture.shape == (28, 28)
    assert picture[14, 14] > 0.8
    assert picture[2, 2] < 0.1


def test_that_a_pasted_picture_lands_in_the_cell_with_the_focus(desk: BoardDesk, qtbot: Any) -> None:
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    for place in range(10, 50):
        image.setPixelColor(place, 30, QColor("black"))
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(cell(desk, -1, 1), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not desk.sketch.queries[1].is_blank)
    assert desk.sketch.queries[1].picture is not None


@pytest.mark.slow
def test_that_a_photo_of_forty_megapixels_is_read_beside_the_window(
    desk: BoardDesk, panel: OwnTaskPanel, tmp_path: Path, qtbot: Any
) -> None:
    file = tmp_path / "photo.jpg"
    Image.new("RGB", (8000, 5000), "gray").save(file, quality=30)
    drop(cell(desk, 0), files(file))
    assert "Reading" in panel.headline.text
    qtbot.waitUntil(lambda: not desk.sketch.support[0][0].is_blank, timeout=20_000)
    kept = desk.sketch.support[0][0].picture
    assert kept is not None
    assert kept.shape == (28, 28)
    assert "one shade" in panel.headline.text


def test_that_what_is_no_picture_is_refused_with_a_sentence(
    desk: BoardDesk, panel: OwnTaskPanel, tmp_path: Path, qtbot: Any
) -> None:
    file = tmp_path / "notes.png"
    file.write_text("not a picture")
    drop(cell(desk, 0), files(file))
    qtbot.waitUntil(lambda: panel.headline.text == "notes.png is no picture that can be read.")
    folder = tmp_path / "drawings"
    folder.mkdir()
    drop(cell(desk, 0), files(folder))
    assert panel.headline.text == "drawings is no file: drop pictures, not folders."
    data = QMimeData()
    data.setText("words")
    desk.board.offered.emit((0, 0), data)
    assert panel.headline.text.startswith("What came is no picture")
    assert desk.sketch.is_blank


def test_that_of_several_pictures_the_good_ones_do_not_hide_what_is_wrong_with_the_others(
    desk: BoardDesk, panel: OwnTaskPanel, tmp_path: Path, qtbot: Any
) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    Image.fromarray(np.kron(np.eye(2, dtype=np.uint8) * 255, np.ones((20, 20), np.uint8))).save(good)
    bad.write_text("not a picture")
    room = len(desk.sketch.queries)

    drop(cell(desk, -1), files(bad, *[good] * room))

    qtbot.waitUntil(lambda: not desk.sketch.queries[room - 1].is_blank)
    qtbot.waitUntil(lambda: "bad.png is no picture that can be read." in panel.headline.text)
    assert f"1 of {room + 1} pictures were left out" in panel.headline.text
    assert desk.sketch.queries[0].is_blank
    drop(cell(desk, 0), files(good))
    qtbot.waitUntil(lambda: not desk.sketch.support[0][0].is_blank)
    assert "bad.png" not in panel.headline.text


def test_that_a_blank_drawing_is_told(desk: BoardDesk, panel: OwnTaskPanel, tmp_path: Path, qtbot: Any) -> None:
    file = tmp_path / "white.png"
    Image.new("L", (50, 50), 255).save(file)
    drop(cell(desk, 3), files(file))
    qtbot.waitUntil(lambda: not desk.sketch.support[3][0].is_blank)
    assert desk.remark() == "There is nothing to be seen in the drawing of class 4: it is one shade all over."


def test_that_another_number_of_classes_keeps_the_drawings(
    desk: BoardDesk, panel: OwnTaskPanel, asked: Any, draw_all: DrawAll, answer: Callable[..., Studied]
) -> None:
    draw_all()
    desk.ways.setValue(6)
    assert "class 6" in panel.headline.text
    assert len(desk.sketch.support) == 6
    desk.ways.setValue(5)
    sentence = "This network tells at most 3 classes apart, as its last layer has 3 outputs; the task has 5."
    panel.show_studied(answer(asked.last.own, problem=sentence), asked.last)
    assert panel.headline.text == sentence
    assert not desk.sketch.support[4][0].is_blank


def test_that_cells_are_reached_by_keys_and_have_names(desk: BoardDesk) -> None:
    assert cell(desk, 1).accessibleName() == "Class 2, drawing 1"
    assert cell(desk, 1).focusPolicy() & Qt.FocusPolicy.TabFocus
    assert desk.board.bars[0].accessibleName() == "What query 1 is taken for"


def test_that_a_board_without_its_data_set_says_so(panel: OwnTaskPanel, asked: Any) -> None:
    from metagui.config import load_preset

    panel.show_network(load_preset("omniglot-maml-5w1s").config, 0, "Omniglot is not installed.")
    assert panel.headline.text == "Omniglot is not installed."
    assert isinstance(panel.sketch, BoardSketch)
