"""Drives the real window in a process of its own, as a person would: ``window_driver.py SCENARIO DATA_DIR``.

Prints one JSON object: the pids of all workers that were seen, and whether torch was ever imported here. A process
of its own, because only there "the window never imports torch" can be seen, and what is left behind by its end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import psutil
from person import Person
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from metagui.gui import app as gui_app
from metagui.gui.platform import make_application
from metagui.gui.waiting import wait


def whole_way(data_dir: Path) -> None:
    """Choose iMAML, set λ and the inner steps, start, watch, pause, step, go on, adapt, stop, close."""
    with Person(data_dir) as person:
        window = person.window
        person.choose("algorithm", "iMAML")
        fitting = window.form.picker.fitting
        assert fitting.text() == "Use the preset Sinusoid · iMAML"
        QTest.mouseClick(fitting, Qt.MouseButton.LeftButton)  # with the rates of a preset for MAML it diverges in time
        assert not fitting.isVisible()
        person.write("outer.steps", "1000000")
        person.write("algorithm.proximal_lambda", "1.5")
        person.write("algorithm.inner_steps", "3")
        person.write("outer.meta_batch_size", "4")
        config = window.form.config()
        assert config is not None, window.form.problem_text()
        assert config.algorithm.name == "imaml"
        assert config.algorithm.proximal_lambda == 1.5
        assert config.algorithm.inner_steps == 3

        person.press("run.start")
        assert person.state() == "starting"
        assert "engine" in window.status.state.lower()
        person.until(lambda: min(person.drawn()) > 10, "no points arrived in both plots")
        assert {"inner_loss/0", "inner_loss/3", "proximal/3"} <= set(window.monitor.current.series)
        before = person.drawn()
        person.until(lambda: min(person.drawn()) > max(before), "the points stopped coming")
        person.until(lambda: any(answer.step > 0 for answer in person.adapted), "no adaptation of the trained network")
        assert window.strip.isVisible()
        strip = window.strip.grab().toImage()

        person.press("run.pause")
        person.until(lambda: person.state() == "paused", "it did not pause")
        assert window.status.state.startswith("Paused after"), window.status.state
        wait(0.3)
        held, pauses = person.points, len(person.pauses)
        wait(0.5)
        assert person.points == held, "points arrived while it held"

        for unit in ("inner_step", "task", "meta_update"):
            command = {"inner_step": "run.step_inner", "task": "run.step_task", "meta_update": "run.step_update"}[unit]
            window.actions_[command].trigger()
            pauses += 1
            person.until(lambda n=pauses: len(person.pauses) >= n, f"it did not step by one {unit}")
        assert person.pauses[-1].unit == "meta_update"
        assert window.status.state == f"Paused after meta-step {person.pauses[-1].step:,}"

        answers = len(person.adapted)
        person.press("run.resume")
        person.until(lambda: person.points > held, "no points after going on")
        person.until(lambda: len(person.adapted) > answers + 1, "the adaptation view was not refreshed")
        wait(0.2)
        assert window.strip.grab().toImage() != strip, "the adaptation strip looks as before"
        window.actions_["view.adaptation"].trigger()
        person.until(lambda: bool(person.studied), "no held-out tasks in the studio")
        first = window.adaptation.grab().toImage()
        answers = len(person.studied)
        person.until(lambda: len(person.studied) > answers + 1, "the adaptation page was not refreshed")
        wait(0.2)
        assert window.adaptation.grab().toImage() != first, "the adaptation page looks as before"

        person.press("run.stop")
        person.until(lambda: person.state() == "idle", "it did not stop")
        run_id = person.ends[0][0]
        assert person.ends[0][1] == "stopped", person.ends
        wait(0.5)
        row = window.runs.model.row_of(run_id)
        assert row is not None
        assert (row.status, row.algorithm) == ("stopped", "iMAML")
        window.close()
        assert not window.isVisible()


def close_during_run(data_dir: Path) -> None:
    """Close while it trains: asked once, cancelled, asked again, saved, offered at the next start."""
    with Person(data_dir) as person:
        run_id = person.start_small_run()
        person.window.close()
        question = person.bench.closing.question
        assert question is not None
        assert person.window.isVisible()
        person.window.close()
        assert person.bench.closing.question is question, "asked twice"
        _click(question, "Cancel")
        wait(0.3)
        assert person.state() == "running"
        person.window.close()
        question = person.bench.closing.question
        assert question is not None
        _click(question, "Stop and save")
        person.until(lambda: not person.window.isVisible(), "the window did not close")
        assert person.ends[0][:2] == (run_id, "stopped"), person.ends
        assert person.bench.store.latest_checkpoint(run_id) is not None


def continue_at_next_start(data_dir: Path) -> None:
    """The offer of the banner is taken: the run goes on where it was, its curve without a zigzag."""
    with Person(data_dir) as person:
        banner = person.window.banners.banners[0]
        assert "was interrupted" in banner.text
        record = person.bench.store.list()[0]
        _click(banner, "Continue")
        person.until(lambda: person.points > 3, "the run did not go on")
        series = person.window.monitor.current.series["outer_loss"]
        steps = series.steps
        assert (steps[1:] > steps[:-1]).all(), "the curve runs back"
        assert steps[0] <= 2
        assert steps[-1] > record.step
        person.press("run.stop")
        person.until(lambda: person.state() == "idle", "it did not stop")
        person.window.close()


def killed_worker(data_dir: Path) -> None:
    """kill -9 of the training process: the window says so, lives on and can go on from the checkpoint."""
    with Person(data_dir) as person:
        run_id = person.start_small_run()
        person.press("run.pause")  # a pause saves, so that there is something to go on from
        person.until(lambda: person.state() == "paused", "it did not pause")
        person.run_process().send_signal(signal.SIGKILL)
        person.until(lambda: person.state() == "idle", "the end of the worker was not noticed")
        banner = person.window.banners.banners[0]
        assert banner.severity == "error"
        assert run_id in banner.text
        assert "crashed" in banner.text
        wait(0.4)
        row = person.window.runs.model.row_of(run_id)
        assert row is not None
        assert row.status == "crashed"
        assert person.window.actions_["run.start"].isEnabled()
        seen = person.points
        _click(banner, "Continue")
        person.until(lambda: person.points > seen, "it did not go on from the checkpoint")
        person.press("run.stop")
        person.until(lambda: person.state() == "idle", "it did not stop")
        person.window.close()


def killed_helper(data_dir: Path) -> None:
    """kill -9 of the warm worker: it is started again, and adaptation comes back."""
    with Person(data_dir) as person:
        person.until(lambda: person.window.status.health == "ready", "the warm worker did not come up")
        psutil.Process().children()[0].send_signal(signal.SIGKILL)
        person.until(lambda: bool(person.window.banners.banners), "its death was not told")
        assert "not affected" in person.window.banners.banners[0].text
        person.until(lambda: person.window.status.health == "ready", "it was not started again")
        seen = len(person.adapted)
        person.choose("algorithm", "Reptile")
        person.until(lambda: len(person.adapted) > seen, "nothing was adapted any more")
        person.window.close()


def terminated(data_dir: Path) -> None:
    """SIGTERM to the program itself while it trains, under the real run_app."""
    make_application()
    seen: dict[str, object] = {}

    def drive() -> None:
        bench = next(w for w in QApplication.topLevelWidgets() if w.objectName() == "main")
        seen["window"] = bench
        bench.actions_["run.start"].trigger()  # type: ignore[attr-defined]
        poll.start(50)

    def kill_once_it_runs() -> None:
        text = seen["window"].status.figures  # type: ignore[attr-defined]
        if "tasks/s" in text:
            poll.stop()
            seen["workers"] = [child.pid for child in psutil.Process().children(recursive=True)]
            os.kill(os.getpid(), signal.SIGTERM)

    poll = QTimer()
    poll.timeout.connect(kill_once_it_runs)
    QTimer.singleShot(0, drive)
    code = gui_app.run_app(data_dir, "dark")
    print(json.dumps({"workers": seen["workers"], "torch": "torch" in sys.modules, "code": code}))


def _click(place: QWidget, text: str) -> None:
    button = next(button for button in place.findChildren(QPushButton) if text in button.text().replace("&", ""))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (whole_way, close_during_run, continue_at_next_start, killed_worker, killed_helper, terminated)
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]](Path(sys.argv[2]))
