"""Who this application is: the only copy of its names and its version."""

__version__ = "0.1.0"

APP_NAME = "metagui"
"""Command, package and folder name."""

APP_TITLE = "metagui"
"""What a title bar shows."""

APP_ID = "io.github.metagui.metagui"
"""Reverse-DNS id: desktop entry, AppStream metainfo and Wayland application id."""

ORGANISATION = "metagui"
