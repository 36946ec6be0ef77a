"""Gives a talk without the main window."""

from __future__ import annotations

from pathlib import Path

from metagui.gui.failures import Failures
from metagui.gui.platform import make_application
from metagui.gui.talk.presentation import Presentation
from metagui.gui.theme import apply_theme, resolve_theme
from metagui.gui.unix_signals import UnixSignals
from metagui.runs.store import RunStore
from metagui.walkthroughs.script import Script


def run_talk(script: Script, data_dir: Path, theme: str = "system") -> int:
    """Play until the speaker leaves; returns the exit code.

    Raises EnvironmentProblemError where Qt cannot open a window, StoreError where the data folder cannot be used.
    """
    app = make_application()
    look = resolve_theme(theme)
    apply_theme(app, look)
    with RunStore(data_dir) as store:
        presentation = Presentation(script, store, look)

        def show_failure(text: str, details: str) -> None:
            presentation.speaker.show_mistake(f"{text}\n{details}")

        failures = Failures(store.data_dir, show_failure)
        signals = UnixSignals(presentation.leave)
        presentation.ended.connect(app.quit)
        try:
            presentation.open()
            return app.exec()
        finally:
            signals.close()
            presentation.close()
            failures.close()
