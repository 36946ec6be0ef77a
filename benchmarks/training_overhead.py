"""What real training reaches: ``metagui train`` against the bare meta-gradient, in turns.

Between the two lie the sampling of tasks, the outer step, validation, the recording of every series and checkpoints.

    python -m benchmarks.training_overhead
    python -m benchmarks.training_overhead --presets glyphs-maml-5w1s --seconds 30
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from benchmarks.comparison import Quartiles
from metagui.config import apply_overrides, load_preset
from metagui.config.experiment import ExperimentConfig
from metagui.engine.learner import MetaLearner
from metagui.runs.store import RunStore

WARM_UP = 5.0
"""Seconds until a run that was just started is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", nargs="+", default=["sinusoid-maml", "sinusoid-reptile", "glyphs-maml-5w1s"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0, help="measured time of each turn")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    settings = [f"compute.threads={options.threads}", "outer.steps=100000000"]
    print("tasks/s, median (quartiles)")
    for preset in options.presets:
        measure(apply_overrides(load_preset(preset).config, settings), preset, settings, options)
    return 0


def measure(config: ExperimentConfig, preset: str, settings: list[str], options: argparse.Namespace) -> None:
    """Print one preset's rates, and the share of the bare rate that training loses, round by round."""
    learner = MetaLearner(config)
    batch = learner.sample_tasks()
    rates: dict[str, list[float]] = {"bare": [], "steps": [], "train": []}
    for _ in range(options.rounds):
        rates["bare"].append(_rate(lambda: learner.algorithm.meta_gradient(learner.theta, batch), config, options))
        rates["steps"].append(_rate(lambda: learner.meta_step(learner.sample_tasks()), config, options))
        rates["train"].append(_training_rate(preset, settings, config, options.seconds))
    overhead = Quartiles.of(1 - train / bare for train, bare in zip(rates["train"], rates["bare"], strict=True))
    told = [_told(Quartiles.of(values)) for values in rates.values()]
    print(
        f"{preset}, {options.threads} thread(s): meta-gradient {told[0]}; with sampling and outer step {told[1]}; "
        f"metagui train {told[2]}: {overhead.median:.1%} ({overhead.low:.1%} to {overhead.high:.1%}) lost",
        flush=True,
    )


def _told(rate: Quartiles) -> str:
    return f"{rate.median:,.0f} ({rate.low:,.0f} to {rate.high:,.0f})"


def _rate(step: Callable[[], object], config: ExperimentConfig, options: argparse.Namespace) -> float:
    step()
    calls, began = 0, time.perf_counter()
    while time.perf_counter() - began < options.seconds:
        step()
        calls += 1
    return calls * config.outer.meta_batch_size / (time.perf_counter() - began)


def _training_rate(preset: str, settings: list[str], config: ExperimentConfig, seconds: float) -> float:
    """By the recorded times of the steps of a run that is stopped as by Ctrl+C."""
    changes = [part for setting in settings for part in ("--set", setting)]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "metagui", "train", "--preset", preset, *changes, "--data-dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            began = time.time() + WARM_UP
            time.sleep(WARM_UP + seconds)
            ended = time.time()
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()
        store = RunStore(Path(folder))
        steps, _, times = store.read_series(store.list()[0].id, "outer_loss")
        store.close()
    inside = (times >= began) & (times <= ended)
    steps, times = steps[inside], times[inside]
    if len(steps) < 2:
        raise SystemExit(f"{preset}: only {len(steps)} meta-steps fell into the measured time: measure for longer")
    return float((steps[-1] - steps[0]) / (times[-1] - times[0]) * config.outer.meta_batch_size)


if __name__ == "__main__":
    raise SystemExit(main())
