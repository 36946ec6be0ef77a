"""Who is asked for recordings and when, and where one is in them. The worker is a stand-in: the order of its answers
is what is at stake here; the real one answers in test_walkthrough_in_window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QObject, Signal

from metagui.config import load_preset
from metagui.errors import InvalidValueError
from metagui.events import Array, Recorded, RequestFailed
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.walkthrough_presenter import WalkthroughPresenter
from metagui.gui.walkthrough.page import WalkthroughPage

Make = Callable[..., Recorded]
SINUSOID = load_preset("sinusoid-maml").config
POINTS = load_preset("points-maml").config


class ScriptedWorker(QObject):
    recorded = Signal(object)
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []

    def record(self, config: Any, _dir: Path, walkthrough: str, n_tasks: int, **network: Any) -> int:
        self.asked.append({"config": config, "walkthrough": walkthrough, "n_tasks": n_tasks, **network})
        return len(self.asked)


class Stage:
    def __init__(self, qtbot: Any, data_dir: Path, recording: Make) -> None:
        self.worker = ScriptedWorker()
        self.page = WalkthroughPage()
        qtbot.addWidget(self.page)
        self.page.resize(1000, 600)
        self.page.show()
        self.recording = recording
        self.presenter = WalkthroughPresenter(self.worker, self.page, data_dir)  # type: ignore[arg-type]

    def answer(self, request: int = 0, **parts: Any) -> None:
        self.worker.recorded.emit(self.recording(request or len(self.worker.asked), **parts))

    def do(self, *commands: str) -> int:
        for command in commands:
            self.presenter.commands[command]()
        return self.presenter.player.position


@pytest.fixture
def stage(qtbot: Any, data_dir: Path, recording: Make) -> Stage:
    return Stage(qtbot, data_dir, recording)


@pytest.fixture
def walking(stage: Stage) -> Stage:
    """With a recording on show."""
    stage.presenter.set_experiment(SINUSOID)
    stage.presenter.activate(True)
    stage.answer()
    return stage


def test_that_nothing_is_recorded_before_the_page_is_looked_at(stage: Stage) -> None:
    stage.presenter.set_experiment(POINTS)
    assert stage.worker.asked == []
    stage.presenter.activate(True)
    assert [(asked["walkthrough"], asked["config"].task.name) for asked in stage.worker.asked] == [("maml", "points")]
    assert "Recording" in stage.page.message.title.text()
    assert not stage.presenter.can_walk
    stage.answer()
    assert stage.presenter.can_walk
    assert stage.page.columns.isVisible()


def test_that_coming_back_to_the_page_records_nothing_anew(walking: Stage) -> None:
    walking.presenter.activate(False)
    assert not walking.presenter.can_walk
    walking.presenter.activate(True)
    assert len(walking.worker.asked) == 1
    assert walking.presenter.can_walk


def test_that_an_answer_to_a_superseded_request_is_dropped(walking: Stage) -> None:
    walking.presenter.record()
    walking.presenter.record()
    walking.answer(request=2, inner_steps=4)
    assert walking.presenter.content is not None
    assert walking.presenter.content.inner_steps == 1
    walking.answer(request=3, inner_steps=2)
    assert walking.presenter.content.inner_steps == 2


def test_that_the_position_is_kept_when_numbers_change(walking: Stage) -> None:
    walking.do("walk.end", "walk.back", "walk.back", "walk.back")
    player = walking.presenter.player
    place = player.place
    walking.presenter.record()
    assert walking.page.columns.isVisible()
    walking.answer(inner_steps=3)
    assert player.place == place
    assert walking.page.source.view.current == {place[1]}  # type: ignore[index]


def test_that_every_command_moves_as_its_words_say(walking: Stage) -> None:
    assert walking.do("walk.forward") == 1
    assert walking.do("walk.into") == 2
    assert walking.do("walk.out") == 5
    assert walking.do("walk.back_over") == 1
    assert walking.do("walk.over") == 5
    assert walking.do("walk.back") == 4
    assert walking.do("walk.end") == 13
    assert walking.do("walk.start") == 0
    assert walking.do("walk.run") == 13


def test_that_a_line_chosen_in_either_text_is_run_to(walking: Stage) -> None:
    player = walking.presenter.player
    walking.page.paper_line_chosen.emit("maml", 7)
    assert player.position == 4
    walking.page.paper_line_chosen.emit("maml", 7)
    assert player.position == 11
    file, line = player.place  # type: ignore[misc]
    walking.do("walk.start")
    walking.page.source_line_chosen.emit(file, line + 1)  # within the same statement
    assert player.position == 4


def test_that_play_holds_at_a_breakpoint_and_goes_on_from_there(walking: Stage, qtbot: Any) -> None:
    transport = walking.page.transport
    transport.speed.setCurrentIndex(3)
    place = walking.presenter.content.moments[4]  # type: ignore[union-attr]
    walking.page.breakpoint_toggled.emit(place.file, place.line)
    walking.do("walk.play")
    qtbot.waitUntil(lambda: not transport.playing, timeout=10_000)
    assert walking.presenter.player.position == 4
    walking.do("walk.play")
    qtbot.waitUntil(lambda: not transport.playing, timeout=10_000)
    assert walking.presenter.player.position == 11
    walking.page.breakpoint_toggled.emit(place.file, place.line)
    walking.do("walk.play")
    qtbot.waitUntil(lambda: not transport.playing, timeout=10_000)
    assert walking.presenter.player.at_end


def test_that_leaving_the_page_ends_playing(walking: Stage) -> None:
    playing: list[bool] = []
    walking.presenter.playing_changed.connect(playing.append)
    walking.do("walk.play")
    walking.presenter.activate(False)
    assert playing == [True, False]


def test_that_a_failure_is_told_and_can_be_tried_again_at_the_same_place(walking: Stage, qtbot: Any) -> None:
    walking.do("walk.forward", "walk.forward", "walk.forward")
    place = walking.presenter.player.place
    walking.presenter.record()
    walking.worker.failed.emit(RequestFailed(request=2, message="the data are gone"))
    assert "data are gone" in walking.page.message.text.text()
    assert not walking.presenter.can_walk
    walking.page.message.button.click()
    walking.answer()
    assert walking.presenter.player.place == place
    assert walking.page.columns.isVisible()


def test_that_a_recording_of_another_textbook_is_refused_in_words(walking: Stage) -> None:
    walking.presenter.record()
    told: list[str] = []
    walking.presenter.failed.connect(told.append)
    moments = walking.presenter.content.moments  # type: ignore[union-attr]
    walking.answer(moments=(msgspec.structs.replace(moments[0], file="gone.py"),))
    assert "gone.py" in told[0]


def test_that_a_number_changed_on_the_page_is_replayed(walking: Stage, qtbot: Any) -> None:
    box = walking.page.setup._boxes["tasks"]
    with qtbot.waitSignal(walking.page.setup.changed, timeout=5000):
        box.stepBy(1)
    assert walking.worker.asked[-1]["n_tasks"] == 4


def test_that_another_walk_through_is_recorded_in_the_current_tasks(stage: Stage) -> None:
    stage.presenter.set_experiment(POINTS)
    stage.presenter.activate(True)
    stage.page.setup.kind_chosen.emit("imaml")
    asked = stage.worker.asked[-1]
    assert (asked["walkthrough"], asked["config"].algorithm.name) == ("imaml", "imaml")
    assert asked["config"].task == POINTS.task
    stage.presenter.set_experiment(SINUSOID)  # a person's choice of the algorithm stays
    assert stage.worker.asked[-1]["walkthrough"] == "imaml"


def test_that_the_network_in_training_is_taken_when_asked_for_and_not_before(walking: Stage) -> None:
    weights = {"w": Array.of([1.0])}
    walking.presenter.follow(Source(SINUSOID, 120, weights))
    assert len(walking.worker.asked) == 1
    walking.page.setup.set_network(True)
    walking.presenter.record()
    assert (walking.worker.asked[-1]["step"], walking.worker.asked[-1]["weights"]) == (120, weights)
    walking.presenter.follow(Source(SINUSOID, 0))
    walking.presenter.record()
    assert (walking.worker.asked[-1]["step"], walking.worker.asked[-1]["weights"]) == (0, {})


def test_that_a_talk_opens_a_walk_through_and_goes_to_the_visit_of_a_line(stage: Stage) -> None:
    stage.presenter.open("fomaml", {"inner_steps": 4, "seed": 7}, SINUSOID)
    asked = stage.worker.asked[-1]
    assert (asked["config"].algorithm.inner_steps, asked["config"].compute.seed) == (4, 7)
    stage.answer(inner_steps=2)
    assert stage.presenter.player.position == 0
    moment = stage.presenter.content.moments[3]  # type: ignore[union-attr]
    assert stage.presenter.go_to({(moment.file, moment.line)}, 2)
    assert stage.presenter.player.position == 5
    assert not stage.presenter.go_to({(moment.file, moment.line)}, 9)
    with pytest.raises(InvalidValueError):
        stage.presenter.open("nonsense")
    with pytest.raises(InvalidValueError):
        stage.presenter.open("maml", {"proximal_lambda": 1.0})
