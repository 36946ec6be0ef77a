"""The command line: one file a command. :func:`main` is the whole of its interface."""

from metagui.cli.application import main

__all__ = ["main"]
