import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer, qWarning

from metagui.errors import EnvironmentProblemError
from metagui.gui import platform
from metagui.gui.failures import LOG_FILE, Failures
from metagui.gui.waiting import wait, wait_until


@pytest.fixture
def caught(data_dir: Path) -> Any:
    told: list[tuple[str, str]] = []
    before = sys.excepthook
    failures = Failures(data_dir, lambda text, details: told.append((text, details)))
    yield told
    failures.close()
    failures.close()
    assert sys.excepthook is before


def test_that_a_mistake_is_told_and_logged_and_the_loop_goes_on(qapp: object, caught: Any, data_dir: Path) -> None:
    def mistake() -> None:
        raise RuntimeError("the abacus is missing")

    # As Qt delivers what a slot raised; pytest-qt would take it for a failure of the test.
    try:
        mistake()
    except RuntimeError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    wait(0.05)
    (text, details) = caught[0]
    assert "abacus" in text
    assert "training is not affected" in text
    assert "Traceback" in details
    assert "abacus" in (data_dir / LOG_FILE).read_text()


def test_that_a_mistake_in_another_thread_is_told_in_the_windows_own(qapp: object, data_dir: Path) -> None:
    told_in: list[threading.Thread] = []
    before = threading.excepthook
    failures = Failures(data_dir, lambda *_: told_in.append(threading.current_thread()))

    def mistake() -> None:
        raise RuntimeError("the abacus is upside down")

    thread = threading.Thread(target=mistake)
    thread.start()
    thread.join()
    assert told_in == []  # a widget touched from there could crash the window
    wait_until(lambda: bool(told_in), 5, "the sentence")
    failures.close()

    assert told_in == [threading.current_thread()]
    assert "upside down" in (data_dir / LOG_FILE).read_text()
    assert threading.excepthook is before


def test_that_what_qt_says_goes_to_the_log(qapp: object, caught: Any, data_dir: Path) -> None:
    qWarning("a pixmap out of nothing")
    qWarning("This plugin does not support raise()")
    log = (data_dir / LOG_FILE).read_text()
    assert "a pixmap out of nothing" in log
    assert "plugin" not in log


def test_that_a_folder_without_room_for_a_log_is_no_reason_to_fail(qapp: object, tmp_path: Path) -> None:
    failures = Failures(tmp_path / "nowhere", lambda *_: None)
    failures.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux: other systems always have a screen")
def test_that_without_a_screen_the_sentence_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform.QApplication, "instance", lambda: None)
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EnvironmentProblemError, match=r"metagui train.*xvfb-run") as error:
        platform.make_application()
    assert error.value.exit_code == 3


def test_that_waiting_names_what_did_not_come(qapp: object) -> None:
    owner = QObject()
    seen: list[int] = []
    QTimer.singleShot(20, owner, lambda: seen.append(1))
    wait_until(lambda: bool(seen), 5, "the timer")
    with pytest.raises(Exception, match="the second coming"):
        wait_until(lambda: False, 0.05, "the second coming")
