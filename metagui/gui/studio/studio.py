"""The studio with all its modes."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from metagui.gui.studio.compare.panel import ComparePanel
from metagui.gui.studio.held_out import HeldOutPanel
from metagui.gui.studio.inside.panel import InsidePanel
from metagui.gui.studio.own.keep import Keeper
from metagui.gui.studio.own.panel import OwnTaskPanel
from metagui.gui.studio.page import StudioPage


class Studio(StudioPage):
    """``held_out``, ``compare``, ``own`` and ``inside`` are its panels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.held_out = HeldOutPanel()
        self.compare = ComparePanel()
        self.own = OwnTaskPanel()
        self.keeper = Keeper(self.own)
        self.inside = InsidePanel()
        self.add_mode("Held-out tasks", "Tasks kept from training, inner step by inner step", self.held_out)
        self.add_mode("Side by side", "Several networks on the very same tasks", self.compare)
        self.add_mode("Your own task", "Place points, paint classes or draw characters, and see them learned", self.own)
        self.add_mode("Look inside", "Features, the loss around the start, and which layers change", self.inside)

    @property
    def wide(self) -> bool:
        """Whether the mode on show has use for the room of the docks."""
        return self.current is not self.held_out
