"""How long recording a walk-through takes: five inner steps over three tasks, from request to answer.

python -m benchmarks.walkthrough [--rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from metagui.config import apply_overrides, load_preset
from metagui.engine.walkthrough.recorder import record
from metagui.events import Record, encode

SCENES = [
    ("maml", "sinusoid-maml"),
    ("fomaml", "sinusoid-fomaml"),
    ("reptile", "sinusoid-reptile"),
    ("imaml", "sinusoid-imaml"),
    ("outer_step", "sinusoid-fomaml"),
    ("maml", "points-maml"),
    ("maml", "glyphs-maml-5w1s"),
    ("imaml", "glyphs-maml-5w1s"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print(f"{'walk-through':12} {'experiment':18} {'median s':>9} {'slowest':>8} {'moments':>8} {'kB':>6}")
    for walkthrough, preset in SCENES:
        algorithm = "fomaml" if walkthrough == "outer_step" else walkthrough
        changes = [f"algorithm.name={algorithm}", "algorithm.inner_steps=5", "compute.device=cpu"]
        config = apply_overrides(load_preset(preset).config, changes)
        request = Record(request=1, config=config.to_dict(), data_dir="", walkthrough=walkthrough, n_tasks=3)
        seconds, answer = [], None
        for _ in range(rounds + 1):
            began = time.perf_counter()
            answer = record(request, lambda: False)
            seconds.append(time.perf_counter() - began)
        assert answer is not None
        timed = seconds[1:]  # the first one loads torch's kernels
        size = len(encode(answer)) // 1000
        print(
            f"{walkthrough:12} {preset:18} {statistics.median(timed):9.3f} {max(timed):8.3f} "
            f"{len(answer.moments):8,} {size:6,}"
        )


if __name__ == "__main__":
    main()
