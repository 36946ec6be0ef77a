"""The argument parser shared by all commands: help that is computed only when somebody asks for it."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[[argparse.Namespace], int]


class CommandParser(argparse.ArgumentParser):
    """Parser of one command. ``listing`` makes a paragraph below the options, at the moment help is printed.

    Presets and fields come from the schema; reading it takes a moment that only ``--help`` needs to pay.
    """

    def __init__(self, *args: Any, listing: Callable[[], str] | None = None, examples: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)
        self._listing = listing
        self._examples = textwrap.dedent(examples).strip()

    def format_help(self) -> str:
        paragraphs = [self._listing()] if self._listing else []
        if self._examples:
            paragraphs.append("examples:\n" + textwrap.indent(self._examples, "  "))
        self.epilog = "\n\n".join(paragraphs) or None
        return super().format_help()


Subparsers = argparse._SubParsersAction  # the type argparse gives no public name to


def add_command(
    commands: Subparsers[CommandParser],
    name: str,
    run: Run,
    *,
    summary: str,
    examples: str = "",
    listing: Callable[[], str] | None = None,
) -> CommandParser:
    """A command with what every command has: a sentence of help, examples and ``--data-dir``."""
    parser = commands.add_parser(
        name, help=summary.replace("%", "%%"), description=summary, examples=examples, listing=listing
    )
    add_data_dir(parser)
    parser.set_defaults(run=run)
    return parser


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    # Suppressed default: it may stand before the command too, and must not be overwritten there.
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="folder of runs and data sets (default: the platform's place for this user's data)",
    )


def add_json(parser: argparse.ArgumentParser, help: str) -> None:
    parser.add_argument("--json", action="store_true", help=help)


def data_dir_of(args: argparse.Namespace) -> Path:
    """The data folder as given, absolute, or the platform's default."""
    given: Path | None = getattr(args, "data_dir", None)
    if given is not None:
        return given.expanduser().absolute()
    from metagui.workspace import default_data_dir

    return default_data_dir()
