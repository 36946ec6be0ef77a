"""Records walk-throughs in the warm worker, and moves the page through them as its reader asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from metagui.config import ExperimentConfig
from metagui.errors import InvalidValueError, MetaguiError
from metagui.events import Recorded, RequestFailed
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.walkthrough.content import Content, MalformedRecordingError
from metagui.gui.walkthrough.documents import Texts, texts_of
from metagui.gui.walkthrough.page import WalkthroughPage
from metagui.gui.walkthrough.settings import (
    applied,
    experiment_for,
    first_settings,
    kind_for,
    kind_of,
    with_values,
)
from metagui.session.interactive import InteractiveWorker
from metagui.walkthroughs.player import Place, Player


class WalkthroughPresenter(QObject):
    """One page, one recording at a time; what is asked for while another is awaited supersedes it."""

    changed = Signal()
    """What can be done may have changed."""
    shown = Signal()
    """A recording has come onto the page."""
    failed = Signal(str)
    """It could not be recorded, and why."""
    playing_changed = Signal(bool)

    def __init__(
        self, worker: InteractiveWorker, page: WalkthroughPage, data_dir: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._page = page
        self._data_dir = data_dir
        self._experiment: ExperimentConfig | None = None
        self._network: Source | None = None
        self._chosen = False
        self._stale = True
        self._active = False
        self._request: int | None = None
        self._content: Content | None = None
        self._texts: Texts | None = None
        self.player = Player()
        self.commands: dict[str, Callable[[], None]] = {
            "walk.forward": self._moving(self.player.forward),
            "walk.back": self._moving(self.player.back),
            "walk.over": self._moving(self.player.over),
            "walk.back_over": self._moving(self.player.back_over),
            "walk.into": self._moving(self.player.into),
            "walk.out": self._moving(self.player.out),
            "walk.start": self._moving(self.player.to_start),
            "walk.end": self._moving(self.player.to_end),
            "walk.run": self._moving(self.player.run),
            "walk.play": self._play_or_hold,
            "walk.run_to": self._run_to_caret,
            "walk.breakpoint": self._toggle_at_caret,
            "walk.record": self.record,
        }
        self._connect()
        self._choose_kind(page.setup.kind.name)

    def _connect(self) -> None:
        page, worker = self._page, self._worker
        worker.recorded.connect(self._take)
        worker.failed.connect(self._fail)
        page.setup.kind_chosen.connect(self._change_kind)
        page.setup.changed.connect(self.record)
        page.message.pressed.connect(self.record)
        page.command.connect(lambda name: self.commands[name]() if self.can_walk else None)
        page.paper_line_chosen.connect(self._run_to_paper)
        page.source_line_chosen.connect(self._run_to_source)
        page.breakpoint_toggled.connect(self._toggle_breakpoint)
        page.transport.moved.connect(self._scrub)
        page.transport.advance.connect(self._advance)
        page.transport.playing_changed.connect(self.playing_changed)

    # --- what is walked through ----------------------------------------------------------------------------------

    @property
    def can_walk(self) -> bool:
        """Whether there are moments to go to."""
        return self._content is not None and self._active

    @property
    def content(self) -> Content | None:
        """The recording on show."""
        return self._content

    def follow(self, source: Source) -> None:
        """The network on show elsewhere in the window: the one in training, a stored one, or one before training."""
        self.set_experiment(source.config)
        self.set_network(source if source.weights or source.checkpoint else None)

    def set_experiment(self, config: ExperimentConfig) -> None:
        """The experiment on the form or in training: its tasks and network are walked through where they suit."""
        if config == self._experiment:
            return
        self._experiment = config
        self._choose_kind(self._page.setup.kind.name if self._chosen else kind_for(config))
        self._stale = True
        if self._active:
            self.record()

    def set_network(self, network: Source | None) -> None:
        """What training has reached by now. It is taken at the next recording, not at once: numbers must not jump."""
        self._network = network
        self._page.setup.set_trained(network is not None, network.step if network is not None else 0)

    def activate(self, active: bool) -> None:
        """Whether the page is on show. Recording waits for that."""
        self._active = active
        if active and self._stale and self._request is None:
            self.record()
        elif not active:
            self._page.transport.play(False)
        self.changed.emit()

    def open(
        self,
        name: str,
        parameters: Mapping[str, int | float] | None = None,
        experiment: ExperimentConfig | None = None,
    ) -> None:
        """Record a walk-through with these numbers and show it from its beginning; ``shown`` or ``failed`` follows.

        Raises InvalidValueError for a walk-through or a number that there is not.
        """
        if experiment is not None:
            self._experiment = experiment
        self._active = self._chosen = True
        self._choose_kind(name)
        settings = with_values(self._page.setup.settings, self._page.setup.kind, parameters or {})
        self._page.setup.show_kind(name, settings)
        self.player.replace(())
        self.record()

    def record(self) -> None:
        """Run the algorithm anew with the numbers of the page."""
        setup = self._page.setup
        self._page.transport.play(False)
        network = self._network if setup.trained else None
        try:
            config = applied(
                experiment_for(setup.kind, network.config if network else self._experiment), setup.settings
            )
        except (ValueError, MetaguiError) as error:
            self._say_failed(str(error))
            return
        self._stale = False
        if self._content is None:
            self._page.show_message("Recording…", "The algorithm runs once, line by line.")
        self._page.set_busy(True)
        self._request = self._worker.record(
            config,
            self._data_dir,
            setup.kind.name,
            setup.settings.tasks,
            step=network.step if network else 0,
            weights=network.weights if network else {},
            checkpoint=network.checkpoint if network else "",
        )

    def close(self) -> None:
        """Ask nothing and play nothing any more."""
        self._request = None
        self._page.transport.play(False)

    # --- where one is --------------------------------------------------------------------------------------------

    def go_to(self, places: Collection[Place], visit: int = 1) -> bool:
        """To the ``visit``-th time that one of these lines of the source runs (-1: the last); False if it does not."""
        moved = self.player.visit(places, visit)
        self._show()
        return moved

    def _moving(self, move: Callable[[], bool]) -> Callable[[], None]:
        def go() -> None:
            self._page.transport.play(False)
            move()
            self._show()

        return go

    def _run_to_source(self, file: str, line: int) -> None:
        if self._texts is not None:
            place = self._texts.statement(file, line)
            self._moving(lambda: self.player.run_to({place}))()

    def _run_to_paper(self, algorithm: str, line: int) -> None:
        if self._texts is not None:
            places = self._texts.places_of((algorithm, line))
            self._moving(lambda: self.player.run_to(places))()

    def _run_to_caret(self) -> None:
        page = self._page
        panel = page.pseudocode if page.pseudocode.view.hasFocus() else page.source
        if panel.view.caret:
            panel.chosen.emit(panel.shown, panel.view.caret)

    def _toggle_at_caret(self) -> None:
        panel = self._page.source
        if panel.view.caret:
            self._toggle_breakpoint(panel.shown, panel.view.caret)

    def _toggle_breakpoint(self, file: str, line: int) -> None:
        if self._texts is not None:
            self.player.toggle_breakpoint(self._texts.statement(file, line))
            self._page.show_breakpoints(self.player.breakpoints)

    def _scrub(self, position: int) -> None:
        self._page.transport.play(False)
        self.player.go_to(position)
        self._show()

    def _play_or_hold(self) -> None:
        transport = self._page.transport
        if not transport.playing and self.player.at_end:
            self.player.to_start()
            self._show()
        transport.play(not transport.playing)

    def _advance(self) -> None:
        self.player.forward()
        self._show()
        if self.player.at_end or self.player.on_breakpoint:
            self._page.transport.play(False)

    def _show(self) -> None:
        if self._content is not None and self.player.position >= 0:
            self._page.show_position(self.player.position, self.player.callers())

    # --- recordings ----------------------------------------------------------------------------------------------

    def _change_kind(self, name: str) -> None:
        self._chosen = True
        self._choose_kind(name)
        self.record()

    def _choose_kind(self, name: str) -> None:
        try:
            kind = kind_of(name)
        except KeyError:
            raise InvalidValueError("walkthrough", f"{name!r} is no walk-through") from None
        self._page.setup.show_kind(name, first_settings(kind, experiment_for(kind, self._experiment)))

    def _take(self, answer: Recorded) -> None:
        if answer.request != self._request:
            return
        self._request = None
        self._page.set_busy(False)
        try:
            content = Content(answer)
            texts = texts_of(content)
        except (MalformedRecordingError, KeyError, ValueError) as error:
            self._say_failed(f"The recording cannot be shown: {error}")
            return
        self._content, self._texts = content, texts
        self._page.show_content(content, texts)
        self.player.replace(content.moments)
        self._page.show_breakpoints(self.player.breakpoints)
        self._show()
        self.changed.emit()
        self.shown.emit()

    def _fail(self, failure: RequestFailed) -> None:
        if failure.request == self._request:
            self._request = None
            self._say_failed(failure.message)

    def _say_failed(self, reason: str) -> None:
        self._content = self._texts = None
        self._page.set_busy(False)
        self._page.show_message("This walk-through could not be recorded", reason, "Try again")
        self.changed.emit()
        self.failed.emit(reason)
