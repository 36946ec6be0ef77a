"""Peak memory against inner steps: Conv4-64, 5-way 1-shot, 15 queries a class, 1x28x28, the same meta-batch for all.

A fresh process each. It imports everything, makes the tensors, sets the contender up and lets torch load its kernels;
the resident memory is then the baseline, and the system's own peak of it (VmHWM) is set back to that. Two
meta-gradients later the peak is read: what is told is peak minus baseline. The system keeps that peak, so nothing can
be missed between samples.

glibc keeps what was freed for later, in holes that few tensors fit again, and its peak creeps up with the mere number
of allocations. All contenders therefore run with MALLOC_MMAP_THRESHOLD_ fixed at 128 KiB, its own initial value: larger
blocks go back to the system at once, and the peak is that of tensors alive. ``--malloc default`` leaves it alone.

    python -m benchmarks.memory
    python -m benchmarks.memory --steps 1,4,16,64 --tasks 16 --peers learn2learn --malloc default
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.comparison import OURS
from benchmarks.peers import PEERS, Peer
from benchmarks.processes import Contender, ContenderError
from benchmarks.workloads import WORKLOADS, Workload

MIB = 2**20

VARIANTS: dict[str, Workload] = {
    "iMAML": WORKLOADS["w2-imaml"],
    "MAML": WORKLOADS["w2-maml"],
    "MAML, lean": dataclasses.replace(WORKLOADS["w2-maml"], overrides=("compute.memory=lean",)),
}
"""What is compared, by the name in the table."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=_numbers, default=[1, 64], help="inner steps, by default 1,64")
    parser.add_argument("--tasks", type=int, default=4, help="meta-batch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3, help="fresh processes for each number")
    parser.add_argument("--peers", type=lambda text: text.split(","), default=["learn2learn"])
    parser.add_argument("--malloc", choices=["returning", "default"], default="returning", help="see above")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.malloc == "returning":
        os.environ["MALLOC_MMAP_THRESHOLD_"] = str(128 * 1024)
    peers = [PEERS[name] for name in [OURS, *options.peers]]
    print(
        f"peak above the baseline [MiB], median of {options.repeats} (least to most), {options.tasks} tasks, "
        f"{options.threads} thread(s), malloc: {options.malloc}"
    )
    measured = {}
    for title, peer, workload in _rows(peers):
        workload = dataclasses.replace(workload, tasks=options.tasks)
        by_steps: dict[int, list[float]] = {}
        try:
            for steps in options.steps:
                one = dataclasses.replace(workload, inner_steps=steps)
                by_steps[steps] = sorted(peak(peer, one, options.threads) / MIB for _ in range(options.repeats))
        except ContenderError as error:
            print(f"{title}: failed: {error}", flush=True)
            continue
        measured[title] = by_steps
        print(f"{title}: {_told(by_steps)}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2), encoding="utf-8")
    return 0


def _rows(peers: Sequence[Peer]) -> Iterator[tuple[str, Peer, Workload]]:
    for peer in peers:
        for name, workload in VARIANTS.items():
            if not peer.fits(workload) or (workload.overrides and peer.name != OURS):
                continue
            missing = peer.missing()
            if missing:
                print(f"{peer.name}: not installed: {missing}: {peer.install}")
                break
            yield f"{peer.name}, {name}", peer, workload


def peak(peer: Peer, workload: Workload, threads: int) -> int:
    """Bytes above the baseline in a fresh process that computes two meta-gradients."""
    with Contender(peer, workload, threads, "float32") as contender:
        contender.gradient()
        contender.rate(0.0)
        return contender.peak_memory()


def _told(by_steps: dict[int, list[float]]) -> str:
    middle = {steps: values[len(values) // 2] for steps, values in by_steps.items()}
    told = [
        f"{steps} steps {middle[steps]:,.0f} ({values[0]:,.0f} to {values[-1]:,.0f})"
        for steps, values in by_steps.items()
    ]
    first, *_, last = middle.values()
    return ", ".join(told) + f": {last / first:.2f} times"


def _numbers(text: str) -> list[int]:
    numbers = [int(part) for part in text.split(",")]
    if len(numbers) < 2:
        raise argparse.ArgumentTypeError("at least two, for example 1,64")
    return numbers


if __name__ == "__main__":
    raise SystemExit(main())
