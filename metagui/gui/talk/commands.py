"""The keys of a talk: those of every clicker, and a few for the speaker at the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QObject

from metagui.gui.actions import ActionSet, Command

TALK_COMMANDS: tuple[Command, ...] = (
    Command("talk.back", "&Back", "The slide before, from its start", shortcut="Left PgUp Up Backspace"),
    Command("talk.next", "&Next", "On with the slide, or to the next one", shortcut="Right PgDown Down Space Return"),
    Command("talk.first", "&First slide", "Back to the beginning", shortcut="Home", short="First"),
    Command("talk.last", "&Last slide", "To the last slide", shortcut="End", short="Last"),
    Command("talk.black", "&Black", "Black screen, and back", shortcut="B .", checkable=True),
    Command("talk.pointer", "&Pointer", "A red dot where the mouse is", shortcut="L", checkable=True),
    Command("talk.zoom_in", "Zoom &in", "Closer, around the mouse", shortcut="+ ="),
    Command("talk.zoom_out", "Zoom &out", "Further away", shortcut="-"),
    Command("talk.zoom_reset", "&Whole page", "As large as the slide shows it", shortcut="0", short="Whole"),
    Command("talk.speaker", "&Speaker window", "Notes, next slide and timer", shortcut="S", short="Notes"),
    Command("talk.leave", "&Leave", "End the talk", shortcut="Escape"),
)
OFFERED = ("talk.back", "talk.next", "talk.black", "talk.pointer", "talk.zoom_in", "talk.zoom_reset", "talk.leave")
"""Those that the speaker's window has buttons for."""


def talk_actions(parent: QObject) -> ActionSet:
    """The QActions of one talk; they work in the windows that they are added to."""
    return ActionSet(TALK_COMMANDS, parent)
