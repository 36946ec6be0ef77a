"""How much of a meta-gradient is convolution alone: what no program built on torch's convolutions can go below.

Times, in turns, metagui's meta-gradient and nothing but the convolutions that its algorithm cannot do without, with
the fastest form of each: tasks side by side or one by one, channels outermost or innermost in memory.

    python -m benchmarks.convolution_floor
    python -m benchmarks.convolution_floor --workloads w2-imaml --threads 1 --rounds 9
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.peers.ours import Metagui, MetaguiSparing
from benchmarks.workloads import WORKLOADS, Workload, build

SIDES = (28, 14, 7, 4)
"""Of the images that the four layers get."""
SUPPORT, QUERY = 5, 75
NAMES = [name for name, workload in WORKLOADS.items() if workload.network == "conv4"]

Work = Callable[[], object]


@dataclass(frozen=True)
class Passes:
    """What an algorithm needs of each task: gradients and Hessian products on the support set, a query gradient."""

    gradients: int
    products: int
    query: int

    @staticmethod
    def of(workload: Workload) -> Passes:
        steps = workload.inner_steps
        match workload.algorithm:
            case "reptile":
                return Passes(steps, 0, 0)
            case "fomaml":
                return Passes(steps, 0, 1)
            case "maml":
                return Passes(steps, steps, 1)
            case "imaml":
                return Passes(steps + 1, workload.cg_steps, 1)


class Layer:
    """One 3x3 convolution of ``tasks`` side by side, with its way back."""

    def __init__(self, place: int, images: int, tasks: int, filters: int, innermost: bool) -> None:
        layout = torch.channels_last if innermost else torch.contiguous_format
        channels = 1 if place == 0 else filters
        shape = (images, channels * tasks, SIDES[place], SIDES[place])
        self.inputs = torch.randn(shape).clone(memory_format=layout)
        self.weight = torch.randn(filters * tasks, channels, 3, 3).clone(memory_format=layout)
        self.first, self.groups = place == 0, tasks
        self.gradient = self.forward()

    def forward(self) -> torch.Tensor:
        return torch.conv2d(self.inputs, self.weight, None, 2, 1, 1, self.groups)

    def back(self) -> None:
        wanted = [not self.first, True, False]
        torch.ops.aten.convolution_backward(
            self.gradient, self.inputs, self.weight, None, [2, 2], [1, 1], [1, 1], False, [0, 0], self.groups, wanted
        )

    def there_and_back(self) -> None:
        self.forward()
        self.back()

    def product(self) -> None:
        """Of the Hessian: two of each, one where the images do not change."""
        for _ in range(1 if self.first else 2):
            self.there_and_back()


def fastest(forms: Sequence[Work]) -> Work:
    """By the best of three runs after a first one."""
    return min(forms, key=lambda form: min(seconds(form) for _ in range(4)))


def seconds(work: Work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def convolutions(workload: Workload, tasks: int) -> Work:
    """All convolutions of so many tasks, each in its fastest form."""
    passes = Passes.of(workload)
    parts: list[tuple[Work, int]] = []
    for place in range(len(SIDES)):
        kinds = [(SUPPORT, tasks, passes.gradients, False), (SUPPORT, tasks, passes.products, True)]
        for images, beside, count, twice in [*kinds, (QUERY, 1, passes.query, False)]:
            if count:
                together = [Layer(place, images, beside, workload.filters, innermost) for innermost in (False, True)]
                apart = [Layer(place, images, 1, workload.filters, innermost) for innermost in (False, True)]
                forms = [repeated(_once(layer, twice), tasks // beside) for layer in together]
                forms += [repeated(_once(layer, twice), tasks) for layer in apart]
                parts.append((fastest(forms), count))

    def run() -> None:
        for part, count in parts:
            for _ in range(count):
                part()

    return run


def _once(layer: Layer, twice: bool) -> Work:
    return layer.product if twice else layer.there_and_back


def repeated(work: Work, times: int) -> Work:
    def run() -> None:
        for _ in range(times):
            work()

    return run


def in_threads(works: Sequence[Work]) -> Work:
    """Each in a thread of its own, as the engine shares a meta-batch."""

    def alone(work: Work) -> None:
        torch.set_num_threads(1)  # holds for each thread apart
        work()

    def run() -> None:
        threads = [threading.Thread(target=alone, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--threads", type=int, default=0, help="instead of each workload's own number")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args(arguments)
    print(
        "| workload | metagui [ms] | its convolutions alone [ms] | share (quartiles) | at most so many times faster |"
    )
    print("|---|---|---|---|---|")
    for name in options.workloads:
        workload = WORKLOADS[name]
        whole, bare = measure(workload, options.threads or workload.threads, options.rounds)
        low, middle, high = np.percentile(bare / whole, [25, 50, 75])
        print(
            f"| {name} | {1000 * np.median(whole):.0f} | {1000 * np.median(bare):.0f} "
            f"| {middle:.0%} ({low:.0%} to {high:.0%}) | {1 / middle:.2f} times |",
            flush=True,
        )
    return 0


def measure(workload: Workload, threads: int, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Seconds of the meta-gradient and of its convolutions, in turns."""
    torch.set_num_threads(1)
    problem = build(workload, "float32", threads)
    peer = MetaguiSparing() if workload.algorithm == "reptile" else Metagui()
    gradient = peer.prepare(problem)
    gradient()
    bare = in_threads([convolutions(workload, workload.tasks // threads) for _ in range(threads)])
    taken = np.array([(seconds(gradient), seconds(bare)) for _ in range(rounds)])
    return taken[:, 0], taken[:, 1]


if __name__ == "__main__":
    raise SystemExit(main())
