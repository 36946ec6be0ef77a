"""How long the studio takes from a change to a person's own task until the answer is there, while training goes on.

The real window runs offscreen (or on a screen, where there is one) and trains a preset on the child host; the warm
background process adapts the same preset's network. Each change moves a support point, or draws one character anew. It
is timed twice: from before the drawing is prepared until the answer has arrived in the window's thread, and, with the
studio on show and the network of the running training in it, until the panel has been painted with the answer.

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
import psutil

if TYPE_CHECKING:
    from metagui.config import ExperimentConfig
    from metagui.studio import OwnTask

CHANGES = 150
GAP_SECONDS = 0.05
"""Between two changes the window lives on, as it does between two strokes."""

WARM_UP = 6.0
PATIENCE = 60.0
WAYS = 5


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
    """Milliseconds from each change to its answer, and to the painted panel; ``processor`` time of an answer."""

    processor: float = 0.0
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
        beside = "no training beside" if options.idle else f"{trained:,} meta-steps trained beside"
        for until, values in (("answered", times.answered), ("painted", times.painted)):
            if values:
                middle, high = np.percentile(values, [50, 95])
                print(
                    f"{name:<12}{until:<10}{middle:>9.1f}{high:>9.1f}{max(values):>9.1f}"
                    f"  {CASES[name].limit:g} ({beside})",
                    flush=True,
                )
        print(f"{name:<12}processor time of an answer {times.processor:.1f} ms", flush=True)
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
        steady = ["outer.steps=10000000", f"algorithm.evaluation_steps={case.inner_steps}"]
        config = apply_overrides(load_preset(case.preset).config, [*case.changes, *steady])
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
    """First asked as the panel asks, then through the panel itself."""
    from metagui.gui.waiting import wait, wait_until
    from metagui.studio import Network

    network = Network(title="as it is", config=config.to_dict())
    sketch, preparation = _sketches(config), _preparation(config, bench.data_dir)
    times, answered = Times(), _Answered(bench.worker)
    for number in range(count + 1):
        if number == 1:  # the first one makes the network ready
            used = _background_seconds()
        started = time.perf_counter()
        own = _task(sketch(number), preparation)
        bench.worker.study(bench.data_dir, (network,), own=own, inner_steps=case.inner_steps, channel="benchmark")
        answer = answered.wait("benchmark")
        if number:
            times.answered.append(1000 * (time.perf_counter() - started))
        if problem := answer.columns[0].problem:
            raise SystemExit(f"the network could not be adapted: {problem}")
        wait(GAP_SECONDS)
    times.processor = 1000 * (_background_seconds() - used) / count

    panel, presenter = bench.window.studio.own, bench.studio.own
    bench.window.actions_["view.adaptation"].trigger()
    bench.studio.show_own_task()
    wait_until(lambda: panel.desk is not None and presenter.settled, PATIENCE, "no network to make a task for")
    for number in range(count + 1):
        started = time.perf_counter()
        panel.set_sketch(sketch(number))
        answered.wait("own", lambda: presenter.settled)
        panel.repaint()
        if number:
            times.painted.append(1000 * (time.perf_counter() - started))
        wait(GAP_SECONDS)
    return times


def _always() -> bool:
    return True


class _Answered:
    """Lets the window live until an answer of a channel has come; it has been shown by then."""

    def __init__(self, worker: Any) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        self._loop = QEventLoop()
        self._given_up = QTimer(singleShot=True, interval=int(1000 * PATIENCE))
        self._given_up.timeout.connect(self._loop.quit)
        self._channel, self._enough = "", _always
        self._answer: Any = None
        worker.studied.connect(self._take)

    def wait(self, channel: str, enough: Callable[[], bool] = _always) -> Any:
        self._channel, self._enough, self._answer = channel, enough, None
        self._given_up.start()
        self._loop.exec()
        self._given_up.stop()
        if self._answer is None:
            raise SystemExit(f"no answer within {PATIENCE:g} s")
        return self._answer

    def _take(self, answer: Any) -> None:
        if answer.channel == self._channel and self._enough():
            self._answer = answer
            self._loop.quit()


def _background_seconds() -> float:
    """Processor time of the process that answers."""
    from metagui.hosts import INTERACTIVE_NICE

    window = psutil.Process()
    niceness = window.nice() + INTERACTIVE_NICE
    answering = [child for child in window.children(recursive=True) if child.nice() == niceness]
    return sum(child.cpu_times().user + child.cpu_times().system for child in answering)


def _sketches(config: ExperimentConfig) -> Callable[[int], Any]:
    """What a person has made after change number n."""
    from metagui.gui.studio.own.sketch import BoardSketch, Cell, CurveSketch, PointsSketch

    random = np.random.default_rng(0)

    def curve(number: int) -> CurveSketch:
        x = np.linspace(-4.5, 4.5, 10)
        y = 2 * np.sin(x) + 0.01 * number * (np.arange(10) == number % 10)
        return CurveSketch(points=tuple(zip(x.tolist(), y.tolist(), strict=True)))

    def clouds(number: int) -> PointsSketch:
        moved = np.random.default_rng(1).normal(size=(15, 2)) * 0.4
        moved[number % 15] += 0.01 * (number // 15 + 1)
        return PointsSketch(3, tuple((*spot, index % 3) for index, spot in enumerate(moved.tolist())))

    drawn = [random.random((2, 40, 2)).cumsum(axis=1) / 40 for _ in range(2 * WAYS)]

    def board(number: int) -> BoardSketch:
        redrawn = number % len(drawn)
        drawn[redrawn] = drawn[redrawn] + random.normal(scale=0.01, size=drawn[redrawn].shape)
        cells = [Cell(tuple(tuple(map(tuple, stroke.tolist())) for stroke in each)) for each in drawn]
        return BoardSketch(tuple((cell,) for cell in cells[:WAYS]), tuple(cells[WAYS:]))

    return {"regression": curve, "points": clouds, "images": board}[config.task.kind]


def _preparation(config: ExperimentConfig, data_dir: Path) -> Any:
    from metagui.datasets.ink import preparation_of
    from metagui.workspace import datasets_dir

    return preparation_of(config.task, datasets_dir(data_dir)) if config.task.kind == "images" else None


def _task(sketch: Any, preparation: Any) -> OwnTask:
    """As the panel asks for it."""
    from metagui.events import Array
    from metagui.gui.studio.own.sketch import CurveSketch, PointsSketch, curve_task, points_task
    from metagui.studio import OwnTask

    if isinstance(sketch, CurveSketch):
        return curve_task(sketch, -5, 5)
    if isinstance(sketch, PointsSketch):
        return points_task(sketch)
    support = np.stack([preparation.drawn(cell.strokes) for row in sketch.support for cell in row])
    query = np.stack([preparation.drawn(cell.strokes) for cell in sketch.queries])
    nothing = Array.of(np.zeros(0))
    return OwnTask(
        kind="images",
        title="by hand",
        support_x=Array.of(support),
        support_y=Array.of(np.arange(len(support))),
        query_x=Array.of(query),
        query_y=Array.of(np.full(len(query), -1)),
        grid=nothing,
        truth=nothing,
    )


if __name__ == "__main__":
    raise SystemExit(main())
