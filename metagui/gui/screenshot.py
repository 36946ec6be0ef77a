"""Makes the pictures of the README: drives the real window, training for real, by a script and never by hand."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtWidgets import QApplication

from metagui.config import DEFAULT_PRESET, load_preset
from metagui.errors import EnvironmentProblemError, MetaguiError
from metagui.events import Adapted, Metrics, Progress, RunEvent
from metagui.gui.platform import make_application
from metagui.gui.waiting import wait, wait_until
from metagui.gui.workbench import Workbench
from metagui.workspace import datasets_dir

Page = Literal["monitor", "adaptation", "side-by-side", "own-task", "look-inside", "walkthrough", "evaluation"]

_START_SECONDS = 120.0
_EVALUATION_SECONDS = 600.0
_SETTLE_SECONDS = 1.2
_WALKED = 0.62
"""The share of a walk-through that is behind its picture: in its second task of three."""


def take(
    out: Path,
    *,
    data_dir: Path,
    theme: str = "dark",
    size: tuple[int, int] = (1280, 800),
    page: Page = "monitor",
    presets: Sequence[str] = (DEFAULT_PRESET,),
    steps: int = 600,
    seconds: float = 300.0,
) -> None:
    """Train each preset for ``steps`` meta-steps in one window, then save its picture as PNG in ``out``.

    The last run is still going in the picture, the ones before are there to compare. ``seconds`` is the longest that
    each may take. Data sets are read from ``data_dir``; the runs go to a folder that is removed again. ``size`` is
    (width, height) in pixels. Raises InvalidValueError for an unknown preset, EnvironmentProblemError where ``out``
    cannot be written, MetaguiError where a run fails or takes too long.
    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    configs = [load_preset(name).config for name in presets]
    _make_room(out)
    app = make_application()
    with scratch_folder(data_dir) as folder:
        workbench = Workbench(app, folder, theme)
        try:
            director = _Director(workbench, size)
            for index, config in enumerate(configs):
                workbench.window.form.load(config)
                director.train(steps, seconds, stop=index < len(configs) - 1)
            director.show(page)
            director.save(out)
        finally:
            workbench.close()
            workbench.window.deleteLater()
            app.sendPostedEvents()


def _make_room(out: Path) -> None:
    """Known before minutes of training, not after."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("ab"):
            pass
        if not out.stat().st_size:
            out.unlink()
    except OSError as error:
        raise EnvironmentProblemError(f"{out} cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def scratch_folder(data_dir: Path) -> Iterator[Path]:
    """An own data folder with the data sets of another, so that a picture leaves no runs behind."""
    with tempfile.TemporaryDirectory(prefix="metagui-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source = datasets_dir(data_dir)
        if source.is_dir():
            datasets_dir(folder).symlink_to(source.resolve(), target_is_directory=True)
        yield folder


class _Director:
    """Tells a workbench what to do, and watches what it is told in return."""

    def __init__(self, workbench: Workbench, size: tuple[int, int]) -> None:
        self._workbench = workbench
        self._points = 0
        self._step = 0
        self._adapted_step = -1
        self._trouble = ""
        workbench.controller.event.connect(self._watch)
        workbench.controller.ended.connect(self._end)
        workbench.worker.adapted.connect(self._watch_adapted)
        workbench.window.resize(*size)
        workbench.open()

    def train(self, steps: int, seconds: float, *, stop: bool) -> None:
        """Start the experiment of the form and wait until curves and adaptation of it are on show."""
        self._points = self._step = 0
        self._adapted_step = -1
        window = self._workbench.window
        window.actions_["run.start"].trigger()
        self._until(lambda: self._points > 0, _START_SECONDS, "no point arrived in the plots")
        self._until(lambda: self._step >= steps or self._idle, seconds, f"the run did not reach meta-step {steps}")
        self._until(lambda: self._adapted_step > 0, _START_SECONDS, "no adaptation with the trained network was shown")
        if stop and not self._idle:
            window.actions_["run.stop"].trigger()
            self._until(lambda: self._idle, seconds, "the run did not stop")

    def show(self, page: Page) -> None:
        """Turn to a page and let everything settle."""
        actions, studio = self._workbench.window.actions_, self._workbench.window.studio
        modes = {
            "adaptation": studio.held_out,
            "side-by-side": studio.compare,
            "own-task": studio.own,
            "look-inside": studio.inside,
        }
        actions["view.adaptation" if page in modes else f"view.{page}"].trigger()
        if page in modes:
            studio.show_mode(modes[page])
            wait(_SETTLE_SECONDS)
            self._until(lambda: self._workbench.studio.settled, _START_SECONDS, "the studio did not answer")
        if page == "walkthrough":
            self._walk()
        if page == "evaluation":
            self._evaluate()
        wait(_SETTLE_SECONDS)

    def _walk(self) -> None:
        """Record with the network that was trained, and go to where a task is adapted to."""
        walk, page = self._workbench.walkthrough, self._workbench.window.walkthrough
        walk.failed.connect(self._note_trouble)
        self._until(lambda: walk.can_walk, _START_SECONDS, "no walk-through was recorded")
        shown: list[bool] = []
        walk.shown.connect(lambda: shown.append(True))
        page.setup.set_network(True)
        walk.record()
        self._until(lambda: bool(shown), _START_SECONDS, "no walk-through was recorded with the trained network")
        page.transport.moved.emit(round(_WALKED * page.transport.timeline.maximum()))

    def _evaluate(self) -> None:
        """Judge the network that was trained, as it is now."""
        shown: list[bool] = []
        self._workbench.evaluation.shown.connect(lambda: shown.append(True))
        self._workbench.window.actions_["evaluation.start"].trigger()
        self._until(lambda: bool(shown), _EVALUATION_SECONDS, "the evaluation did not end")

    def _note_trouble(self, reason: str) -> None:
        self._trouble = reason

    def save(self, out: Path) -> None:
        if not self._workbench.window.grab().save(str(out), "PNG"):
            raise EnvironmentProblemError(f"{out} cannot be written: choose a folder that can, and a name in .png")

    @property
    def _idle(self) -> bool:
        return self._workbench.controller.state == "idle"

    def _until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        wait_until(lambda: bool(self._trouble) or condition(), seconds, what)
        if self._trouble:
            raise MetaguiError(self._trouble)

    def _watch(self, _run_id: str, event: RunEvent) -> None:
        match event:
            case Metrics():
                self._points += len(event.steps.numpy())
            case Progress():
                self._step = event.step

    def _watch_adapted(self, answer: Adapted) -> None:
        self._adapted_step = answer.step

    def _end(self, run_id: str, status: str, reason: str) -> None:
        if status not in ("finished", "stopped"):
            self._trouble = f"{run_id} {status}: {reason}"
