"""``metagui doctor``: what is installed here, and whether it can work."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from metagui.cli.console import ENVIRONMENT, OK, print_json
from metagui.cli.parser import CommandParser, Subparsers, add_command, add_json, data_dir_of

if TYPE_CHECKING:
    from metagui.cli.checks import Finding

_MARKS = {"ok": " ", "warning": "!", "error": "x"}


def add(commands: Subparsers[CommandParser]) -> None:
    parser = add_command(
        commands,
        "doctor",
        run,
        summary="Check versions, devices, screen and data folder; exit code 3 where something prevents use.",
        examples="metagui doctor --json",
    )
    add_json(parser, "print an object with all findings")


def run(args: argparse.Namespace) -> int:
    from metagui.cli import checks

    findings = [
        *checks.versions(),
        *checks.combinations(),
        *checks.plug_ins(),
        *checks.devices(),
        *checks.window(),
        *checks.data_folder(data_dir_of(args)),
    ]
    healthy = all(finding.level != "error" for finding in findings)
    if args.json:
        print_json({"healthy": healthy, "findings": [asdict(finding) for finding in findings]})
    else:
        print(_table(findings))
        print()
        print("all is well" if healthy else "something above prevents use: see the lines marked x")
    return OK if healthy else ENVIRONMENT


def _table(findings: list[Finding]) -> str:
    lines: list[str] = []
    group = ""
    for finding in findings:
        if finding.group != group:
            group = finding.group
            lines += ["", group] if lines else [group]
        lines.append(f"{_MARKS[finding.level]} {finding.name:<22} {finding.value}")
        if finding.advice:
            lines.append(f"  {'':<22} {finding.advice}")
    return "\n".join(lines)
