"""``metagui presets``: the experiments that come with it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from metagui.cli.console import OK, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json

if TYPE_CHECKING:
    from metagui.config import Preset


PAPERS_HINT = "paper-...: one for every number of the papers' tables; metagui presets --papers lists them"


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "presets",
        run,
        summary="List the experiments that come with metagui.",
        examples="""
            metagui presets --json
            metagui presets --papers
        """,
    )
    parser.add_argument("--papers", action="store_true", help="those of the papers' tables, one a published number")
    add_json(parser, "print an array with every preset's whole configuration")


def run(args: argparse.Namespace) -> int:
    from metagui.config import load_presets
    from metagui.papers.presets import paper_presets

    presets = paper_presets() if args.papers else load_presets()
    if args.json:
        print_json(
            [{"name": p.name, "title": p.title, "summary": p.summary, "config": p.config.to_dict()} for p in presets]
        )
    else:
        print(_lines(presets))
        if not args.papers:
            print(f"\n{PAPERS_HINT}")
    return OK


def table() -> str:
    """Names and summaries, one preset a line."""
    from metagui.config import load_presets

    return _lines(load_presets())


def _lines(presets: list[Preset]) -> str:
    width = max(len(preset.name) for preset in presets)
    return "\n".join(f"{preset.name:<{width}}  {preset.summary}" for preset in presets)
