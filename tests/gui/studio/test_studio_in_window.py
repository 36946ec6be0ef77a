"""The studio in the real window with the real worker: every mode answers, and a killed worker costs nothing shown."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from metagui.config import load_preset
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.studio_verdicts import N_TASKS
from metagui.gui.workbench import Workbench

Open = Callable[..., Workbench]

pytestmark = pytest.mark.slow

PATIENCE = 60_000


@pytest.fixture
def bench(open_workbench: Open, qtbot: Any) -> Workbench:
    """On the studio's page, with an untrained network on sinusoids."""
    bench = open_workbench(worker=True)
    bench.window.form.load(load_preset("sinusoid-imaml").config)
    bench.window.show_adaptation()
    qtbot.waitUntil(lambda: bench.studio.held_out.settled and bench.window.adaptation.board.shown > 0, timeout=PATIENCE)
    return bench


def test_that_each_mode_answers_and_shows_what_the_engine_made(bench: Workbench, qtbot: Any) -> None:
    studio = bench.window.studio
    panel = studio.held_out
    assert panel.inner.pulls_figure.isVisible(), "iMAML pulls both ways"
    assert panel.inner.movement.names
    panel.steps.choose(100)
    qtbot.waitUntil(lambda: panel.board.steps == 100, timeout=PATIENCE)

    studio.show_mode(studio.compare)
    columns = studio.compare.columns
    assert [column.contender.key for column in columns][:2] == ["shown", "random"]
    qtbot.waitUntil(
        lambda: all(str(N_TASKS) + " tasks" in column.verdict.text() for column in columns), timeout=PATIENCE
    )
    assert all(column.series is not None for column in columns)
    shown, random = (column.series for column in columns[:2])
    assert shown is not None
    assert random is not None
    assert shown.query_loss == pytest.approx(random.query_loss), "an untrained network is a random start"

    studio.show_mode(studio.inside)
    qtbot.waitUntil(lambda: studio.inside.figures[0].isVisible(), timeout=PATIENCE)
    assert studio.inside.change.names == panel.inner.movement.names
    qtbot.waitUntil(lambda: bench.studio.inside.settled, timeout=PATIENCE)


def test_that_a_worker_killed_in_the_middle_is_started_again_and_what_is_shown_stays(
    bench: Workbench, qtbot: Any
) -> None:
    panel = bench.window.adaptation
    (process,) = psutil.Process().children()
    process.send_signal(signal.SIGSTOP)  # so that it dies with the question unanswered
    panel.steps.choose(50)
    process.send_signal(signal.SIGKILL)
    process.send_signal(signal.SIGCONT)
    qtbot.waitSignal(bench.worker.restarted, timeout=PATIENCE)
    assert panel.board.shown > 0
    assert not panel.board.message
    qtbot.waitUntil(lambda: panel.board.steps == 50, timeout=PATIENCE)
    assert bench.studio.held_out.settled


def test_that_a_run_deleted_while_shown_is_told_and_what_is_shown_stays(bench: Workbench, qtbot: Any) -> None:
    panel = bench.window.adaptation
    config = load_preset("sinusoid-imaml").config
    gone = bench.data_dir / "runs" / "r-0042" / "checkpoints" / "step-00000100.safetensors"
    bench.adaptation.show(Source(config, 100, checkpoint=str(gone), run_id="r-0042"))
    qtbot.waitUntil(panel.trouble.isVisible, timeout=PATIENCE)
    assert "r-0042" in panel.trouble.text() or gone.name in panel.trouble.text()
    assert panel.board.shown > 0
    assert "r-0042" in panel.timeline.caption.text()
