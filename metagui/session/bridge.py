"""Brings a run's events into the GUI thread, 30 times a second and never oftener."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from metagui.session.event_ring import EventRing

INTERVAL_MS = 33


class Bridge(QObject):
    """Drains one run's ring by a timer: a signal a step would drown the window (measured: at 100,000 a second)."""

    arrived = Signal(str, object)
    """run id, events.RunEvent"""

    def __init__(self, run_id: str, ring: EventRing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run_id = run_id
        self._ring = ring
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.drain)
        self._timer.start()

    def drain(self) -> None:
        """Emit all that waits, now."""
        for event in self._ring.drain():
            self.arrived.emit(self._run_id, event)

    def close(self) -> None:
        """Emit what is left and stop."""
        self._timer.stop()
        self.drain()
