"""The data manager in the window, with real files, real jobs and a real server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from metagui.datasets import catalogue
from metagui.datasets.catalogue import Offer, RemoteFile
from metagui.datasets.content import Options
from metagui.datasets.inventory import inventory
from metagui.gui.datasets.add_dialog import Wish
from metagui.gui.presenters.datasets_presenter import DatasetsPresenter
from metagui.gui.theme import THEMES
from metagui.gui.workbench import Workbench
from metagui.workspace import datasets_dir

OpenWorkbench = Callable[..., Workbench]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "weather.csv"
    rows = [f"t{task},{x},{np.sin(x + task)}" for task in range(30) for x in range(20)]
    path.write_text("task,x,y\n" + "\n".join(rows))
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    path = tmp_path / "dots.npz"
    label = np.repeat(np.arange(40), 6)
    images = np.zeros((240, 12, 12), np.uint8) + label[:, None, None].astype(np.uint8) * 6
    np.savez(path, images=images, label=label)
    return path


@pytest.fixture
def manager(open_workbench: OpenWorkbench) -> DatasetsPresenter:
    bench = open_workbench()
    bench.datasets.open()
    bench.datasets.bench = bench  # type: ignore[attr-defined]  # kept alive
    return bench.datasets


def settle(qtbot: QtBot, manager: DatasetsPresenter) -> None:
    qtbot.waitUntil(lambda: not manager.jobs.running and not manager.looks.running, timeout=20_000)


def add(qtbot: QtBot, manager: DatasetsPresenter, source: Path) -> None:
    manager.add(source)
    manager.dialog.adding.add_button.click()
    settle(qtbot, manager)


def messages(manager: DatasetsPresenter) -> list[tuple[str, str]]:
    return [(banner.severity, banner.text) for banner in manager.dialog.banners.banners]


def test_that_an_empty_data_folder_offers_what_can_be_had(manager: DatasetsPresenter) -> None:
    sets = manager.dialog.sets
    titles = [sets.item(row).text() for row in range(sets.count())]
    assert titles[:2] == ["TO DOWNLOAD", "Omniglot"]
    assert "mini-ImageNet" in titles
    assert manager.dialog.pages.currentWidget() is manager.dialog.offer
    assert manager.dialog.offer.download_button.text() == "Download (16.3 MB)"
    sets.choose("guide:cub")
    assert "CUB_200_2011/images" in manager.dialog.guide.body.text()


def test_that_a_table_is_added_shown_offered_to_the_form_and_removed(
    manager: DatasetsPresenter, qtbot: QtBot, table: Path
) -> None:
    add(qtbot, manager, table)
    dialog, form = manager.dialog, manager._window.form
    assert messages(manager)[0] == ("success", "weather: 30 tasks, 600 examples.")
    assert dialog.sets.key == "weather"
    assert dialog.pages.currentWidget() is dialog.installed
    assert "Each box is one task" in dialog.installed.preview.curves.told
    assert not dialog.installed.preview.ways.isVisible()
    dialog.installed.train_button.click()
    config = form.config()
    assert config is not None
    assert (config.task.name, config.task.dataset) == ("curves", "weather")  # type: ignore[attr-defined]
    manager.open("weather")
    settle(qtbot, manager)
    dialog.installed.remove_button.click()
    next(button for button in manager.question.buttons() if button.text() == "Remove").click()
    settle(qtbot, manager)
    assert inventory(manager._folder) == []
    assert table.exists()
    assert form.config() is None, "the form says that it is gone"


def test_that_pictures_preview_episodes_that_follow_the_numbers(
    manager: DatasetsPresenter, qtbot: QtBot, pictures: Path
) -> None:
    add(qtbot, manager, pictures)
    preview = manager.dialog.installed.preview
    assert preview.episode.told.startswith("The network adapts on the 5 support pictures and is then asked what the 15")
    before = preview.episode.grab().toImage()
    preview.next_button.click()
    assert preview.seed.value() == 1
    assert preview.episode.grab().toImage() != before
    preview.ways.setValue(2)
    preview.shots.setValue(3)
    assert "the 6 support pictures" in preview.episode.told
    preview.queries.setValue(9)
    assert "6 pictures" not in preview.message.text.text()
    assert "the 12 pictures that shots and queries need" in preview.message.text.text()
    preview.classes_button.click()
    assert preview.classes.isVisible()
    assert not preview.ways.isEnabled()


def test_that_a_wish_that_fails_says_why_and_can_be_changed(
    manager: DatasetsPresenter, qtbot: QtBot, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("task,x,y\nt1,0,warm\n")
    add(qtbot, manager, bad)
    severity, text = messages(manager)[0]
    assert severity == "error"
    assert "bad.csv, line 2, column y: 'warm' is no number" in text
    manager.dialog.adding.ask_again()
    assert manager.dialog.adding.source.text() == str(bad)
    assert inventory(manager._folder) == []


def test_that_damage_is_told_by_check(manager: DatasetsPresenter, qtbot: QtBot, pictures: Path) -> None:
    add(qtbot, manager, pictures)
    manager.dialog.installed.check_button.click()
    settle(qtbot, manager)
    assert "dots is as it was added" in messages(manager)[0][1]
    array = next((manager._folder / "dots").glob("*.npy"))
    content = bytearray(array.read_bytes())
    content[-1] ^= 1
    array.write_bytes(content)
    manager.dialog.installed.check_button.click()
    settle(qtbot, manager)
    assert "is not what was added" in messages(manager)[0][1]


def test_that_removing_tells_of_the_runs_that_were_trained_on_it(
    open_workbench: OpenWorkbench, qtbot: QtBot, pictures: Path, data_dir: Path
) -> None:
    bench = open_workbench()
    manager = bench.datasets
    add(qtbot, manager, pictures)
    manager.dialog.installed.train_button.click()
    config = bench.window.form.config()
    assert config is not None
    run = bench.store.create(config)
    bench.store.set_status(run.id, "stopped")
    manager.open("dots")
    settle(qtbot, manager)
    manager.dialog.installed.remove_button.click()
    assert f"{run.id} was trained on it" in manager.question.informativeText()
    manager.question.reject()
    assert [one.name for one in inventory(datasets_dir(data_dir))] == ["dots"]


def test_that_data_dropped_on_the_window_are_offered_to_be_added(
    open_workbench: OpenWorkbench, table: Path, tmp_path: Path
) -> None:
    window = (bench := open_workbench()).window
    assert not drop(window, tmp_path / "weights.pkl")
    assert drop(window, table)
    adding = bench.datasets.dialog.adding
    assert adding.isVisible()
    assert (adding.source.text(), adding.name.text()) == (str(table), "weather")
    assert adding.add_button.isEnabled()


def drop(widget: Any, path: Path) -> bool:
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, content, left, none)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    dropped = QDropEvent(QPointF(5, 5), copy, content, left, none)
    QApplication.sendEvent(widget, dropped)
    return dropped.isAccepted()


def test_that_what_cannot_be_added_is_said_before(manager: DatasetsPresenter, tmp_path: Path, table: Path) -> None:
    manager.add(tmp_path / "nowhere.zip")
    adding = manager.dialog.adding
    assert "does not exist" in adding.problem.text()
    assert not adding.add_button.isEnabled()
    adding.source.setText(str(table))
    assert adding.problem.text() == ""
    assert not adding.invert.isEnabled(), "a table has no ink"
    adding.name.setText("a name")
    assert "Names have letters" in adding.problem.text()


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of this machine for ``served/``."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "served").mkdir()
    handler = partial(Quiet, directory=str(tmp_path / "served"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.mark.slow
def test_that_omniglot_is_downloaded_from_the_window(
    manager: DatasetsPresenter,
    qtbot: QtBot,
    address: str,
    evaluation_zip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = evaluation_zip.read_bytes()
    (tmp_path / "served" / "images_evaluation.zip").write_bytes(content)
    file = RemoteFile(f"{address}images_evaluation.zip", hashlib.md5(content).hexdigest(), len(content))
    monkeypatch.setitem(catalogue.OFFERS, "omniglot", Offer("omniglot", "Omniglot", "Characters.", "MIT", (file,)))
    seen: list[str] = []
    manager.jobs.stepped.connect(lambda step: seen.append(manager.dialog.job.title.text()))
    manager.open("omniglot")
    manager.dialog.offer.download_button.click()
    assert manager.dialog.job.isVisible()
    assert not manager.dialog.add_button.isEnabled()
    settle(qtbot, manager)
    assert {"Downloading images_evaluation.zip", "Reading drawings"} <= set(seen)
    assert not manager.dialog.job.isVisible()
    assert "659 characters" in messages(manager)[0][1]
    assert manager.dialog.pages.currentWidget() is manager.dialog.installed
    assert "support pictures" in manager.dialog.installed.preview.episode.told


def test_that_a_download_that_was_broken_off_is_offered_to_go_on(
    manager: DatasetsPresenter, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RemoteFile("http://127.0.0.1:9/images_evaluation.zip", "0" * 32, 2_000_000)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setitem(catalogue.OFFERS, "omniglot", Offer("omniglot", "Omniglot", "Characters.", "MIT", (file,)))
    waiting = manager._folder / ".downloads" / "images_evaluation.zip.part"
    waiting.parent.mkdir(parents=True)
    waiting.write_bytes(bytes(500_000))
    manager.open("omniglot")
    offer = manager.dialog.offer
    assert offer.download_button.text() == "Go on with the download"
    assert "0.5 MB of 2.0 MB are here already" in offer.terms.text()
    offer.download_button.click()  # nobody serves there
    settle(qtbot, manager)
    assert "the 0.5 MB that came are kept" in messages(manager)[0][1]
    assert waiting.exists()
    offer.discard_button.click()
    settle(qtbot, manager)
    assert not waiting.exists()
    assert offer.download_button.text() == "Download (2.0 MB)"


def test_that_only_one_thing_is_done_at_a_time(manager: DatasetsPresenter, qtbot: QtBot, table: Path) -> None:
    go = threading.Event()
    manager._start("slow", "Waiting", lambda _report: (go.wait(10), "")[1:] * 2)
    manager.add(table)
    assert not manager.dialog.adding.isVisible()
    assert "One thing at a time" in messages(manager)[0][1]
    go.set()
    settle(qtbot, manager)


def test_that_closing_the_window_ends_what_is_being_done(
    open_workbench: OpenWorkbench, qtbot: QtBot, pictures: Path
) -> None:
    from metagui.datasets.reporting import Report, Step

    bench = open_workbench()
    bench.datasets.open()
    begun = threading.Event()

    def endless(report: Report) -> None:
        while True:
            begun.set()
            report(Step("for ever", 0, 0))

    bench.datasets.jobs.start("endless", endless)
    assert begun.wait(10)
    bench.close()
    assert bench.datasets.jobs.running == ""
    assert not bench.datasets.dialog.isVisible()


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_that_every_page_can_be_painted_in_every_theme(
    open_workbench: OpenWorkbench, qtbot: QtBot, table: Path, theme: str
) -> None:
    bench = open_workbench(theme)
    manager = bench.datasets
    add(qtbot, manager, table)
    bench.theme.choose("light")
    bench.theme.choose(theme)
    for key in ("weather", "omniglot", "guide:quickdraw"):
        manager.open(key)
        settle(qtbot, manager)
        assert not manager.dialog.grab().isNull()


def test_that_a_wish_carries_how_pictures_are_read(manager: DatasetsPresenter, tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    manager.add(tmp_path / "cats")
    adding = manager.dialog.adding
    adding.side.setValue(32)
    adding.colour.setCurrentIndex(1)
    adding.invert.setChecked(True)
    adding.licence.setText("mine")
    assert adding.wish == Wish("cats", tmp_path / "cats", Options(32, "grey", True, False), "mine")
