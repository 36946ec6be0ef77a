"""``metagui screenshot``: a picture of the window, made by a script and never by hand."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from metagui.cli.console import OK
from metagui.cli.parser import CommandParser, Subparsers, add_command, data_dir_of
from metagui.cli.window import THEMES, with_qt
from metagui.errors import InvalidValueError


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "screenshot",
        run,
        summary="Train for a moment in a window nobody sees, and save its picture as PNG.",
        examples="""
            metagui screenshot window.png --theme light --size 1920x1080
            metagui screenshot images.png --preset glyphs-maml-5w1s --page adaptation --steps 60
        """,
    )
    parser.add_argument("out", type=Path, metavar="OUT.png", help="file to write")
    parser.add_argument("--theme", choices=[t for t in THEMES if t != "system"], default="dark", help="default: dark")
    parser.add_argument("--size", default="1280x800", metavar="WxH", help="in pixels (default: 1280x800)")
    parser.add_argument(
        "--page",
        choices=("monitor", "adaptation", "side-by-side", "own-task", "look-inside", "walkthrough", "evaluation"),
        default="monitor",
        help="default: monitor",
    )
    parser.add_argument(
        "--preset",
        dest="presets",
        action="append",
        metavar="NAME",
        help="experiment to show; several are trained one after the other and compared (default: sinusoid-maml)",
    )
    parser.add_argument("--steps", type=int, default=600, metavar="N", help="meta-steps of each (default: 600)")


def run(args: argparse.Namespace) -> int:
    size = size_of(args.size)
    if args.steps < 1:
        raise InvalidValueError("--steps", f"must be at least 1, not {args.steps}")
    with_qt()
    from metagui.config import DEFAULT_PRESET
    from metagui.gui.screenshot import take

    take(
        args.out,
        data_dir=data_dir_of(args),
        theme=args.theme,
        size=size,
        page=args.page,
        presets=args.presets or (DEFAULT_PRESET,),
        steps=args.steps,
    )
    print(args.out)
    return OK


def size_of(text: str) -> tuple[int, int]:
    """``1280x800`` -> ``(1280, 800)``; raises InvalidValueError for anything else or a size nothing fits in."""
    match = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if not match:
        raise InvalidValueError("--size", f"write it as WIDTHxHEIGHT in pixels, for example 1280x800, not {text!r}")
    return int(match[1]), int(match[2])
