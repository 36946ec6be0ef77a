"""Closing the window: asked once while training goes on, saved always, remembered for the next start."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox

from metagui.errors import MetaguiError
from metagui.gui.main_window import MainWindow
from metagui.gui.presenters.runs_presenter import run_title
from metagui.gui.words import step_text
from metagui.runs.store import RunStore
from metagui.session.controller import ExperimentController


class Closing(QObject):
    """Guards the window's close; ``closed`` when it is really to go."""

    closed = Signal()

    def __init__(
        self,
        controller: ExperimentController,
        window: MainWindow,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._window = window
        self._question: QMessageBox | None = None
        self._leaving = False
        self.interrupted = ""
        """Id of the run that closing the window ended."""
        window.close_guard = self._may_close
        controller.ended.connect(self._go_on)

    @property
    def question(self) -> QMessageBox | None:
        """The question while it is open."""
        return self._question

    def close_without_asking(self) -> None:
        """Stop, save and close: for a signal of the system that will not wait for an answer."""
        if self._controller.state == "idle":
            self._leaving = True
            self._window.close()
        else:
            self._leave()

    def _may_close(self) -> bool:
        if self._controller.state == "idle":
            self.closed.emit()
            return True
        if not self._leaving and self._question is None:
            self._ask()
        return False

    def _ask(self) -> None:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Training is not finished")
        box.setText(f"{self._controller.current_run} is still being trained.")
        box.setInformativeText(
            "It cannot go on without the window. Stop and save it? The next start offers to continue where it stopped."
        )
        stop = box.addButton("Stop and save", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stop)
        box.accepted.connect(self._leave)
        box.finished.connect(self._forget_question)
        self._question = box
        box.open()

    def _forget_question(self) -> None:
        if self._question is not None:
            self._question.deleteLater()
            self._question = None

    def _leave(self) -> None:
        self._leaving = True
        self.interrupted = self._controller.current_run or ""
        if self._controller.state == "idle":  # it ended while the question was open
            self._window.close()
        else:
            self._controller.stop()

    def _go_on(self, run_id: str, status: str, _reason: str) -> None:
        if run_id == self.interrupted and status == "finished":
            self.interrupted = ""
        if self._leaving:
            self._window.close()
        elif self._question is not None:
            self._question.reject()


def resume_offer(store: RunStore, run_id: str) -> str:
    """The sentence that offers to continue an interrupted run; empty where nothing is left to do."""
    try:
        record = store.get(run_id)
    except MetaguiError:
        return ""
    if record.status not in ("stopped", "crashed") or record.step >= record.total_steps:
        return ""
    return f"{run_title(run_id, record)} was interrupted at {step_text(record.step, record.total_steps)}."
