"""A person at the real window, for the drivers beside this file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psutil
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton

from metagui.events import Adapted, Metrics, Paused, RunEvent, Studied
from metagui.gui.failures import Failures
from metagui.gui.platform import make_application
from metagui.gui.waiting import wait_until
from metagui.gui.workbench import Workbench

PATIENCE = 90.0


class Person:
    """Looks at the window and uses mouse and keyboard on it."""

    def __init__(self, data_dir: Path) -> None:
        self.app = make_application()
        self.bench = Workbench(self.app, data_dir, "dark")
        self.window = self.bench.window
        self.failures: list[str] = []
        self._hooks = Failures(data_dir, lambda text, details: self.failures.append(f"{text}\n{details}"))
        self.workers: set[int] = set()
        self.points = 0
        self.adapted: list[Adapted] = []
        self.studied: list[Studied] = []
        self.pauses: list[Paused] = []
        self.ends: list[tuple[str, str, str]] = []
        self.bench.controller.event.connect(self._note)
        self.bench.controller.ended.connect(lambda *end: self.ends.append(end))
        self.bench.worker.adapted.connect(self.adapted.append)
        self.bench.worker.studied.connect(self.studied.append)
        self._census = QTimer()
        self._census.timeout.connect(self._count_workers)
        self._census.start(50)
        self.window.resize(1280, 800)
        self.bench.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """What run_app does once the loop has ended; the report where all went well."""
        self._count_workers()
        self._census.stop()
        self.bench.close()
        self._hooks.close()
        if kind is None:
            assert not self.failures, self.failures
            print(json.dumps({"workers": sorted(self.workers), "torch": "torch" in sys.modules}))

    def until(self, condition: Callable[[], bool], what: str) -> None:
        wait_until(lambda: bool(self.failures) or condition(), PATIENCE, what)
        assert not self.failures, self.failures

    def choose(self, section: str, title: str) -> None:
        """Pick an entry of a drop-down list with the keyboard."""
        combo = self.window.form.sections[section].combo
        assert combo is not None
        combo.setFocus()
        QTest.keyClicks(combo, title)
        combo.activated.emit(combo.currentIndex())
        assert combo.currentText() == title

    def write(self, path: str, text: str) -> None:
        section, _, field = path.partition(".")
        editor = self.window.form.sections[section].rows[field].editor
        line = editor if isinstance(editor, QLineEdit) else editor.findChildren(QLineEdit)[0]
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)

    def press(self, command: str) -> None:
        """Click a command's button in the toolbar."""
        action = self.window.actions_[command]
        assert action.isEnabled(), f"{command} is disabled: {action.toolTip()}"
        buttons = [button for button in self.window.findChildren(QToolButton) if button.defaultAction() is action]
        QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)

    def state(self) -> str:
        return self.bench.controller.state

    def drawn(self) -> tuple[int, int]:
        """Points in the two plots."""
        panels = self.window.monitor.panels
        first, second = (sum(len(trace.curve) for trace in panel.chart.traces.traces) for panel in panels)
        return first, second

    def run_process(self) -> psutil.Process:
        """The worker that trains: the younger of the two."""
        children = psutil.Process().children()
        return max(children, key=lambda child: child.create_time())

    def start_small_run(self) -> str:
        self.write("outer.meta_batch_size", "4")
        self.press("run.start")
        self.until(lambda: self.state() == "running" and self.points > 3, "the run did not begin")
        return str(self.bench.controller.current_run)

    def _note(self, _run_id: str, event: RunEvent) -> None:
        match event:
            case Metrics():
                self.points += len(event.steps.numpy())
            case Paused():
                self.pauses.append(event)

    def _count_workers(self) -> None:
        self.workers |= {child.pid for child in psutil.Process().children(recursive=True)}
