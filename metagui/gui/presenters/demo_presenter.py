"""Opens demonstrations: a trained network under a person's hands, several side by side, or a training begun."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from metagui.config import load_preset
from metagui.demos import Demo
from metagui.gui.main_window import MainWindow
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.selection_presenter import SelectionPresenter
from metagui.gui.presenters.studio_presenter import StudioPresenter
from metagui.gui.presenters.welcome_presenter import WelcomePresenter

TRAINED_LIVE = "sinusoid-maml-fast"
"""The preset that has something to show after seconds."""


class DemoPresenter(QObject):
    """Carries out what the welcome page offers. ``start`` trains the experiment of the form."""

    def __init__(
        self,
        window: MainWindow,
        welcome: WelcomePresenter,
        selection: SelectionPresenter,
        studio: StudioPresenter,
        start: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._selection = selection
        self._studio = studio
        self._start = start
        welcome.demo_chosen.connect(self.try_by_hand)
        welcome.comparison_chosen.connect(self.compare)
        welcome.command_chosen.connect(self._carry_out)

    def try_by_hand(self, demo: Demo) -> None:
        """The demonstration's network, on tasks of one's own."""
        self._put_on_show(demo)
        self._studio.show_own_task()

    def compare(self, demos: tuple[Demo, ...]) -> None:
        """Several demonstrations on the same tasks, side by side."""
        self._put_on_show(demos[0])
        self._studio.compare_exactly([(demo.title.rpartition("· ")[2], source_of(demo)) for demo in demos])

    def _put_on_show(self, demo: Demo) -> None:
        self._window.form.load(demo.config)  # what made it: Start makes it anew
        self._selection.look_aside(source_of(demo))
        self._window.show_adaptation()

    def _carry_out(self, command: str) -> None:
        match command:
            case "train":
                self._window.show_monitor()
                if self._window.actions_["run.start"].isEnabled():
                    self._window.form.load(load_preset(TRAINED_LIVE).config)
                    self._start()
            case "walk":
                self._window.show_walkthrough()
            case "talk":
                self._window.actions_["talk.present"].trigger()


def source_of(demo: Demo) -> Source:
    """The demonstration as a network to adapt."""
    return Source(demo.config, demo.measured.step, checkpoint=str(demo.checkpoint))
