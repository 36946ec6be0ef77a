"""How long until a network has learned to learn sine waves: held-out 10-shot mean squared error against time.

Trains as ``metagui train`` does, on one core, and every second stops the clock and tries 600 held-out tasks with 10
inner steps. The time is that of the training alone, sampling of tasks included; as other programs may share the core,
the core's own seconds are what counts, and the wall's are told beside.

    python -m benchmarks.sinusoid_learning
    python -m benchmarks.sinusoid_learning --preset sinusoid-maml --set algorithm.inner_steps=5 --seconds 120 --go-on
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from metagui.config import apply_overrides, load_preset
from metagui.config.experiment import ExperimentConfig
from metagui.engine.evaluation import held_out_batches, score
from metagui.engine.learner import MetaLearner

TASKS = 600
STEPS = 10


@dataclass(frozen=True, slots=True)
class Point:
    """One look at the held-out tasks. ``diverged`` counts those that adapting made worse."""

    meta_steps: int
    core_seconds: float
    wall_seconds: float
    mean: float
    median: float
    diverged: int


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every seed reached the target in time."""
    options = parser().parse_args(arguments)
    torch.set_num_threads(1)
    base = apply_overrides(load_preset(options.preset).config, options.set)
    reached, curves = [], {}
    for seed in options.seeds:
        config = apply_overrides(base, [f"compute.seed={seed}"])
        curve = learn(config, options.seconds, options.every, options.target, options.go_on)
        curves[seed] = [asdict(point) for point in curve]
        hit = next((point for point in curve if point.mean <= options.target), None)
        reached.append(hit)
        last = curve[-1]
        told = (
            f"reached {hit.mean:.3f} after {hit.core_seconds:.1f} s of one core ({hit.wall_seconds:.1f} s), "
            f"{hit.meta_steps:,} meta-steps"
            if hit
            else "not reached"
        )
        print(
            f"seed {seed}: {told}; last {last.mean:.4f} (median {last.median:.4f}, {last.diverged} of {TASKS} diverged)"
            f" at {last.core_seconds:.0f} s, {last.meta_steps / last.core_seconds:,.0f} meta-steps/s",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps({"config": base.to_dict(), "curves": curves}, indent=2), encoding="utf-8")
    return 0 if all(reached) else 1


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--preset", default="sinusoid-maml-fast")
    made.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="as in metagui train")
    made.add_argument("--seconds", type=float, default=60.0, help="of one core, a seed")
    made.add_argument("--target", type=float, default=0.1, help="mean squared error over the held-out tasks")
    made.add_argument("--every", type=float, default=1.0, help="core seconds of training between looks")
    made.add_argument("--seeds", type=lambda text: [int(part) for part in text.split(",")], default=[0, 1, 2])
    made.add_argument("--go-on", action="store_true", help="train on after the target, to the end of the time")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the curves")
    return made


def learn(config: ExperimentConfig, seconds: float, every: float, target: float, go_on: bool) -> list[Point]:
    """Train until the target, the last meta-step or the end of the time, looking at held-out tasks now and then."""
    learner = MetaLearner(config)
    batches = list(held_out_batches(learner, TASKS))
    core = wall = 0.0
    curve: list[Point] = []
    while core < seconds and learner.step < config.outer.steps:
        core_before, wall_before = time.process_time(), time.perf_counter()
        while time.process_time() - core_before < every and learner.step < config.outer.steps:
            for _ in range(min(20, config.outer.steps - learner.step)):
                learner.meta_step(learner.sample_tasks())
        core += time.process_time() - core_before
        wall += time.perf_counter() - wall_before
        losses = np.concatenate([score(learner, batch, STEPS).losses for batch in batches], axis=1)
        final = losses[-1]
        diverged = int((~(final <= losses[0])).sum())
        curve.append(Point(learner.step, core, wall, float(final.mean()), float(np.median(final)), diverged))
        if curve[-1].mean <= target and not go_on:
            break
    return curve


if __name__ == "__main__":
    raise SystemExit(main())
