"""How late the window is while training and plotting, and what the window costs the training.

The real window runs offscreen (or on a screen, where there is one) on a data folder of its own and trains a preset on
the child host. A 10 ms timer in the GUI thread notes how late it fires. Then the same preset is trained by
``metagui train`` with the same thread count; window and command take turns, and the slowing is their ratio, pair by
pair.

    python -m benchmarks.ui_lateness --preset sinusoid-maml --seconds 20 --rounds 3
    python -m benchmarks.ui_lateness --preset omniglot-maml-5w1s --datasets FOLDER-WITH-OMNIGLOT-INSTALLED
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

WARM_UP = 6.0
TIMER_MS = 10


@dataclass(frozen=True)
class Round:
    """One turn of each: lateness in milliseconds, tasks a second of training."""

    lateness: np.ndarray
    repaints: float
    window_rate: float
    command_rate: float

    @property
    def slowing(self) -> float:
        """Share of the training speed that the window costs."""
        return 1 - self.window_rate / self.command_rate


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="sinusoid-maml")
    parser.add_argument("--seconds", type=float, default=20.0, help="measured time of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--datasets", type=Path, help="data folder whose installed data sets are used")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    rounds = []
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            lateness, repaints, window_rate = measure_window(options, _data_dir(Path(folder) / "window", options))
            command_rate = measure_command(options, _data_dir(Path(folder) / "command", options))
        rounds.append(Round(lateness, repaints, window_rate, command_rate))
        p50, p95, p99 = np.percentile(lateness, [50, 95, 99])
        print(
            f"round {number + 1}: late p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms, "
            f"max {lateness.max():.0f} ms; {repaints:.0f} repaints/s; {window_rate:,.0f} tasks/s in the window, "
            f"{command_rate:,.0f} by command: {rounds[-1].slowing:+.1%} slowing",
            flush=True,
        )
    together = np.concatenate([each.lateness for each in rounds])
    p50, p95, p99 = np.percentile(together, [50, 95, 99])
    slowing = [each.slowing for each in rounds]
    print(
        f"\n{options.preset}: late p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms over {len(together):,} ticks; "
        f"slowing median {statistics.median(slowing):+.1%} ({min(slowing):+.1%} to {max(slowing):+.1%})"
    )
    return 0


def _data_dir(path: Path, options: argparse.Namespace) -> Path:
    path.mkdir(parents=True)
    if options.datasets:
        shutil.copytree(options.datasets / "datasets", path / "datasets")
    return path


def measure_window(options: argparse.Namespace, data_dir: Path) -> tuple[np.ndarray, float, float]:
    """Lateness [ms] of each tick, repaints of the upper plot a second, and tasks/s of the run."""
    from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer

    from metagui.config import apply_overrides, load_preset
    from metagui.gui.platform import make_application
    from metagui.gui.workbench import Workbench

    app = make_application()
    workbench = Workbench(app, data_dir, "dark")
    workbench.window.resize(1480, 900)
    config = apply_overrides(load_preset(options.preset).config, ["outer.steps=10000000"])
    workbench.window.form.load(config)

    lateness: list[float] = []
    clock = QElapsedTimer()
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)

    def tick() -> None:
        lateness.append(clock.nsecsElapsed() / 1e6 - TIMER_MS)
        clock.restart()

    class PaintCounter(QObject):
        count = 0

        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            self.count += event.type() == QEvent.Type.Paint
            return False

    paints = PaintCounter()
    timer.timeout.connect(tick)
    began: list[float] = []
    runs: list[str | None] = []

    def begin() -> None:
        import pyqtgraph as pg

        for plot in workbench.window.monitor.findChildren(pg.GraphicsView)[:1]:
            plot.viewport().installEventFilter(paints)
        began.append(time.time())
        runs.append(workbench.controller.current_run)
        clock.start()
        timer.start(TIMER_MS)

    workbench.open()
    workbench.start()
    QTimer.singleShot(int(WARM_UP * 1000), begin)
    # Not quit(): that asks the window, which asks the person while a run goes on.
    QTimer.singleShot(int((WARM_UP + options.seconds) * 1000), app.exit)
    app.exec()
    ended = time.time()
    timer.stop()
    (run_id,) = runs
    workbench.close()
    workbench.window.deleteLater()
    app.processEvents()
    assert run_id is not None, "the run ended before the measurement began"
    rate = _rate(data_dir, run_id, began[0], ended, config.outer.meta_batch_size)
    return np.array(lateness[1:]), paints.count / options.seconds, rate


def measure_command(options: argparse.Namespace, data_dir: Path) -> float:
    """Tasks/s of ``metagui train`` alone."""
    from metagui.config import load_preset
    from metagui.runs.store import RunStore

    command = [sys.executable, "-m", "metagui", "train", "--preset", options.preset, "--steps", "10000000"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(data_dir)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    began = time.time() + WARM_UP
    time.sleep(WARM_UP + options.seconds)
    ended = time.time()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    store = RunStore(data_dir)
    run_id = store.list()[0].id
    store.close()
    return _rate(data_dir, run_id, began, ended, load_preset(options.preset).config.outer.meta_batch_size)


def _rate(data_dir: Path, run_id: str, began: float, ended: float, meta_batch_size: int) -> float:
    """Tasks/s between two moments, by the recorded times of the steps."""
    from metagui.runs.store import RunStore

    store = RunStore(data_dir)
    steps, _, times = store.read_series(run_id, "outer_loss")
    store.close()
    inside = (times >= began) & (times <= ended)
    steps, times = steps[inside], times[inside]
    if len(steps) < 2:
        raise SystemExit(f"only {len(steps)} meta-steps fell into the measured time: measure for longer")
    return float((steps[-1] - steps[0]) / (times[-1] - times[0]) * meta_batch_size)


if __name__ == "__main__":
    raise SystemExit(main())
