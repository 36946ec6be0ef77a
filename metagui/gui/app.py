"""Runs the window until it is closed."""

from __future__ import annotations

from pathlib import Path

from metagui.gui.failures import Failures
from metagui.gui.platform import make_application
from metagui.gui.unix_signals import UnixSignals
from metagui.gui.workbench import Workbench
from metagui.session.controller import HostKind


def run_app(data_dir: Path, theme: str = "system", host: HostKind = "child") -> int:
    """Open the window on a data folder; returns the exit code once it is closed.

    ``theme`` is ``system``, ``dark``, ``light`` or ``high-contrast``; ``host`` says whether training runs
    in a ``child`` process or a ``thread`` of this one. Raises EnvironmentProblemError where Qt cannot
    open a window, StoreError where the data folder cannot be used.
    """
    app = make_application()
    workbench = Workbench(app, data_dir, theme, host)

    def show_failure(text: str, details: str) -> None:
        workbench.window.banners.show_message("error", text, detail=details)

    failures = Failures(workbench.data_dir, show_failure)
    signals = UnixSignals(workbench.closing.close_without_asking)
    try:
        workbench.open()
        workbench.welcome_newcomers()
        return app.exec()
    finally:
        signals.close()
        workbench.close()
        failures.close()
