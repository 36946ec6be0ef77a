"""``metagui screenshot``: a picture of the window, made by a script and never by hand."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from metagui.cli.parser import CommandParser, Subparsers, add_command
from metagui.cli.window import THEMES
from metagui.errors import InvalidValueError


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "screenshot",
        run,
        summary="Train for a moment in a window nobody sees, and save its picture as PNG.",
        examples="metagui screenshot window.png --theme light --size 1920x1080",
    )
    parser.add_argument("out", type=Path, metavar="OUT.png", help="file to write")
    parser.add_argument("--theme", choices=[t for t in THEMES if t != "system"], default="dark", help="default: dark")
    parser.add_argument("--size", default="1280x800", metavar="WxH", help="size of the window (default: 1280x800)")
    parser.add_argument("--preset", metavar="NAME", help="experiment to show (default: sinusoid-maml)")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long to train first (default: 8)")


def run(args: argparse.Namespace) -> int:
    raise NotImplementedError


def size_of(text: str) -> tuple[int, int]:
    """``1280x800`` -> ``(1280, 800)``; raises InvalidValueError for anything else or a size nothing fits in."""
    match = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if not match:
        raise InvalidValueError("--size", f"write it as WIDTHxHEIGHT in pixels, for example 1280x800, not {text!r}")
    return int(match[1]), int(match[2])
