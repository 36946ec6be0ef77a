"""Tells beside the form how much memory its experiment would need, before it is started."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from metagui.config import ExperimentConfig
from metagui.events import MemoryEstimated, RequestFailed
from metagui.gui.form import ExperimentForm
from metagui.session.interactive import InteractiveWorker

PAUSE_MILLISECONDS = 500
"""Asked once the form has been left alone for so long: who holds an arrow key down asks nothing yet."""


class MemoryPresenter(QObject):
    """From the form to the worker and back. ``changed`` says that Start may have to be enabled or disabled."""

    changed = Signal()

    def __init__(
        self, worker: InteractiveWorker, form: ExperimentForm, data_dir: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._form = form
        self._data_dir = data_dir
        self._request = -1
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._ask)
        form.config_changed.connect(self.follow)
        worker.estimated.connect(self._show)
        worker.failed.connect(self._give_up)

    def follow(self, config: ExperimentConfig | None = None) -> None:
        """The experiment is another one, or is seen for the first time."""
        self._request = -1
        self._form.memory.show_waiting()
        self._pause.start()

    def close(self) -> None:
        self._pause.stop()

    def _ask(self) -> None:
        config = self._form.config()
        if config is None:  # the form says what is wrong
            self._form.memory.show_unknown()
        else:
            self._request = self._worker.estimate_memory(config, self._data_dir)

    def _show(self, answer: MemoryEstimated) -> None:
        if answer.request == self._request:
            self._form.memory.show_answer(answer)
            self.changed.emit()

    def _give_up(self, failure: RequestFailed) -> None:
        if failure.request == self._request:
            self._form.memory.show_unknown()
            self.changed.emit()
