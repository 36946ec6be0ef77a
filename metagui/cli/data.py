"""``metagui data``: data sets that do not come with it: Omniglot, and a person's own."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metagui.cli.console import OK, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_data_dir, add_json, data_dir_of
from metagui.datasets.catalogue import OFFERS, OMNIGLOT
from metagui.datasets.splits import SPLITS
from metagui.workspace import datasets_dir

if TYPE_CHECKING:
    from metagui.datasets.inventory import Listed
    from metagui.datasets.reporting import Step


def add(commands: Subparsers[CommandParser]) -> None:
    parser = commands.add_parser("data", help="Add, list and check data sets.", description="Add and list data sets.")
    add_data_dir(parser)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=CommandParser)
    _add_adding(actions)
    listing = add_command(actions, "list", run_list, summary="List the installed data sets.")
    add_json(listing, "print an array of objects")
    checking = add_command(
        actions, "check", run_check, summary="Read a data set whole and compare it with its recorded hash."
    )
    checking.add_argument("dataset", metavar="NAME")
    removing = add_command(actions, "remove", run_remove, summary="Delete an installed data set; the source stays.")
    removing.add_argument("dataset", metavar="NAME")
    previewing = add_command(
        actions,
        "preview",
        run_preview,
        summary="Draw classes and one episode of a data set, before any training.",
        examples="metagui data preview birds --out birds.png",
    )
    previewing.add_argument("dataset", metavar="NAME")
    previewing.add_argument("--out", type=Path, required=True, metavar="FILE.png", help="picture to write")
    previewing.add_argument("--ways", type=int, default=5, metavar="N", help="classes of the episode (default: 5)")
    previewing.add_argument("--shots", type=int, default=1, metavar="K", help="support examples (default: 1)")
    previewing.add_argument("--queries", type=int, default=3, metavar="Q", help="query examples (default: 3)")
    previewing.add_argument("--seed", type=int, default=0, metavar="S", help="which episode (default: 0)")


def _add_adding(actions: Subparsers[CommandParser]) -> None:
    adding = add_command(
        actions,
        "add",
        run_add,
        summary="Install a data set: download Omniglot (or a small set of it), or take files that are here already.",
        examples="""
            metagui data add omniglot                          background, evaluation and Lake's twenty one-shot runs
            metagui data add omniglot-small1                   136 characters of it, for a quick try
            metagui data add omniglot --from ~/Downloads       images_background.zip, images_evaluation.zip or both
            metagui data add omniglot --from all_runs.zip      Lake's twenty one-shot runs, for `metagui lake`
            metagui data add birds --from ~/birds              a folder of pictures: birds/CLASS/*.jpg
            metagui data add birds --from birds.zip --side 32  the same as an archive; train/, val/, test/ are kept
            metagui data add doodles --from doodles.npz        arrays images and label
            metagui data add weather --from weather.csv        a table: task,x,y or task,x,y,split
            metagui train --set task.name=birds
        """,
    )
    adding.add_argument("dataset", metavar="NAME", help=f"{', '.join(OFFERS)}, or what to call a data set of yours")
    adding.add_argument("--from", dest="source", type=Path, metavar="PATH", help="folder or file to read it from")
    adding.add_argument("--side", type=int, metavar="PIXELS", help="bring pictures to this side (default: as they are)")
    adding.add_argument("--colour", choices=("grey", "rgb"), help="how to read pictures (default: as they are)")
    adding.add_argument("--invert", action="store_true", help="make dark ink on white bright on black, as Omniglot is")
    adding.add_argument("--licence", default="", metavar="TEXT", help="under what terms you have it, for the record")
    adding.add_argument("--skip-broken", action="store_true", help="leave out pictures that cannot be read")


def run_add(args: argparse.Namespace) -> int:
    from metagui.datasets.content import Options
    from metagui.datasets.obtaining import add_from, download, offer_named

    folder = datasets_dir(data_dir_of(args))
    offer = offer_named(args.dataset) if args.source is None else None
    with _bars() as report:
        if offer is not None:
            told = download(offer, folder, report)
        else:
            options = Options(args.side, args.colour, args.invert, args.skip_broken)
            told = add_from(args.dataset, args.source.expanduser(), folder, options, args.licence, report)
    print(told)
    for reason in _left_out(folder, args.dataset):
        print(f"  left out: {reason}")
    if args.dataset != OMNIGLOT.name:
        print(f"Train on it with: metagui train --set task.name={args.dataset}")
    return OK


def _left_out(folder: Path, name: str) -> tuple[str, ...]:
    from metagui.datasets.library import read_description

    return () if name == OMNIGLOT.name else read_description(folder, name).dropped


def run_list(args: argparse.Namespace) -> int:
    from metagui.datasets.inventory import inventory

    found = inventory(datasets_dir(data_dir_of(args)))
    if args.json:
        print_json([_as_object(one) for one in found])
    elif found:
        print("\n".join(line for one in found for line in _lines(one)))
    else:
        print("no data sets installed; sinusoid, points and glyphs need none. Add one with: metagui data add omniglot")
    return OK


def run_check(args: argparse.Namespace) -> int:
    from metagui.datasets.inventory import check

    print(check(datasets_dir(data_dir_of(args)), args.dataset))
    return OK


def run_remove(args: argparse.Namespace) -> int:
    from metagui.datasets.inventory import remove

    source = remove(datasets_dir(data_dir_of(args)), args.dataset)
    print(f"{args.dataset} was removed" + (f"; its source {source} is untouched." if source else "."))
    return OK


def run_preview(args: argparse.Namespace) -> int:
    from metagui.datasets.preview import draw_preview
    from metagui.errors import InvalidValueError

    for option in ("ways", "shots", "queries"):
        if getattr(args, option) < 1:
            raise InvalidValueError(f"--{option}", f"must be at least 1, not {getattr(args, option)}")
    folder = datasets_dir(data_dir_of(args))
    draw_preview(folder, args.dataset, args.out, args.ways, args.shots, args.queries, args.seed)
    print(f"wrote {args.out}")
    return OK


def _lines(one: Listed) -> list[str]:
    from metagui.datasets.reporting import size_text

    if one.problem and not one.classes:
        return [one.name, f"  {one.problem}"]
    counts = " / ".join(f"{n:,} {split}" for n, split in zip(one.splits, SPLITS, strict=True))
    what, each = ("classes", "pictures") if one.kind == "images" else ("tasks", "points")
    text = (
        f"{one.name}  {one.classes:,} {what}, {one.examples:,} {each}, {one.form}; {counts} ({one.split_source}, "
        f"{one.split_hash}); {size_text(one.size)}"
    )
    text += f"; {one.licence}" if one.licence else ""
    text += f"; with {', '.join(one.parts)}" if one.parts else ""
    return [text, *([f"  {one.problem}"] if one.problem else [])]


def _as_object(one: Listed) -> dict[str, Any]:
    return asdict(one) | {"folder": str(one.folder), "splits": dict(zip(SPLITS, one.splits, strict=True))}


@contextlib.contextmanager
def _bars() -> Iterator[Callable[[Step], None]]:
    """A progress bar on stderr for each step of what it yields."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    bars: list[tqdm[None]] = []
    doing = ""

    def report(step: Step) -> None:
        nonlocal doing
        if step.doing != doing:
            doing = step.doing
            close()
            unit = {"unit": "B", "unit_scale": True} if step.unit == "bytes" else {}
            bars.append(tqdm(total=step.total or None, desc=step.doing, leave=False, disable=None, **unit))
        bars[-1].update(step.done - bars[-1].n)

    def close() -> None:
        while bars:
            bars.pop().close()

    try:
        yield report
    finally:
        close()
