"""``metagui resume``: goes on where a run was left."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json, data_dir_of
from metagui.errors import InvalidValueError

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.runs.records import RunRecord


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "resume",
        run,
        summary="Go on with a run from its last checkpoint, exactly where it was.",
        examples="""
            metagui resume r-0007
            metagui resume r-0007 --steps 40000         train on, to 40,000 meta-steps in all
        """,
    )
    parser.add_argument("run_id", metavar="RUN", help="id or name, as `metagui runs list` shows them")
    parser.add_argument("--steps", type=int, metavar="N", help="meta-steps in all, counted from the run's beginning")
    add_json(parser, "print one JSON object a line instead of a progress bar")


def run(args: argparse.Namespace) -> int:
    from metagui.cli.training import run_here, show_notices
    from metagui.runs.store import RunStore

    with RunStore(data_dir_of(args)) as store:
        show_notices(store)
        record = store.get(args.run_id)
        checkpoint = store.latest_checkpoint(record.id)
        config = _configuration(record, checkpoint.step if checkpoint else 0, args.steps)
        # torch is imported here: after all that can be told without it.
        from metagui.engine.checkpoint import read_checkpoint
        from metagui.engine.device import device_for

        device_for(config)
        if checkpoint:
            checkpoint.verify()
            read_checkpoint(checkpoint.path)  # a damaged one is found before the run's record is touched
        record = store.claim(record.id, config)
        return run_here(store, record, config, json=args.json, resume_from=checkpoint.path if checkpoint else None)


def _configuration(record: RunRecord, step: int, steps: int | None) -> ExperimentConfig:
    """The run's own configuration, with more steps where asked; raises InvalidValueError where none are left."""
    from metagui.config import apply_overrides

    config = record.experiment()
    if record.live and not record.forsaken:
        raise InvalidValueError("RUN", f"{record.id} is {record.status}; stop it before it is resumed here")
    if steps is None and step >= config.outer.steps:
        raise InvalidValueError(
            "--steps", f"{record.id} has made all its {step:,} meta-steps; give a number above that to train on"
        )
    if steps is None:
        return config
    if steps <= step:
        raise InvalidValueError("--steps", f"must be above {step}, where {record.id} is, not {steps}")
    return apply_overrides(config, [f"outer.steps={steps}"])
