"""``metagui paper``: a run beside the published number, with every difference of protocol."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from metagui.cli.console import INTERRUPTED, OK, print_json, report_error
from metagui.cli.interrupts import interrupts
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json, data_dir_of
from metagui.errors import CheckpointError, InvalidValueError

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.events import Evaluate, Evaluated
    from metagui.papers.table import Cell
    from metagui.papers.verdict import Difference, Verdict
    from metagui.runs.records import RunRecord

_WIDEST = 110


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "paper",
        run,
        summary="Compare a run with a paper's number: the intervals, whether they overlap, what differs.",
        examples="""
            metagui paper                                       the papers' numbers, and their presets
            metagui paper r-0007
            metagui paper r-0007 --cell maml-omniglot-5w1s --tasks 600 --json
        """,
    )
    parser.add_argument("run_id", metavar="RUN", nargs="?", help="id or name, as `metagui runs list` shows them")
    parser.add_argument("--cell", metavar="NAME", help="which number (default: that of the run's task and algorithm)")
    parser.add_argument("--tasks", type=int, default=600, metavar="N", help="how many test tasks (default: 600)")
    parser.add_argument("--best", action="store_true", help="take the checkpoint that validated best, not the last")
    add_json(parser, "print one JSON object")


def run(args: argparse.Namespace) -> int:
    if args.run_id is None:
        return _list(json=args.json)
    if args.tasks < 2:
        raise InvalidValueError("--tasks", f"must be at least 2, for an interval, not {args.tasks}")

    from metagui.events import Evaluate
    from metagui.papers.verdict import compare
    from metagui.runs.store import RunStore

    data_dir = data_dir_of(args)
    with RunStore(data_dir) as store:
        record = store.get(args.run_id)
        checkpoints = store.checkpoints(record.id)
    config = record.experiment()
    cell = _cell(args.cell, config, record)
    chosen = [one for one in checkpoints if one.best] if args.best else checkpoints
    if not chosen:
        raise CheckpointError(f"{record.id} has no {'best ' if args.best else ''}checkpoint to evaluate yet")
    chosen[-1].verify()
    result = _evaluate(
        Evaluate(
            request=1,
            config=record.config,
            data_dir=str(data_dir),
            n_tasks=args.tasks,
            checkpoint=str(chosen[-1].path),
            inner_steps=max(config.algorithm.evaluation_steps, cell.test_steps or 0),
        )
    )
    if result is None:
        report_error("interrupted")
        return INTERRUPTED
    verdict = compare(cell, result, config, chosen[-1].step)
    if args.json:
        print_json(_as_json(record, chosen[-1].step, verdict, result))
    else:
        print(_report(record, chosen[-1].step, verdict))
    return OK


def _cell(name: str | None, config: ExperimentConfig, record: RunRecord) -> Cell:
    from metagui.papers.table import cell_named
    from metagui.papers.verdict import matching_cells, own_cell

    if name is not None:
        return cell_named(name)
    own = own_cell(config)
    if own is not None:
        return own
    same = ", ".join(cell.name for cell in matching_cells(config))
    how = f"choose one of its task with --cell: {same}" if same else "metagui paper lists all; choose one with --cell"
    raise InvalidValueError("--cell", f"no paper's number here is of {record.id}'s task and algorithm; {how}")


def _evaluate(request: Evaluate) -> Evaluated | None:
    """None when interrupted."""
    from tqdm import tqdm

    from metagui.engine.evaluation import evaluate

    interrupted = False

    def stop() -> None:
        nonlocal interrupted
        interrupted = True

    tqdm.monitor_interval = 0
    with interrupts(stop), tqdm(total=request.n_tasks, unit=" tasks", leave=False, disable=None) as bar:
        return evaluate(request, lambda: interrupted, lambda done, _total: bar.update(done - bar.n) and None)


def _list(*, json: bool) -> int:
    from metagui.papers.presets import preset_name
    from metagui.papers.table import cells
    from metagui.papers.words import told

    if json:
        print_json(
            [
                {
                    "cell": cell.name,
                    "method": cell.title,
                    "setting": cell.setting.title,
                    "metric": cell.metric,
                    "mean": cell.mean,
                    "low": cell.low if cell.has_interval else None,
                    "high": cell.high if cell.has_interval else None,
                    "by": cell.by,
                    "reference": cell.reference,
                    "preset": preset_name(cell),
                }
                for cell in cells()
            ]
        )
    else:
        width = max(len(cell.name) for cell in cells())
        for cell in cells():
            by = "" if cell.by == "the paper" else f", {cell.by}"
            print(f"{cell.name:<{width}}  {cell.title}, {cell.setting.title}: {told(cell)}{by}")
        print("\nTo train one: metagui train --preset paper-CELL, with --budget 10min where time is short.")
    return OK


def _as_json(record: RunRecord, step: int, verdict: Verdict, result: Evaluated) -> dict[str, Any]:
    cell = verdict.cell
    return {
        "run": record.id,
        "name": record.name,
        "step": step,
        "cell": cell.name,
        "metric": cell.metric,
        "paper": asdict(verdict.paper) | {"interval": cell.has_interval, "by": cell.by, "reference": cell.reference},
        "yours": asdict(verdict.yours) | {"n_tasks": result.n_tasks, "inner_steps": verdict.inner_steps},
        "relation": verdict.relation,
        "sentence": verdict.sentence,
        "differences": [asdict(each) for each in verdict.differences],
        "not_stated": [asdict(each) for each in verdict.unstated],
        "agreeing": verdict.agreeing,
    }


def _report(record: RunRecord, step: int, verdict: Verdict) -> str:
    width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)
    lines = [f"{record.id} ({record.name}) after {step:,} meta-steps", "", verdict.headline + "."]
    lines += textwrap.wrap(verdict.sentence, width)
    lines += [f"From {verdict.cell.reference}.", ""] if verdict.cell.by == "the paper" else [""]
    if verdict.differences:
        lines += [f"What differs ({verdict.agreeing} settings agree):", *_rows(verdict.differences, width)]
    else:
        lines += [f"Nothing differs of the {verdict.agreeing} settings that are stated."]
    if verdict.unstated:
        lines += ["", "Not stated here, so perhaps different:"]
        lines += textwrap.wrap(
            "; ".join(f"{each.title} {each.yours}" for each in verdict.unstated), width, initial_indent="  ",
            subsequent_indent="  ",
        )  # fmt: skip
    return "\n".join(lines)


def _rows(differences: tuple[Difference, ...], width: int) -> list[str]:
    lines = []
    for each in differences:
        lines.append(f"  {each.title}: {each.paper} in the paper, {each.yours} here")
        lines += textwrap.wrap(each.why, width, initial_indent="      ", subsequent_indent="      ")
    return lines
