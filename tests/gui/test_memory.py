"""Memory in the window: what an experiment would need, and what a run holds."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from metagui.config import apply_overrides, load_preset
from metagui.events import MemoryEstimated, Progress
from metagui.gui.form.memory_line import MemoryLine
from metagui.gui.gauge import Gauge
from metagui.gui.status_bar import StatusBar
from metagui.gui.theme import DARK

GB = 10**9


def _answer(needed: float, verdict: str) -> MemoryEstimated:
    message = f"Needs about {needed} GB of memory. Lower the meta-batch."
    return MemoryEstimated(
        request=1, needed=int(needed * GB), available=8 * GB, total=16 * GB, verdict=verdict, message=message
    )


@pytest.mark.parametrize(("share", "colour"), [(0.1, DARK.accent), (0.8, DARK.warning), (1.4, DARK.bad)])
def test_that_a_gauge_warns_as_it_fills(qtbot: QtBot, share: float, colour: str) -> None:
    gauge = Gauge()
    qtbot.addWidget(gauge)
    gauge.set_theme(DARK)
    gauge.resize(gauge.sizeHint())
    gauge.show_share(share)
    image = gauge.grab().toImage()
    assert image.pixelColor(3, 3).name() == colour
    assert (image.pixelColor(58, 3).name() == colour) == (share >= 1)


def test_that_a_gauge_is_empty_while_nothing_is_known(qtbot: QtBot) -> None:
    gauge = Gauge()
    qtbot.addWidget(gauge)
    gauge.resize(gauge.sizeHint())
    assert gauge.grab().toImage().pixelColor(3, 3).name() == DARK.line


def test_that_the_line_tells_what_is_needed_and_refuses_only_what_cannot_fit(qtbot: QtBot) -> None:
    line = MemoryLine()
    qtbot.addWidget(line)
    assert line.text == "estimating…"
    line.show_answer(_answer(0.4, "fits"))
    assert line.text == "about 400 MB of 16.0 GB"
    line.show_answer(_answer(9, "tight"))
    assert line.text == "about 9.0 GB, 8.0 GB free"
    assert line.refusal == ""
    assert "Lower the meta-batch" in line.toolTip()
    line.show_answer(_answer(99, "impossible"))
    assert line.refusal.startswith("Needs about 99 GB")
    line.show_waiting()  # another experiment is not refused for what this one needs
    assert line.refusal == ""
    assert line.text == "about 99.0 GB, too much"
    line.show_unknown()
    assert line.text == "not known"


def test_that_the_status_bar_gauges_what_a_run_holds(qtbot: QtBot) -> None:
    bar = StatusBar(DARK)
    qtbot.addWidget(bar)
    progress = Progress(step=1, total_steps=10, tasks_per_second=1, eta=None, memory_bytes=4 * GB, memory_total=16 * GB)
    bar.show_progress(progress)
    assert "4.0 GB of 16.0 GB" in bar.figures
    assert bar.findChild(Gauge).share == 0.25
    bar.clear_figures()
    assert "GB" not in bar.figures
    assert bar.findChild(Gauge).isHidden()


def test_that_a_refusal_keeps_start_from_being_pressed_until_the_experiment_is_smaller(open_workbench) -> None:
    bench = open_workbench()
    start = bench.window.actions_["run.start"]
    assert start.isEnabled()
    bench.memory._request = 1
    bench.worker.estimated.emit(_answer(99, "impossible"))
    assert not start.isEnabled()
    assert "Needs about 99 GB" in bench.window.form.problem_text()
    bench.window.form.load(apply_overrides(load_preset("sinusoid-maml").config, ["outer.meta_batch_size=3"]))
    assert start.isEnabled()


def test_that_a_late_answer_to_an_earlier_experiment_is_dropped(open_workbench) -> None:
    bench = open_workbench()
    bench.memory._request = 2
    bench.worker.estimated.emit(_answer(99, "impossible"))
    assert bench.window.form.problem_text() == ""


@pytest.mark.slow
def test_that_the_form_is_answered_by_the_real_worker(qtbot: QtBot, open_workbench) -> None:
    bench = open_workbench(worker=True)
    qtbot.waitUntil(lambda: bench.window.form.memory.text.startswith("about "), timeout=60_000)
    first = bench.window.form.memory.text
    large = ["outer.meta_batch_size=2000", "model.hidden=[400,400]"]
    bench.window.form.load(apply_overrides(load_preset("sinusoid-maml").config, large))
    qtbot.waitUntil(lambda: bench.window.form.memory.text != first, timeout=60_000)
    assert "GB" in bench.window.form.memory.text
