"""``metagui lake``: a run's error rate on Lake's twenty one-shot runs, beside people's."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from metagui.cli.console import OK, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json, data_dir_of
from metagui.errors import CheckpointError, InvalidValueError
from metagui.workspace import datasets_dir

if TYPE_CHECKING:
    from metagui.engine.lake_runs import LakeScores
    from metagui.runs.records import RunRecord


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "lake",
        run,
        summary="Put a run's network to Omniglot's twenty one-shot runs: 20-way, within an alphabet, beside people.",
        examples="""
            metagui data add omniglot --from all_runs.zip
            metagui train --preset omniglot-protonet-20w1s-lake
            metagui lake r-0007
        """,
    )
    parser.add_argument("run_id", metavar="RUN", help="id or name, as `metagui runs list` shows them")
    parser.add_argument(
        "--inner-steps", type=int, metavar="K", help="gradient steps on each run (default: algorithm.evaluation_steps)"
    )
    parser.add_argument("--best", action="store_true", help="take the checkpoint that validated best, not the last")
    add_json(parser, "print one JSON object")


def run(args: argparse.Namespace) -> int:
    if args.inner_steps is not None and not 1 <= args.inner_steps <= 10_000:
        raise InvalidValueError("--inner-steps", f"must be between 1 and 10000, not {args.inner_steps}")

    from metagui.runs.store import RunStore

    data_dir = data_dir_of(args)
    with RunStore(data_dir) as store:
        record = store.get(args.run_id)
        checkpoints = store.checkpoints(record.id)
    chosen = [one for one in checkpoints if one.best] if args.best else checkpoints
    if not chosen:
        raise CheckpointError(f"{record.id} has no {'best ' if args.best else ''}checkpoint to evaluate yet")
    chosen[-1].verify()

    from metagui.engine.checkpoint import read_checkpoint
    from metagui.engine.lake_runs import evaluate_on_runs

    checkpoint, config, folder = read_checkpoint(chosen[-1].path), record.experiment(), datasets_dir(data_dir)
    scores = [evaluate_on_runs(config, checkpoint, folder, args.inner_steps)]
    if scores[0].norm_mode == "transductive":  # what people could not do: look at all the drawings first
        scores.append(evaluate_on_runs(config, checkpoint, folder, args.inner_steps, "support"))
    if args.json:
        print_json(_as_json(record, checkpoint.step, scores))
    else:
        print(_table(record, checkpoint.step, scores))
    return OK


def _as_json(record: RunRecord, step: int, scores: list[LakeScores]) -> dict[str, Any]:
    from metagui.engine.lake_runs import PUBLISHED

    return {
        "run": record.id,
        "name": record.name,
        "step": step,
        "inner_steps": scores[0].inner_steps,
        "results": [
            {
                "norm_mode": one.norm_mode,
                "error": one.mean,
                "ci95": one.ci95,
                "error_by_run": one.by_run[-1].tolist(),
                "error_by_step": one.by_run.mean(axis=1).tolist(),
            }
            for one in scores
        ],
        "pixels": float(scores[0].pixels.mean()),
        "published": PUBLISHED,
    }


def _table(record: RunRecord, step: int, scores: list[LakeScores]) -> str:
    from metagui.engine.lake_runs import PUBLISHED

    words = {
        "transductive": "batch norm over the test drawings of a run together",
        "support": "batch norm by the drawings shown, each test drawing alone",
        "per_step": "batch norm by running statistics, each test drawing alone",
    }
    rows = [(_rate(one.mean), f"± {100 * one.ci95:.1f}", words.get(one.norm_mode, "this run")) for one in scores]
    rows.append((_rate(float(scores[0].pixels.mean())), "", "nearest drawing, pixel by pixel"))
    rows += [(_rate(error), "", f"{who} (published)") for who, error in PUBLISHED.items()]
    lines = [
        f"{record.id} ({record.name}) after {step:,} meta-steps, {scores[0].inner_steps} inner steps: errors on Lake's "
        "twenty one-shot runs, 20-way within an alphabet",
        "",
        *(f"{rate:>7}  {interval:<6} {who}" for rate, interval, who in rows),
        "",
        "± is the 95 % interval over the twenty runs; guessing would err in 95.0 %",
    ]
    return "\n".join(lines)


def _rate(error: float) -> str:
    return f"{100 * error:.1f} %"
