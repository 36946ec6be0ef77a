"""Toolbar progress and status bar."""

from typing import Any

from metagui.events import Progress
from metagui.gui.progress import RunProgress
from metagui.gui.status_bar import StatusBar
from metagui.gui.theme import DARK, LIGHT


def progress(step: int = 250, eta: float | None = 80.0) -> Progress:
    return Progress(step=step, total_steps=1000, tasks_per_second=41.23, eta=eta, memory_bytes=412_000_000)


def test_that_the_toolbar_says_how_far_and_how_long(qtbot: Any) -> None:
    shown = RunProgress()
    qtbot.addWidget(shown)
    shown.show_progress("r-0001 · MAML", progress())
    assert shown.text == "r-0001 · MAML 25% · 1 min 20 s left"
    assert shown.bar.value() / shown.bar.maximum() == 0.25
    shown.show_progress("r-0001 · MAML", progress(eta=None))
    assert "left" not in shown.text
    shown.show_idle()
    assert shown.text == ""
    assert not shown.bar.isVisibleTo(shown)


def test_that_the_foot_gives_speed_step_time_and_memory(qtbot: Any) -> None:
    bar = StatusBar(DARK)
    qtbot.addWidget(bar)
    bar.show_progress(progress())
    for figure in ("41.2 tasks/s", "meta-step 250 of 1,000", "1 min 20 s left", "412 MB"):
        assert figure in bar.figures
    bar.clear_figures()
    assert "tasks/s" not in bar.figures


def test_that_the_engines_health_is_a_word_as_well_as_a_colour(qtbot: Any) -> None:
    bar = StatusBar(DARK)
    qtbot.addWidget(bar)
    bar.set_health("ready")
    assert DARK.good in bar.figures
    assert "engine ready" in bar.figures
    bar.set_theme(LIGHT)
    assert LIGHT.good in bar.figures
    bar.set_health("lost")
    assert "restarting" in bar.figures
