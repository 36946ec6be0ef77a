"""``metagui evaluate``: how well a run adapts to tasks it never trained on."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from metagui.cli.console import INTERRUPTED, OK, print_json, report_error
from metagui.cli.interrupts import interrupts
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json, data_dir_of
from metagui.cli.verdict import as_json, table
from metagui.errors import CheckpointError, InvalidValueError

if TYPE_CHECKING:
    from metagui.events import Baseline, Evaluate, Evaluated, Rival
    from metagui.runs.records import RunRecord
    from metagui.runs.store import RunStore

_BASELINES: tuple[Baseline, ...] = ("chance", "random", "pixels")


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "evaluate",
        run,
        summary="Adapt a run's network to held-out test tasks: mean and 95 % interval after each inner step.",
        examples="""
            metagui evaluate r-0007 --tasks 600
            metagui evaluate r-0007 --inner-steps 1 --json
            metagui evaluate r-0007 --baselines --against r-0008 r-0009 --detail
        """,
    )
    parser.add_argument("run_id", metavar="RUN", help="id or name, as `metagui runs list` shows them")
    parser.add_argument("--tasks", type=int, default=600, metavar="N", help="how many test tasks (default: 600)")
    parser.add_argument(
        "--inner-steps", type=int, metavar="K", help="gradient steps on each task (default: algorithm.evaluation_steps)"
    )
    parser.add_argument(
        "--queries", type=int, metavar="Q", help="query examples a class, or a task of regression (default: the run's)"
    )
    parser.add_argument(
        "--baselines",
        nargs="*",
        choices=_BASELINES,
        metavar="NAME",
        help="judge on the same tasks: chance, random (untrained parameters), pixels (nearest class mean of raw "
        "inputs; regression: mean of the support targets); without names all three",
    )
    parser.add_argument(
        "--against",
        nargs="*",
        metavar="RUN",
        help="judge these runs on the very same tasks, each adapted as its own configuration says; without names the "
        "newest jointly pretrained and the newest ProtoNet run on such tasks",
    )
    parser.add_argument(
        "--detail", action="store_true", help="calibration, hardest classes, confused pairs and worst tasks"
    )
    parser.add_argument(
        "--best", action="store_true", help="take the checkpoints that validated best, not the last ones"
    )
    add_json(parser, "print one JSON object")


def run(args: argparse.Namespace) -> int:
    if args.tasks < 2:
        raise InvalidValueError("--tasks", f"must be at least 2, for an interval, not {args.tasks}")
    if args.inner_steps is not None and not 1 <= args.inner_steps <= 10_000:
        raise InvalidValueError("--inner-steps", f"must be between 1 and 10000, not {args.inner_steps}")
    if args.queries is not None and args.queries < 1:
        raise InvalidValueError("--queries", f"must be at least 1, not {args.queries}")

    from metagui.events import Evaluate
    from metagui.runs.store import RunStore

    data_dir = data_dir_of(args)
    with RunStore(data_dir) as store:
        record = store.get(args.run_id)
        checkpoints = store.checkpoints(record.id)
        rivals = _rivals(store, record, args.against, best=args.best)
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
        n_query=args.queries,
        baselines=_baselines(args.baselines),
        rivals=tuple(rivals),
        detail=args.detail,
    )
    try:
        result = _evaluate(request)
    except InvalidValueError as error:
        if error.field != "task.n_query":
            raise
        raise InvalidValueError("--queries", error.message) from None
    if result is None:
        report_error("interrupted")
        return INTERRUPTED
    config = record.experiment()
    if args.json:
        print_json(as_json(record, chosen[-1].step, config, result))
    else:
        print(table(record, chosen[-1].step, config, result))
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

        def show(done: int, total: int) -> None:
            bar.total = total  # with the tasks of baselines and other runs
            bar.update(done - bar.n)

        return evaluate(request, lambda: interrupted, show)


def _rivals(store: RunStore, record: RunRecord, given: list[str] | None, *, best: bool) -> list[Rival]:
    """None where the option is not there; where it names none, the usual ones that there are. Each once."""
    from metagui.runs.rivals import candidates_beside, rival_of, usual_among

    if given is None:
        return []
    task = record.experiment().to_dict()["task"]
    names = list(dict.fromkeys(given)) or [
        each.id for each in usual_among(candidates_beside(store, record.id, task, most=1_000))
    ]
    try:
        return [rival_of(store, name, name, best=best) for name in names]
    except InvalidValueError as error:
        raise InvalidValueError("--against", error.message) from None


def _baselines(given: list[Baseline] | None) -> tuple[Baseline, ...]:
    """None where the option is not there, all where it names none. Each once."""
    return () if given is None else tuple(dict.fromkeys(given)) or _BASELINES
