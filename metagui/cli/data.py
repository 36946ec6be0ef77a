"""``metagui data``: data sets that do not come with it."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from metagui.cli.console import OK, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_data_dir, add_json, data_dir_of


def add(commands: Subparsers[CommandParser]) -> None:
    parser = commands.add_parser("data", help="Add and list data sets.", description="Add and list data sets.")
    add_data_dir(parser)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=CommandParser)
    adding = add_command(
        actions,
        "add",
        run_add,
        summary="Install a data set: download it, or take it from files that are here already.",
        examples="""
            metagui data add omniglot
            metagui data add omniglot --from ~/Downloads       images_background.zip, images_evaluation.zip or both
        """,
    )
    adding.add_argument("dataset", choices=("omniglot",), help="which one")
    adding.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="PATH",
        help="folder with the zips, unpacked folders, or one of the zips (default: download)",
    )
    listing = add_command(actions, "list", run_list, summary="List the installed data sets.")
    add_json(listing, "print an array of objects")


def run_add(args: argparse.Namespace) -> int:
    from metagui.engine.tasks.omniglot_install import download_omniglot, install_omniglot
    from metagui.workspace import datasets_dir

    folder = datasets_dir(data_dir_of(args))
    with _bar("reading drawings") as progress:
        if args.source is None:
            installed = download_omniglot(folder, progress)
        else:
            installed = install_omniglot(args.source.expanduser(), folder, progress)
    print(installed.summary)
    return OK


def run_list(args: argparse.Namespace) -> int:
    from metagui.engine.tasks.datasets import installed_datasets
    from metagui.workspace import datasets_dir

    found = installed_datasets(datasets_dir(data_dir_of(args)))
    if args.json:
        print_json([asdict(dataset) for dataset in found])
        return OK
    for dataset in found:
        print(
            f"{dataset.name}  {dataset.classes:,} classes, {dataset.examples:,} examples ({', '.join(dataset.parts)})"
        )
        if dataset.problem:
            print(f"  {dataset.problem}")
    if not found:
        print("no data sets installed; sinusoid, points and glyphs need none. Add one with: metagui data add omniglot")
    return OK


@contextlib.contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr that appears with the first call of what it yields."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    with contextlib.ExitStack() as stack:
        bars: list[tqdm[None]] = []

        def progress(done: int, total: int) -> None:
            if not bars:
                bars.append(stack.enter_context(tqdm(total=total, desc=title, leave=False, disable=None)))
            bars[0].update(done - bars[0].n)

        yield progress
