"""``python -m benchmarks``: metagui and its peers, workload by workload."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import torch

from benchmarks.comparison import OURS, Comparison, compare
from benchmarks.peers import PEERS
from benchmarks.table import table
from benchmarks.workloads import WORKLOADS, Workload


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when metagui agreed with the reference everywhere and was measured, 1 when not."""
    options = parser().parse_args(arguments)
    if options.list:
        print_list()
        return 0
    peers = [peer for name, peer in PEERS.items() if name == OURS or not options.peers or name in options.peers]
    print(f"{machine()}\n", flush=True)
    comparisons = []
    for workload in options.workloads or WORKLOADS.values():
        print(f"{workload.name} ...", file=sys.stderr, flush=True)
        comparison = compare(
            workload,
            peers,
            threads=options.threads or workload.threads,
            rounds=options.rounds,
            seconds=options.seconds,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
        print(table(comparison) + "\n", flush=True)
        comparisons.append(comparison)
        if options.json:
            options.json.write_text(as_json(comparisons), encoding="utf-8")
    return 0 if all(comparison.sound for comparison in comparisons) else 1


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("--workloads", type=_workloads, metavar="NAME,...", help="names or their beginnings: w1,w2-maml")
    made.add_argument("--peers", type=_peers, metavar="NAME,...", help="metagui always takes part")
    made.add_argument("--rounds", type=_at_least_one, default=7)
    made.add_argument("--seconds", type=float, default=1.0, help="shortest turn; one meta-batch is the least")
    made.add_argument("--threads", type=_at_least_one, help="instead of each workload's own number")
    made.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    made.add_argument("--list", action="store_true", help="list workloads and peers, and end")
    return made


def _workloads(text: str) -> list[Workload]:
    chosen = []
    for beginning in text.split(","):
        found = [workload for name, workload in WORKLOADS.items() if name.startswith(beginning.strip())]
        if not found:
            raise argparse.ArgumentTypeError(f"no workload begins with {beginning!r}: {', '.join(WORKLOADS)}")
        chosen += [workload for workload in found if workload not in chosen]
    return chosen


def _peers(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"no peer is called {name!r}: {', '.join(PEERS)}")
    return names


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def print_list() -> None:
    for workload in WORKLOADS.values():
        print(f"{workload.name:12} {workload.title}")
    print()
    for peer in PEERS.values():
        missing = peer.missing()
        print(f"{peer.name:34} {'ready' if missing is None else f'not installed: {peer.install}'}")


def machine() -> str:
    """What it was measured on, without its name."""
    facts = [f"{os.cpu_count()} cores", platform.machine(), torch.backends.cpu.get_cpu_capability()]
    versions = [f"Python {platform.python_version()}", f"torch {torch.__version__}"]
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {', '.join(facts)}, {platform.system()}; {', '.join(versions)}"


def as_json(comparisons: Sequence[Comparison]) -> str:
    return json.dumps({"machine": machine(), "comparisons": [asdict(each) for each in comparisons]}, indent=2)


if __name__ == "__main__":
    raise SystemExit(main())
