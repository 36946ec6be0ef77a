"""How long a step of the walk-through takes, from the key to the redrawn page.

The real window runs offscreen (or on a screen, where there is one), the real background process records. Then the key
of each command is pressed many times; each press is timed until the window has been painted anew. On a screen the
compositor adds up to a frame, which is not measured.

    python -m benchmarks.walkthrough_stepping
    python -m benchmarks.walkthrough_stepping --walkthrough imaml --preset glyphs-maml-5w1s --size 1920x1080
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

LIMIT_MS = 50.0
PRESSES = 120


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where the 95th percentile of any command is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--walkthrough", default="imaml")
    parser.add_argument("--preset", default="sinusoid-imaml", help="whose tasks and network are walked through")
    parser.add_argument("--size", default="1600x1000", help="of the window, in pixels")
    parser.add_argument("--presses", type=int, default=PRESSES, help="of each key")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(options, Path(folder))
    print(f"{options.walkthrough} on {options.preset}, {options.size}: milliseconds from key to redrawn page")
    print(f"{'command':<16}{'median':>9}{'95 %':>9}{'worst':>9}")
    for name, times in measured.items():
        print(f"{name:<16}{np.median(times):>9.1f}{np.percentile(times, 95):>9.1f}{times.max():>9.1f}")
    late = [name for name, times in measured.items() if np.percentile(times, 95) > LIMIT_MS]
    single = sum(int((times > LIMIT_MS).sum()) for times in measured.values())
    presses = sum(times.size for times in measured.values())
    print(f"95th percentile above {LIMIT_MS:g} ms: {', '.join(late) or 'none'}")
    print(f"single presses above {LIMIT_MS:g} ms: {single} of {presses}")
    return 1 if late else 0


def measure(options: argparse.Namespace, folder: Path) -> dict[str, np.ndarray]:
    """Milliseconds of every press, by command."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from metagui.config import load_preset
    from metagui.gui.platform import make_application
    from metagui.gui.waiting import wait, wait_until
    from metagui.gui.workbench import Workbench

    app = make_application()
    bench = Workbench(app, folder, "dark")
    window, walk = bench.window, bench.walkthrough
    width, height = (int(side) for side in options.size.split("x"))
    window.resize(width, height)
    bench.open()
    try:
        window.form.load(load_preset(options.preset).config)
        window.actions_["view.walkthrough"].trigger()
        walk.open(options.walkthrough, {}, load_preset(options.preset).config)
        shown: list[bool] = []
        walk.shown.connect(lambda: shown.append(True))
        wait_until(lambda: bool(shown), 120, "no walk-through was recorded")
        wait(1.0)  # what the window does of itself after its start
        view = window.walkthrough.source.view
        view.setFocus()
        alt = Qt.KeyboardModifier.AltModifier
        plain = Qt.KeyboardModifier.NoModifier
        keys = {
            "step forward": (Qt.Key.Key_Right, plain, "walk.start"),
            "step back": (Qt.Key.Key_Left, plain, "walk.end"),
            "step over": (Qt.Key.Key_Down, alt, "walk.start"),
            "to the ends": (Qt.Key.Key_End, plain, "walk.start"),
        }
        measured = {}
        for name, (key, modifier, home) in keys.items():
            times = []
            window.actions_[home].trigger()
            app.processEvents()
            for _ in range(options.presses):
                if walk.player.at_end if home == "walk.start" else walk.player.at_start:
                    window.actions_[home].trigger()
                    app.processEvents()
                times.append(_timed(lambda k=key, m=modifier: QTest.keyClick(view, k, m), app.processEvents))
            measured[name] = np.array(times)
        return measured
    finally:
        bench.close()
        window.close_guard = lambda: True
        window.close()


def _timed(press: Callable[[], None], paint: Callable[[], None]) -> float:
    started = time.perf_counter()
    press()
    paint()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    raise SystemExit(main())
