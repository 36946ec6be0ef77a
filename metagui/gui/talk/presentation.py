"""A talk from its first slide to its end: the two windows, the keys, the clock, and the performance between them."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from metagui.gui.talk.audience import AudienceWindow
from metagui.gui.talk.commands import OFFERED, talk_actions
from metagui.gui.talk.performance import Performance
from metagui.gui.talk.speaker import SpeakerWindow
from metagui.gui.talk.stage import Stage
from metagui.gui.theme import Theme
from metagui.runs.store import RunStore
from metagui.session.controller import HostKind
from metagui.walkthroughs.script import Script

_POLL_MS = 50


class Presentation(QObject):
    """Call :meth:`open`; ``ended`` follows when the speaker leaves. :meth:`close` at the end, in any case."""

    ended = Signal()

    def __init__(
        self,
        script: Script,
        store: RunStore,
        theme: Theme,
        host: HostKind = "child",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._closed = False
        self.audience = AudienceWindow(script, theme)
        self.speaker = SpeakerWindow(theme)
        self.stage = Stage(script, store, self.audience, theme, host, self)
        self.talk = Performance(script, self.stage, self._show)
        self.actions = talk_actions(self)
        self._began = time.monotonic()
        self._shown = -1
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._tick)
        for window in (self.audience, self.speaker):
            window.addActions(self.actions.all())
        self.speaker.offer([self.actions[command] for command in OFFERED])
        self.speaker.reset.clicked.connect(self.restart_clock)
        self.speaker.left.connect(self._speaker_left)
        self.audience.left.connect(self.leave)
        self._connect_keys()

    # --- life -----------------------------------------------------------------------------------------------------

    def open(self, home: QWidget | None = None) -> None:
        """Begin, full screen: on another screen than ``home`` where there is one, with the speaker's window at home."""
        self.stage.open()
        screens = QGuiApplication.screens()
        here = home.screen() if home is not None else QGuiApplication.primaryScreen()
        others = [screen for screen in screens if screen is not here]
        room = others[0] if others else here
        self.audience.setGeometry(room.geometry())
        self.audience.showFullScreen()
        if others:
            self.speaker.move(here.availableGeometry().center() - self.speaker.rect().center())
            self.speaker.show()
        self.audience.activateWindow()
        self.begin()

    def begin(self) -> None:
        """The first slide, in windows that are shown already."""
        self.restart_clock()
        self._timer.start()
        self.talk.show(0, time.monotonic())

    def leave(self) -> None:
        """End the talk; its run is stopped and saved."""
        if not self._closed:
            self.close()
            self.ended.emit()

    def close(self) -> None:
        """Give everything back. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._timer.stop()
        for window in (self.audience, self.speaker):
            window.hide()
        self.stage.close()
        for window in (self.audience, self.speaker):
            window.deleteLater()

    # --- commands -------------------------------------------------------------------------------------------------

    def next(self) -> None:
        self._light()
        self.talk.next(time.monotonic())

    def back(self) -> None:
        self._light()
        self.talk.back(time.monotonic())

    def go_to(self, index: int) -> None:
        self._light()
        self.talk.show(index, time.monotonic())

    def restart_clock(self) -> None:
        self._began = time.monotonic()

    def set_theme(self, theme: Theme) -> None:
        self.stage.set_theme(theme)
        self.speaker.set_theme(theme)

    def _connect_keys(self) -> None:
        actions, canvas = self.actions, self.audience.canvas
        actions["talk.next"].triggered.connect(self.next)
        actions["talk.back"].triggered.connect(self.back)
        actions["talk.first"].triggered.connect(self._first)
        actions["talk.last"].triggered.connect(self._last)
        actions["talk.black"].toggled.connect(self.audience.set_black)
        actions["talk.pointer"].toggled.connect(self.audience.set_laser)
        actions["talk.zoom_in"].triggered.connect(self._zoom_in)
        actions["talk.zoom_out"].triggered.connect(self._zoom_out)
        actions["talk.zoom_reset"].triggered.connect(self._zoom_reset)
        actions["talk.speaker"].triggered.connect(self._toggle_speaker)
        actions["talk.leave"].triggered.connect(self.leave)
        canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def _first(self) -> None:
        self.go_to(0)

    def _last(self) -> None:
        self.go_to(len(self.talk.script.slides) - 1)

    def _zoom_in(self) -> None:
        self.audience.canvas.zoom_by(1)

    def _zoom_out(self) -> None:
        self.audience.canvas.zoom_by(-1)

    def _zoom_reset(self) -> None:
        self.audience.canvas.zoom_to(None)

    def _toggle_speaker(self) -> None:
        self.speaker.setVisible(not self.speaker.isVisible())
        if self.speaker.isVisible():
            self.speaker.raise_()
            self.speaker.activateWindow()
        else:
            self.audience.activateWindow()

    def _speaker_left(self) -> None:
        if not self._closed:
            self.audience.activateWindow()

    def _light(self) -> None:
        """Whoever goes on wants to be seen."""
        self.actions["talk.black"].setChecked(False)

    # --- following ------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = time.monotonic()
        self.talk.poll(now)
        self.speaker.show_course(self.talk, now - self._began, now)

    def _show(self) -> None:
        """Something of the performance has changed."""
        now = time.monotonic()
        if self._shown != self.talk.index:
            self._shown = self.talk.index
            self.speaker.show_slide(self.talk)
        self.audience.show_note(bool(self.talk.failures_here))
        self.speaker.show_course(self.talk, now - self._began, now)
