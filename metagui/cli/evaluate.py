"""``metagui evaluate``: how well a run adapts to tasks it never trained on."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from metagui.cli.console import INTERRUPTED, OK, print_json, report_error
from metagui.cli.interrupts import interrupts
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json, data_dir_of
from metagui.errors import CheckpointError, InvalidValueError

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.events import Evaluate, Evaluated
    from metagui.runs.records import RunRecord


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "evaluate",
        run,
        summary="Adapt a run's network to held-out test tasks: mean and 95 % interval after each inner step.",
        examples="""
            metagui evaluate r-0007 --tasks 600
            metagui evaluate r-0007 --inner-steps 1 --json
        """,
    )
    parser.add_argument("run_id", metavar="RUN", help="id or name, as `metagui runs list` shows them")
    parser.add_argument("--tasks", type=int, default=600, metavar="N", help="how many test tasks (default: 600)")
    parser.add_argument(
        "--inner-steps", type=int, metavar="K", help="gradient steps on each task (default: algorithm.evaluation_steps)"
    )
    parser.add_argument("--best", action="store_true", help="take the checkpoint that validated best, not the last")
    add_json(parser, "print one JSON object")


def run(args: argparse.Namespace) -> int:
    if args.tasks < 2:
        raise InvalidValueError("--tasks", f"must be at least 2, for an interval, not {args.tasks}")
    if args.inner_steps is not None and not 1 <= args.inner_steps <= 10_000:
        raise InvalidValueError("--inner-steps", f"must be between 1 and 10000, not {args.inner_steps}")

    from metagui.events import Evaluate
    from metagui.runs.store import RunStore

    data_dir = data_dir_of(args)
    with RunStore(data_dir) as store:
        record = store.get(args.run_id)
        checkpoints = store.checkpoints(record.id)
    chosen = [one for one in checkpoints if one.best] if args.best else checkpoints
    if not chosen:
        raise CheckpointError(f"{record.id} has no {'best ' if args.best else ''}checkpoint to evaluate yet")
    chosen[-1].verify()
    request = Evaluate(
        request=1,
        config=record.config,
        data_dir=str(data_dir),
        n_tasks=args.tasks,
        checkpoint=str(chosen[-1].path),
        inner_steps=args.inner_steps,
    )
    result = _evaluate(request)
    if result is None:
        report_error("interrupted")
        return INTERRUPTED
    config = record.experiment()
    if args.json:
        print_json(_as_json(record, chosen[-1].step, config, result))
    else:
        print(_table(record, chosen[-1].step, config, result))
    return OK


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


def _as_json(record: RunRecord, step: int, config: ExperimentConfig, result: Evaluated) -> dict[str, Any]:
    return {
        "run": record.id,
        "name": record.name,
        "step": step,
        "metric": result.metric,
        "mean": result.mean,
        "ci95": result.ci95,
        "median": result.median,
        "n_tasks": result.n_tasks,
        "n_worse": result.n_worse,
        "inner_steps": result.inner_steps,
        "norm_mode": result.norm_mode,
        "n_query": result.n_query,
        "chance": chance(config),
        "mean_by_step": result.mean_by_step.numpy().tolist(),
        "ci95_by_step": result.ci95_by_step.numpy().tolist(),
    }


def chance(config: ExperimentConfig) -> float | None:
    """Accuracy of guessing; None where the task is no classification."""
    n_way = getattr(config.task, "n_way", None)
    return 1 / n_way if n_way else None


def _table(record: RunRecord, step: int, config: ExperimentConfig, result: Evaluated) -> str:
    scale, unit = (100, " %") if result.metric == "accuracy" else (1, "")
    lines = [
        f"{record.id} ({record.name}) after {step:,} meta-steps: {result.metric} on {result.n_tasks:,} test tasks, "
        f"{result.n_query} queries a {'class' if chance(config) else 'task'}"
        + (f", batch norm {result.norm_mode}" if result.norm_mode not in ("", "none") else ""),
        "",
        f"inner step  {result.metric + unit:>12}  95 % interval",
    ]
    by_step = zip(result.mean_by_step.numpy(), result.ci95_by_step.numpy(), strict=True)
    lines += [f"{k:>10}  {scale * mean:>12.4f}  ± {scale * ci95:.4f}" for k, (mean, ci95) in enumerate(by_step)]
    guess = chance(config)
    if guess is not None:
        lines += ["", f"guessing would reach {100 * guess:.1f} %"]
    if result.n_worse:
        lines += ["", f"on {result.n_worse:,} tasks adaptation did not lower the query loss"]
    return "\n".join(lines)
