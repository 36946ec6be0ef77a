"""How long the studio takes from a change to a person's own task until the answer is there, while training goes on.

The real window runs offscreen (or on a screen, where there is one) and trains a preset on the child host; the warm
background process adapts the same preset's network. Each change moves a support point, or draws one character anew with
the pen of the data set; it is timed from before the drawing is prepared until the answer has arrived in the window's
thread, and until the window's own panel has been painted with it.

    python -m benchmarks.studio_latency
    python -m benchmarks.studio_latency --cases conv4-64 --changes 300
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.studio import OwnTask

CHANGES = 150
GAP_SECONDS = 0.05
"""Between two changes the window lives on, as it does between two strokes."""

WARM_UP = 6.0
PATIENCE = 60.0


@dataclass(frozen=True)
class Case:
    """A preset with changes, the inner steps asked for, and the limit for the 95th percentile in milliseconds."""

    preset: str
    changes: tuple[str, ...]
    inner_steps: int
    limit: float


CASES = {
    "sinusoid": Case("sinusoid-maml", (), 10, 50.0),
    "points": Case("points-maml", (), 10, 250.0),
    "conv4-64": Case("glyphs-maml-5w1s", ("model.filters=64",), 5, 250.0),
}


@dataclass
class Times:
    """Milliseconds from each change to its answer, and to the painted panel."""

    answered: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where the 95th percentile of any case is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--changes", type=int, default=CHANGES, help="to the task, in each case")
    parser.add_argument("--idle", action="store_true", help="without any training beside")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(f"{'case':<12}{'until':<10}{'median':>9}{'95 %':>9}{'worst':>9}  ms; limit of 95 %")
    late = []
    for name in options.cases:
        with tempfile.TemporaryDirectory() as folder:
            times, trained = measure(CASES[name], options, Path(folder))
        beside = f"{trained:,} meta-steps trained beside" if trained else "no training beside"
        for until, values in (("answered", times.answered), ("painted", times.painted)):
            if values:
                middle, high = np.percentile(values, [50, 95])
                print(
                    f"{name:<12}{until:<10}{middle:>9.1f}{high:>9.1f}{max(values):>9.1f}"
                    f"  {CASES[name].limit:g} ({beside})",
                    flush=True,
                )
        if np.percentile(times.painted or times.answered, 95) > CASES[name].limit:
            late.append(name)
    print(f"above its limit: {', '.join(late) or 'none'}")
    return 1 if late else 0


def measure(case: Case, options: argparse.Namespace, folder: Path) -> tuple[Times, int]:
    """The times of one case, and how many meta-steps were trained meanwhile."""
    from metagui.config import apply_overrides, load_preset
    from metagui.events import Progress
    from metagui.gui.platform import make_application
    from metagui.gui.waiting import wait
    from metagui.gui.workbench import Workbench

    app = make_application()
    bench = Workbench(app, folder, "dark")
    bench.window.resize(1600, 1000)
    bench.open()
    steps = [0]

    def count(_run: str, event: object) -> None:
        if isinstance(event, Progress):
            steps.append(event.step)

    bench.controller.event.connect(count)
    try:
        config = apply_overrides(load_preset(case.preset).config, [*case.changes, "outer.steps=10000000"])
        if not options.idle:
            bench.window.form.load(config)
            bench.start()
        wait(WARM_UP)
        before = steps[-1]
        return _changes(bench, app, case, config, options.changes), steps[-1] - before
    finally:
        bench.close()
        bench.window.close_guard = lambda: True
        bench.window.close()
        bench.window.deleteLater()
        app.processEvents()


def _changes(bench: Any, app: Any, case: Case, config: ExperimentConfig, count: int) -> Times:
    from PySide6.QtCore import QEventLoop, QTimer

    from metagui.gui.waiting import wait
    from metagui.studio import Network

    network = Network(title="as it is", config=config.to_dict())
    change = _changing(case, config, bench.data_dir)
    times, loop = Times(), QEventLoop()
    given_up = QTimer(singleShot=True, interval=int(PATIENCE * 1000))
    given_up.timeout.connect(loop.quit)
    answers: list[Any] = []

    def answered(answer: Any) -> None:
        if answer.channel == "benchmark":
            answers.append((time.perf_counter(), answer))
            loop.quit()

    bench.worker.studied.connect(answered)
    for number in range(count + 1):
        started = time.perf_counter()
        bench.worker.study(
            bench.data_dir, (network,), own=change(number), inner_steps=case.inner_steps, channel="benchmark"
        )
        given_up.start()
        loop.exec()
        if len(answers) != number + 1:
            raise SystemExit(f"no answer to change {number} within {PATIENCE:g} s")
        arrived, answer = answers[-1]
        if problem := answer.columns[0].problem:
            raise SystemExit(f"the network could not be adapted: {problem}")
        if number:  # the first one makes the network ready
            times.answered.append(1000 * (arrived - started))
        wait(GAP_SECONDS)
    return times


def _changing(case: Case, config: ExperimentConfig, data_dir: Path) -> Callable[[int], OwnTask]:
    """The task after change number n."""
    from metagui.datasets.ink import preparation_of
    from metagui.events import Array
    from metagui.studio import OwnTask
    from metagui.workspace import datasets_dir

    random = np.random.default_rng(0)
    nothing = Array.of(np.zeros(0, np.float32))

    def curve(number: int) -> OwnTask:
        x = np.linspace(-4.5, 4.5, 10, dtype=np.float32)
        y = (2 * np.sin(x) + 0.01 * number * (np.arange(10) == number % 10)).astype(np.float32)
        points, targets = Array.of(x), Array.of(y)
        return OwnTask(
            kind="regression",
            title="by hand",
            support_x=points,
            support_y=targets,
            query_x=nothing,
            query_y=nothing,
            grid=nothing,
            truth=nothing,
        )

    labels = np.arange(5)
    if config.task.kind == "points":
        clouds = random.normal(size=(15, 2)).astype(np.float32) * 0.5

        def points(number: int) -> OwnTask:
            clouds[number % 15] += random.normal(size=2).astype(np.float32) * 0.05
            return _classes("points", clouds, np.arange(15) % 3, np.zeros((0, 2), np.float32))

        return points
    if config.task.kind == "regression":
        return curve
    preparation = preparation_of(config.task, datasets_dir(data_dir))
    strokes = [list(random.random((2, 40, 2)).cumsum(axis=1) / 40) for _ in range(10)]
    drawn = np.stack([preparation.drawn(each) for each in strokes])

    def characters(number: int) -> OwnTask:
        redrawn = number % 10
        strokes[redrawn] = [stroke + random.normal(scale=0.01, size=stroke.shape) for stroke in strokes[redrawn]]
        drawn[redrawn] = preparation.drawn(strokes[redrawn])
        return _classes("images", drawn[:5], labels, drawn[5:])

    return characters


def _classes(kind: Any, support: np.ndarray, labels: np.ndarray, query: np.ndarray) -> OwnTask:
    from metagui.events import Array
    from metagui.studio import OwnTask

    nothing = Array.of(np.zeros(0, np.float32))
    return OwnTask(
        kind=kind,
        title="by hand",
        support_x=Array.of(support),
        support_y=Array.of(labels.astype(np.int64)),
        query_x=Array.of(query),
        query_y=Array.of(np.full(len(query), -1)),
        grid=nothing,
        truth=nothing,
    )


if __name__ == "__main__":
    raise SystemExit(main())
