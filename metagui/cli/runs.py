"""``metagui runs``: what has been trained."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from metagui.cli.console import OK, print_json, short
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_data_dir, add_json, data_dir_of

if TYPE_CHECKING:
    from metagui.runs.records import RunRecord


def add(commands: Subparsers[CommandParser]) -> None:
    parser = commands.add_parser("runs", help="List the runs.", description="Look at what has been trained.")
    add_data_dir(parser)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=CommandParser)
    listing = add_command(
        actions,
        "list",
        run_list,
        summary="List all runs, newest first. Runs whose process is gone are marked crashed.",
        examples="metagui runs list --json",
    )
    add_json(listing, "print an array with configuration and last values")


def run_list(args: argparse.Namespace) -> int:
    from metagui.cli.training import show_notices
    from metagui.runs.store import RunStore

    with RunStore(data_dir_of(args)) as store:
        show_notices(store)
        runs = [(record, store.last_values(record.id)) for record in store.list()]
    if args.json:
        print_json([_as_json(record, values) for record, values in runs])
    elif runs:
        print(_table(runs))
    else:
        print("no runs yet; begin one with: metagui train")
    return OK


def _as_json(record: RunRecord, values: dict[str, float]) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "status": record.status,
        "reason": record.reason,
        "step": record.step,
        "total_steps": record.total_steps,
        "created": record.created,
        "started": record.started,
        "ended": record.ended,
        "path": str(record.run_dir),
        "config": record.config,
        "last_values": values,
    }


def _table(runs: list[tuple[RunRecord, dict[str, float]]]) -> str:
    header = ("id", "status", "step", "outer loss", "validation", "begun", "name")
    rows = [header] + [_row(record, values) for record, values in runs]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(record: RunRecord, values: dict[str, float]) -> tuple[str, ...]:
    accuracy, loss = values.get("validation_accuracy"), values.get("validation_loss")
    validation = f"{accuracy:.1%}" if accuracy is not None else short(loss) if loss is not None else ""
    return (
        record.id,
        record.status,
        f"{record.step:,}/{record.total_steps:,}",
        short(values["outer_loss"]) if "outer_loss" in values else "",
        validation,
        time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created)),
        record.name,
    )
