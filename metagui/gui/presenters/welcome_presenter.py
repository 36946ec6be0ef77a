"""Brings the welcome page to life: its pictures are trained networks adapting, computed by the warm worker."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from metagui.demos import Demo, load_demo
from metagui.errors import InvalidValueError
from metagui.events import Network, RequestFailed, Studied
from metagui.gui.welcome.page import WelcomePage
from metagui.session.interactive import InteractiveWorker

DEMOS = {"curve": ("sinusoid-maml", 1), "points": ("points-maml", 0), "characters": ("glyphs-maml", 0)}
"""By picture: the demonstration, and which held-out task it is seen adapting to."""

COMPARED = ("sinusoid-maml", "sinusoid-imaml", "sinusoid-reptile", "sinusoid-joint")
"""What stands side by side, on the same waves."""

_CHANNEL = "welcome/"


class WelcomePresenter(QObject):
    """Asks for the pictures once, when the page is first seen; says what was chosen."""

    demo_chosen = Signal(object)
    """A Demo whose network is to be tried by hand."""
    comparison_chosen = Signal(object)
    """A tuple of Demos to see side by side."""
    command_chosen = Signal(str)
    """One of "train", "walk" and "talk"."""

    def __init__(
        self, worker: InteractiveWorker, page: WelcomePage, data_dir: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._page = page
        self._data_dir = data_dir
        self._requests: dict[int, str] = {}
        page.chosen.connect(self._choose)
        page.shown.connect(self._enliven)
        worker.studied.connect(self._take)
        worker.failed.connect(self._fail)

    def _enliven(self) -> None:
        self._page.shown.disconnect(self._enliven)
        for picture, (name, task) in DEMOS.items():
            try:
                demo = load_demo(name)
            except InvalidValueError as error:
                self._page.pictures[picture].show_message(str(error))
                continue
            number = self._worker.study(
                self._data_dir, [network_of(demo)], tasks=(task,), inner_steps=5, channel=_CHANNEL + picture
            )
            self._requests[number] = picture

    def _take(self, answer: Studied) -> None:
        picture = self._requests.pop(answer.request, None)
        if picture is None:
            return
        (column,) = answer.columns
        if column.problem:
            self._page.pictures[picture].show_message(column.problem)
        else:
            self._page.pictures[picture].show_adaptation(column.tasks[0])

    def _fail(self, failure: RequestFailed) -> None:
        picture = self._requests.pop(failure.request, None)
        if picture is not None:
            self._page.pictures[picture].show_message(failure.message)

    def _choose(self, name: str) -> None:
        if name in DEMOS:
            self.demo_chosen.emit(load_demo(DEMOS[name][0]))
        elif name == "compare":
            self.comparison_chosen.emit(tuple(load_demo(demo) for demo in COMPARED))
        else:
            self.command_chosen.emit(name)


def network_of(demo: Demo) -> Network:
    """The demonstration as a column of the studio."""
    return Network(
        title=demo.title.rpartition("· ")[2],
        config=demo.config.to_dict(),
        step=demo.measured.step,
        checkpoint=str(demo.checkpoint),
    )
