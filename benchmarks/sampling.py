"""What drawing tasks costs beside learning from them: ``python -m benchmarks.sampling --data-dir DIR``.

For each workload the time to draw a meta-batch and the time of the whole meta-step, in turns, on one thread; CPU time,
so that other programs matter less. What training then waits for a batch is told by the clock, with the batch of the
next step drawn in a thread beside where training does so. Then pictures of a class of 100,000, drawn both ways.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.comparison import Quartiles
from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.engine.allocator import keep_freed_memory
from metagui.engine.batch_ahead import Batches, batches_of
from metagui.engine.learner import MetaLearner
from metagui.engine.seeding import generator
from metagui.engine.tasks.images import pick
from metagui.workspace import datasets_dir, default_data_dir

_WAITS = 20
PICTURES = 100_000
FIVE_WAY = ("outer.meta_batch_size=32",)
WORKLOADS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Omniglot 5-way 1-shot, MAML": ("omniglot-maml-5w1s", FIVE_WAY),
    "Omniglot 5-way 1-shot, ProtoNet": ("omniglot-maml-5w1s", ("algorithm.name=protonet", *FIVE_WAY)),
    "Omniglot 5-way 1-shot, ProtoNet, 16 filters": (
        "omniglot-maml-5w1s",
        ("algorithm.name=protonet", "model.filters=16", *FIVE_WAY),
    ),
    "Omniglot 20-way 1-shot of one alphabet, ProtoNet": ("omniglot-protonet-20w1s-lake", ()),
    "Glyphs 5-way 1-shot, ProtoNet": ("glyphs-protonet-5w1s", ()),
    "Points 3-way 5-shot, MAML": ("points-maml", ()),
    "Sinusoid 10-shot, MAML": ("sinusoid-maml", ()),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="where Omniglot is installed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="CPU time of each turn")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    keep_freed_memory()
    print("| workload | meta-batch | drawing | meta-step | share | training waits |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (preset, changes) in WORKLOADS.items():
        settings = [*changes, "compute.device=cpu", "compute.threads=1"]
        config = apply_overrides(load_preset(preset).config, settings)
        print(f"| {name} | {measured(config, datasets_dir(options.data_dir), options)} |", flush=True)
    print(f"\n{PICTURES:,} pictures a class, 5-way, 32 tasks of 16 pictures a class: {picking(options)}")
    return 0


def measured(config: ExperimentConfig, datasets: Path, options: argparse.Namespace) -> str:
    learner = MetaLearner(config, datasets=datasets)
    learner.meta_step(learner.sample_tasks())
    drawing, stepping = [], []
    for _ in range(options.rounds):
        drawing.append(_milliseconds(learner.sample_tasks, options.seconds / 3))
        stepping.append(_milliseconds(lambda: learner.meta_step(learner.sample_tasks()), options.seconds))
    with batches_of(learner, 1, drawn_ahead=True) as batches:
        waits = [_waited(batches, learner) for _ in range(_WAITS)]
    share = Quartiles.of(draw / step for draw, step in zip(drawing, stepping, strict=True))
    drawn, stepped = Quartiles.of(drawing), Quartiles.of(stepping)
    return (
        f"{config.outer.meta_batch_size} | {drawn.median:.2f} ms | {stepped.median:.1f} ms | {share.median:.2%} "
        f"({share.low:.2%} to {share.high:.2%}) | {Quartiles.of(waits[1:]).median:.2f} ms"
    )


def _waited(batches: Batches, learner: MetaLearner) -> float:
    """Milliseconds by the clock until the batch is there; then a meta-step is made of it."""
    began = time.perf_counter()
    batch = batches.take()
    waited = time.perf_counter() - began
    learner.meta_step(batch)
    return 1000 * waited


def picking(options: argparse.Namespace) -> str:
    """How long the pictures of a meta-batch take to be chosen, and how long a key for each took."""
    count, wanted = torch.full((32, 5), PICTURES), 16

    def by_keys() -> Tensor:
        return torch.rand(32, 5, PICTURES, generator=generator(0, "train")).topk(wanted).indices

    fast = _milliseconds(lambda: pick(count, wanted, generator(0, "train")), options.seconds / 3)
    return f"{fast:.2f} ms; by a random key for each picture {_milliseconds(by_keys, options.seconds / 3):.0f} ms"


def _milliseconds(work: Callable[[], object], seconds: float) -> float:
    """CPU time of one call."""
    calls, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        work()
        calls += 1
    return 1000 * spent / calls


if __name__ == "__main__":
    raise SystemExit(main())
