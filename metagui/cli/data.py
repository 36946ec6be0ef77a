"""``metagui data``: data sets that do not come with it: Omniglot, and a person's own."""

from __future__ import annotations

import argparse
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metagui.cli.console import OK, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_data_dir, add_json, data_dir_of
from metagui.workspace import datasets_dir

if TYPE_CHECKING:
    from metagui.datasets.library import Description


def add(commands: Subparsers[CommandParser]) -> None:
    parser = commands.add_parser("data", help="Add, list and check data sets.", description="Add and list data sets.")
    add_data_dir(parser)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=CommandParser)
    _add_adding(actions)
    listing = add_command(actions, "list", run_list, summary="List the installed data sets.")
    add_json(listing, "print an array of objects")
    checking = add_command(
        actions, "check", run_check, summary="Read a data set of yours whole and compare it with its recorded hash."
    )
    checking.add_argument("dataset", metavar="NAME")
    removing = add_command(actions, "remove", run_remove, summary="Delete a data set of yours; the source stays.")
    removing.add_argument("dataset", metavar="NAME")
    previewing = add_command(
        actions,
        "preview",
        run_preview,
        summary="Draw classes and one episode of a data set of yours, before any training.",
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
        summary="Install a data set: download Omniglot, or take files that are here already.",
        examples="""
            metagui data add omniglot
            metagui data add omniglot --from ~/Downloads       images_background.zip, images_evaluation.zip or both
            metagui data add omniglot --from all_runs.zip      Lake's twenty one-shot runs, for `metagui lake`
            metagui data add birds --from ~/birds              a folder of pictures: birds/CLASS/*.jpg
            metagui data add birds --from birds.zip --side 32  the same as an archive; train/, val/, test/ are kept
            metagui data add doodles --from doodles.npz        arrays images and label
            metagui data add weather --from weather.csv        a table: task,x,y or task,x,y,split
            metagui train --set task.name=birds
        """,
    )
    adding.add_argument("dataset", metavar="NAME", help="omniglot, or what to call a data set of yours")
    adding.add_argument("--from", dest="source", type=Path, metavar="PATH", help="folder or file to read it from")
    adding.add_argument("--side", type=int, metavar="PIXELS", help="bring pictures to this side (default: as they are)")
    adding.add_argument("--colour", choices=("grey", "rgb"), help="how to read pictures (default: as they are)")
    adding.add_argument("--invert", action="store_true", help="make dark ink on white bright on black, as Omniglot is")
    adding.add_argument("--skip-broken", action="store_true", help="leave out pictures that cannot be read")


def run_add(args: argparse.Namespace) -> int:
    return _add_omniglot(args) if args.dataset == "omniglot" else _add_own(args)


def _add_omniglot(args: argparse.Namespace) -> int:
    from metagui.datasets.lake_runs import find_runs, install_runs
    from metagui.datasets.omniglot_install import download_omniglot, install_omniglot

    folder = datasets_dir(data_dir_of(args))
    source = None if args.source is None else args.source.expanduser()
    runs = None if source is None else find_runs(source)
    if runs is not None:
        install_runs(runs, folder)
        print("Lake's twenty one-shot runs: metagui lake RUN puts a network to them.")
        if runs == source:
            return OK
    with _bar("reading drawings") as progress:
        installed = (
            download_omniglot(folder, progress) if source is None else install_omniglot(source, folder, progress)
        )
    print(installed.summary)
    return OK


def _add_own(args: argparse.Namespace) -> int:
    from metagui.datasets.adding import add_dataset
    from metagui.datasets.content import Options
    from metagui.errors import InvalidValueError

    if args.source is None:
        raise InvalidValueError(
            "--from", f"only omniglot can be downloaded: name the folder or file that holds {args.dataset}"
        )
    options = Options(args.side, args.colour, args.invert, args.skip_broken)
    with _bar("reading") as progress:
        added = add_dataset(args.dataset, args.source.expanduser(), datasets_dir(data_dir_of(args)), options, progress)
    print(_line(added))
    for reason in added.dropped:
        print(f"  left out: {reason}")
    print(f"Train on it with: metagui train --set task.name={added.name}")
    return OK


def run_list(args: argparse.Namespace) -> int:
    from metagui.datasets.library import installed_names, read_description
    from metagui.datasets.parts import installed_datasets
    from metagui.errors import DataError

    folder = datasets_dir(data_dir_of(args))
    lines: list[str] = []
    found: list[dict[str, Any]] = []
    for dataset in installed_datasets(folder):
        found.append(asdict(dataset))
        parts = ", ".join(dataset.parts)
        lines.append(f"{dataset.name}  {dataset.classes:,} classes, {dataset.examples:,} examples ({parts})")
        lines += [f"  {dataset.problem}"] if dataset.problem else []
    for name in installed_names(folder):
        try:
            description = read_description(folder, name)
        except DataError as error:
            found.append({"name": name, "problem": str(error)})
            lines += [name, f"  {error}"]
        else:
            found.append(_as_object(description))
            lines.append(_line(description))
    if args.json:
        print_json(found)
    elif lines:
        print("\n".join(lines))
    else:
        print("no data sets installed; sinusoid, points and glyphs need none. Add one with: metagui data add omniglot")
    return OK


def run_check(args: argparse.Namespace) -> int:
    from metagui.datasets.library import check

    description = check(datasets_dir(data_dir_of(args)), args.dataset)
    print(f"{description.name} is as it was added on {description.added} from {description.source}.")
    return OK


def run_remove(args: argparse.Namespace) -> int:
    from metagui.datasets.library import remove

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


def _line(description: Description) -> str:
    splits = Counter(group.split for group in description.groups)
    counts = " / ".join(f"{splits[split]:,} {split}" for split in ("train", "validation", "test"))
    if description.kind == "images":
        colour = "grey" if description.channels == 1 else "colour"
        what = f"{len(description.groups):,} classes, {description.examples:,} pictures"
        form = f"{description.side} x {description.side} {colour}"
    else:
        what = f"{len(description.groups):,} tasks, {description.examples:,} points"
        form = f"{description.columns[-1]} by {', '.join(description.columns[:-1])}"
    return f"{description.name}  {what}, {form}; {counts} ({description.split_source}, {description.split_hash})"


def _as_object(description: Description) -> dict[str, Any]:
    splits = Counter(group.split for group in description.groups)
    return {
        "name": description.name,
        "kind": description.kind,
        "classes": len(description.groups),
        "examples": description.examples,
        "splits": dict(splits),
        "split_hash": description.split_hash,
        "sha256": description.sha256,
        "source": description.source,
        "added": description.added,
        "dropped": list(description.dropped),
        "problem": "",
    }


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
