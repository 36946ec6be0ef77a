"""``metagui train``: a run without a window."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from metagui.cli import presets
from metagui.cli.console import OK, USAGE, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json, data_dir_of
from metagui.workspace import datasets_dir

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.engine.memory import MemoryEstimate

_ENDING = 5.0
"""Seconds kept of a budget for starting the program, the inner step that goes on, and the last checkpoint."""


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "train",
        run,
        summary="Meta-train without a window. Ctrl-C stops with a checkpoint; `metagui resume` goes on.",
        listing=lambda: (
            "presets:\n" + "\n".join(f"  {line}" for line in [*presets.table().splitlines(), presets.PAPERS_HINT])
        ),
        examples="""
            metagui train
            metagui train --preset sinusoid-imaml --set algorithm.proximal_lambda=1 --steps 2000
            metagui train --preset glyphs-maml-5w1s --device cuda --name first-glyphs
            metagui train --json --steps 500 > run.jsonl
            metagui train --preset omniglot-maml-5w1s --estimate
            metagui train --preset paper-maml-omniglot-5w1s --budget 10min
            metagui fields                              what --set can change
        """,
    )
    parser.add_argument("--preset", metavar="NAME", help="experiment to begin with (default: sinusoid-maml)")
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="FIELD.PATH=VALUE",
        help="change one field, for example algorithm.inner_steps=5; may be repeated",
    )
    parser.add_argument("--steps", type=int, metavar="N", help="meta-steps to train (outer.steps)")
    parser.add_argument("--device", metavar="NAME", help="auto, cpu, cuda, cuda:1, mps or xpu (compute.device)")
    parser.add_argument("--seed", type=int, metavar="S", help="decides weights and tasks (compute.seed)")
    parser.add_argument(
        "--budget", metavar="TIME", help="cut the experiment to what can be trained here in 10min, 1h, ...; says how"
    )
    parser.add_argument("--estimate", action="store_true", help="say how much memory it would need, and train nothing")
    parser.add_argument("--name", default="", help="what to call the run (default: made from the experiment)")
    add_json(parser, "print one JSON object a line instead of a progress bar; README.md names the kinds")


def run(args: argparse.Namespace) -> int:
    began = time.monotonic()
    config = _configuration(args)
    budget = None
    if args.budget is not None:
        from metagui.papers.budget import parse_budget

        budget = parse_budget(args.budget)

    from metagui.cli.training import run_here, show_notices
    from metagui.runs.store import RunStore

    with RunStore(data_dir_of(args)) as store:
        show_notices(store)
        from metagui.engine import memory

        # Before a run is made that could not begin: this also looks for the device and the data.
        estimate = memory.estimate(config, datasets_dir(store.data_dir))
        if args.estimate:
            return _tell(estimate, json=args.json)
        memory.refuse_impossible(estimate)
        if budget is not None:
            from metagui.cli.budget import fitted

            config = fitted(config, budget, began, datasets_dir(store.data_dir))
            estimate = memory.estimate(config, datasets_dir(store.data_dir))
        print(f"metagui: {memory.sentence(estimate)}", file=sys.stderr)
        record = store.create(config, args.name)
        left = None if budget is None else budget - (time.monotonic() - began) - _ENDING
        return run_here(store, record, config, json=args.json, seconds=left)


def _tell(estimate: MemoryEstimate, json: bool) -> int:
    from metagui.engine import memory

    if json:
        room = {"available": estimate.room.available, "total": estimate.room.total}
        print_json({"needed": estimate.needed, "verdict": estimate.verdict} | room)
    else:
        print(memory.sentence(estimate))
    return OK if estimate.verdict != "impossible" else USAGE


def _configuration(args: argparse.Namespace) -> ExperimentConfig:
    """Preset, then ``--set`` in order, then the options that have a name of their own."""
    from metagui.config import DEFAULT_PRESET, apply_overrides
    from metagui.papers.presets import find_preset, require_data

    preset = find_preset(DEFAULT_PRESET if args.preset is None else args.preset)
    assignments = list(args.assignments)
    for path, value in (("outer.steps", args.steps), ("compute.device", args.device), ("compute.seed", args.seed)):
        if value is not None:
            assignments.append(f"{path}={value}")
    folder = datasets_dir(data_dir_of(args))
    chosen = args.preset is not None or any(assignment.lstrip().startswith("model.") for assignment in assignments)
    config = apply_overrides(preset.config, _with_own_data(assignments, folder, suggest_model=not chosen))
    require_data(preset, config, folder)
    return config


def _with_own_data(assignments: list[str], folder: Path, suggest_model: bool) -> list[str]:
    """``task.name=birds`` names the data set birds where there is one: then it means its family, and the data set; and
    where ``suggest_model``, the network that is usual for pictures of that form."""
    from metagui.config import choices
    from metagui.config.suggestions import suggested_model
    from metagui.datasets.library import installed_names, read_description
    from metagui.errors import InvalidValueError

    families, installed = choices("task"), installed_names(folder)
    meant: list[str] = []
    for assignment in assignments:
        path, _, value = (part.strip() for part in assignment.partition("="))
        name = value.strip("\"'")
        if path == "task.name" and name in installed and name not in families:
            description = read_description(folder, name)
            meant += [f"task.name={description.kind}", f"task.dataset={name}"]
            if suggest_model and description.kind == "images":
                model = suggested_model(description.kind, description.side, description.channels)
                meant += [f"model.{field}={model[field]}" for field in ("name", "filters", "downsampling")]
        elif path == "task.name" and installed and name not in families:
            raise InvalidValueError(
                path, f"{name!r} is neither one of {', '.join(families)} nor a data set ({', '.join(installed)})"
            )
        else:
            meant.append(assignment)
    return meant
