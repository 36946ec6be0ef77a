"""Plays a talk where nobody sees it, and keeps a picture of each slide and a handout."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication

from metagui.errors import EnvironmentProblemError
from metagui.gui.failures import Failures
from metagui.gui.platform import make_application
from metagui.gui.screenshot import scratch_folder
from metagui.gui.talk.handout import SlidePicture, picture_names, prepare_folder, write_handout
from metagui.gui.talk.performance import Failure
from metagui.gui.talk.presentation import Presentation
from metagui.gui.theme import apply_theme, resolve_theme
from metagui.gui.waiting import wait, wait_until
from metagui.runs.store import RunStore
from metagui.walkthroughs.script import Script

_SETTLE_SECONDS = 0.8
_SPARE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """``page`` is the handout; ``failures`` are what did not work out, slide by slide."""

    page: Path
    failures: tuple[Failure, ...]


def record(
    script: Script,
    folder: Path,
    *,
    data_dir: Path,
    theme: str = "dark",
    size: tuple[int, int] = (1920, 1080),
    told: Callable[[str], None] = lambda line: None,
) -> Recorded:
    """Play every slide and write ``NN-id.png`` and ``index.html`` into ``folder``, and nothing anywhere else.

    Data sets are read from ``data_dir``; what is trained goes to a folder that is removed again. ``size`` is (width,
    height) in pixels. ``told`` hears a line a slide. Raises EnvironmentProblemError for a folder that cannot be used.
    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    prepare_folder(folder, script)
    app = make_application()
    look = resolve_theme(theme)
    apply_theme(app, look)
    with scratch_folder(data_dir) as scratch, RunStore(scratch) as store:
        mistakes = Failures(scratch, lambda text, details: told(f"{text}\n{details}"))
        presentation = Presentation(script, store, look)
        try:
            camera = _Camera(presentation, folder, size)
            for index, slide in enumerate(script.slides):
                camera.take(index)
                told(f"{index + 1}/{len(script.slides)}  {slide.title}")
            failures = tuple(camera.failures)
        finally:
            presentation.close()
            app.sendPostedEvents()
            mistakes.close()
    return Recorded(write_handout(folder, script, camera.pictures), failures)


class _Camera:
    """Presses the keys that a speaker would, and takes the picture of each slide."""

    def __init__(self, presentation: Presentation, folder: Path, size: tuple[int, int]) -> None:
        self._presentation = presentation
        self._folder = folder
        self._names = picture_names(presentation.talk.script)
        self._taken = False
        self.pictures: list[SlidePicture] = []
        self.failures: list[Failure] = []
        presentation.talk.on_picture(self._shoot)
        presentation.audience.canvas.animated = False
        presentation.audience.resize(*size)
        presentation.audience.show()
        presentation.stage.open()

    def take(self, index: int) -> None:
        """Play a slide to its end and keep its picture."""
        talk, presentation = self._presentation.talk, self._presentation
        self._taken = False
        if index == 0:
            presentation.begin()
        else:
            presentation.next()
        self._until_it_rests()
        while talk.phase == "holding":
            presentation.next()
            self._until_it_rests()
        if not self._taken:
            self._shoot()
        self.failures.extend(talk.failures_here)
        self.pictures.append(SlidePicture(self._names[index], complete=not talk.failures_here))

    def _until_it_rests(self) -> None:
        talk = self._presentation.talk
        waits = sum(1 for _ in talk.slide.actions)
        longest = talk.script.talk.limits.wait_seconds * (waits + 1) + _SPARE_SECONDS
        for action in talk.slide.actions:
            longest += getattr(action, "seconds", None) or 0.0
        wait_until(lambda: talk.phase in ("holding", "settled"), longest, f"slide {talk.slide.id!r} did not end")

    def _shoot(self) -> None:
        self._taken = True
        wait(_SETTLE_SECONDS)
        path = self._folder / self._names[self._presentation.talk.index]
        if not self._presentation.audience.grab().save(str(path), "PNG"):
            raise EnvironmentProblemError(f"{path} cannot be written")
