"""``metagui presets``: the experiments that come with it."""

from __future__ import annotations

import argparse

from metagui.cli.console import OK, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "presets",
        run,
        summary="List the experiments that come with metagui.",
        examples="metagui presets --json",
    )
    add_json(parser, "print an array with every preset's whole configuration")


def run(args: argparse.Namespace) -> int:
    from metagui.config import load_presets

    if args.json:
        print_json(
            [
                {"name": p.name, "title": p.title, "summary": p.summary, "config": p.config.to_dict()}
                for p in load_presets()
            ]
        )
    else:
        print(table())
    return OK


def table() -> str:
    """Names and summaries, one preset a line."""
    from metagui.config import load_presets

    presets = load_presets()
    width = max(len(preset.name) for preset in presets)
    return "\n".join(f"{preset.name:<{width}}  {preset.summary}" for preset in presets)
