"""``metagui present``: a talk on a full screen, checked, or recorded as pictures and a handout."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from metagui.cli.console import OK, RUN_FAILED, report_error
from metagui.cli.parser import CommandParser, Subparsers, add_command, data_dir_of
from metagui.cli.screenshot import size_of
from metagui.cli.window import THEMES, with_qt
from metagui.errors import EnvironmentProblemError
from metagui.screen import screen_problem

if TYPE_CHECKING:
    from metagui.walkthroughs.script import Script

_SHIPPED = "talk"


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "present",
        run,
        summary="Give a talk from a script: full screen, with the real pages and a window for the speaker.",
        listing=_listing,
        examples="""
            metagui present                            the shipped talk, MAML and iMAML in seven slides
            metagui present my-talk.toml --check       only say what is wrong with a script, by line
            metagui present talk --record handout      a picture of each slide, and handout/index.html
        """,
    )
    parser.add_argument(
        "script",
        nargs="?",
        default=_SHIPPED,
        metavar="SCRIPT",
        help=f"a script's file, or the name of a shipped one (default: {_SHIPPED})",
    )
    purpose = parser.add_mutually_exclusive_group()
    purpose.add_argument("--check", action="store_true", help="read the script, say what is wrong, and play nothing")
    purpose.add_argument(
        "--record",
        type=Path,
        metavar="DIR",
        help="play it where nobody sees it; write one PNG a slide and index.html into this new or empty folder",
    )
    parser.add_argument("--theme", choices=THEMES, default="system", help="default: the system's; dark with --record")
    parser.add_argument("--size", metavar="WxH", help="of the pictures of --record, in pixels (default: 1920x1080)")


def run(args: argparse.Namespace) -> int:
    from metagui.walkthroughs.script import load_script

    script = load_script(args.script)
    if args.check:
        slides = len(script.slides)
        print(f"{args.script}: {script.talk.title}: {slides} slide{'s' if slides != 1 else ''}, nothing wrong")
        return OK
    return _record(args, script) if args.record is not None else _present(args, script)


def _present(args: argparse.Namespace, script: Script) -> int:
    problem = screen_problem()
    if problem:
        raise EnvironmentProblemError(problem)
    with_qt()
    from metagui.gui.talk.app import run_talk

    return run_talk(script, data_dir_of(args), args.theme)


def _record(args: argparse.Namespace, script: Script) -> int:
    size = size_of(args.size or "1920x1080")
    with_qt()
    from metagui.gui.talk.recording import record

    recorded = record(
        script,
        args.record,
        data_dir=data_dir_of(args),
        theme="dark" if args.theme == "system" else args.theme,
        size=size,
        told=_tell,
    )
    print(recorded.page)
    for failure in recorded.failures:
        report_error(f"slide {failure.key[0] + 1}, {failure.doing}: {failure.message}")
    return RUN_FAILED if recorded.failures else OK


def _tell(line: str) -> None:
    print(line, flush=True)


def _listing() -> str:
    from metagui.walkthroughs.script import script_names
    from metagui.walkthroughs.script_help import script_help

    return f"shipped scripts: {', '.join(script_names())}\n\n{script_help()}"
