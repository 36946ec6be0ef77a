"""From arguments to an exit code. Nothing heavy is imported before the command that needs it runs."""

from __future__ import annotations

import argparse
import contextlib
import sys
import traceback
from collections.abc import Sequence

from metagui.cli import (
    data,
    doctor,
    evaluate,
    fields,
    lake,
    paper,
    present,
    presets,
    resume,
    runs,
    screenshot,
    train,
    window,
)
from metagui.cli.console import ENVIRONMENT, INTERRUPTED, OK, RUN_FAILED, discard_stdout, report_error
from metagui.cli.parser import CommandParser, add_data_dir
from metagui.errors import MetaguiError
from metagui.identity import APP_NAME, __version__

_COMMANDS = (train, resume, evaluate, lake, paper, runs, data, presets, fields, doctor, screenshot, present)


def build_parser() -> CommandParser:
    parser = CommandParser(
        prog=APP_NAME,
        description="Explore meta-learning: train MAML, iMAML and Reptile, and watch them adapt. "
        "Without a command the window opens.",
        examples="""
            metagui                                    open the window
            metagui train --preset sinusoid-maml       train without a window
            metagui runs list                          what has been trained
            metagui evaluate RUN --tasks 600           how well a run adapts to held-out tasks
        """,
    )
    parser.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    add_data_dir(parser)
    window.add_options(parser)
    parser.set_defaults(run=window.run)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=CommandParser)
    for command in _COMMANDS:
        command.add(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line. Returns 0 ok, 1 run failed, 2 usage or invalid value, 3 environment, 130 interrupted."""
    _let_any_text_through()
    try:
        args = _parse(argv)
        if isinstance(args, int):
            return args
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except MetaguiError as error:
        report_error(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        report_error("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        discard_stdout()
        return OK
    except OSError as error:
        report_error(_describe(error))
        return ENVIRONMENT
    except Exception:
        traceback.print_exc()
        report_error("unexpected, as told above; this is a mistake in metagui, please report it")
        return RUN_FAILED


def _parse(argv: Sequence[str] | None) -> argparse.Namespace | int:
    try:
        return build_parser().parse_args(argv)
    except SystemExit as leaving:  # after --help, --version, or a usage error that argparse has already explained
        return leaving.code if isinstance(leaving.code, int) else OK


def _let_any_text_through() -> None:
    """A terminal without λ shows a question mark instead of ending the program."""
    with contextlib.suppress(AttributeError, OSError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]


def _describe(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"
