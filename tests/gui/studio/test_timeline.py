"""Choosing among the networks of a run: the slider, playing, what the store still has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest

from metagui.config import load_preset
from metagui.events import Array, WeightsSnapshot
from metagui.gui.presenters import studio_timeline
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.studio_timeline import Snapshots, TimelinePresenter
from metagui.gui.studio import timeline as timeline_module
from metagui.gui.studio.timeline import Moment, Timeline
from metagui.runs.store import RunStore

CONFIG = load_preset("sinusoid-maml").config
MOMENTS = (Moment(0, "start"), Moment(50, "snapshot"), Moment(100, "checkpoint"))


class Controller(QObject):
    run_started = Signal(str, object)
    event = Signal(str, object)


@pytest.fixture
def store(data_dir: Path) -> Iterator[RunStore]:
    with RunStore(data_dir) as opened:
        yield opened


@pytest.fixture
def timeline(qtbot: Any) -> Timeline:
    widget = Timeline()
    qtbot.addWidget(widget)
    widget.resize(700, 30)
    widget.show()
    return widget


class Scene:
    def __init__(self, store: RunStore, timeline: Timeline) -> None:
        self.store, self.timeline = store, timeline
        self.run_id = store.create(CONFIG).id
        self.controller = Controller()
        self.presenter = TimelinePresenter(store, self.controller, timeline)  # type: ignore[arg-type]
        self.chosen: list[tuple[int, str, bool]] = []
        self.presenter.chosen.connect(lambda s, by: self.chosen.append((s.step, Path(s.checkpoint).name, by)))

    def train_to(self, step: int) -> None:
        weights = {"w": Array.of(np.full(3, step, dtype=np.float32))}
        self.controller.event.emit(self.run_id, WeightsSnapshot(step=step, weights=weights))
        self.presenter.follow(Source(CONFIG, step, weights, run_id=self.run_id))

    @property
    def steps(self) -> list[int]:
        return [moment.step for moment in self.timeline.slider.moments]


@pytest.fixture
def scene(store: RunStore, timeline: Timeline) -> Scene:
    return Scene(store, timeline)


def test_that_a_stop_can_be_clicked_and_an_arrow_goes_to_the_one_before(timeline: Timeline, qtbot: Any) -> None:
    timeline.set_moments(MOMENTS, None)
    assert timeline.following
    assert "newest" in timeline.caption.text()
    slider = timeline.slider
    place = slider.rect().center()
    place.setX(round(slider.position_of(1)))
    with qtbot.waitSignal(timeline.moment_chosen) as caught:
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=place)
    assert caught.args == [1]
    assert "meta-step 50" in timeline.caption.text()
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert timeline.place == 0
    assert "before training" in timeline.caption.text()


def test_that_playing_begins_anew_and_holds_at_the_newest(
    timeline: Timeline, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timeline_module._PLAY_MS > 0
    timeline._timer.setInterval(5)
    timeline.set_moments(MOMENTS, None)
    seen: list[int] = []
    timeline.moment_chosen.connect(seen.append)
    timeline.play.setChecked(True)
    qtbot.waitUntil(lambda: not timeline.play.isChecked())
    assert seen == [0, 1, 2]


def test_that_one_network_alone_is_no_timeline(timeline: Timeline) -> None:
    timeline.set_moments((Moment(0, "start"),), None)
    assert not timeline.isVisible()


def test_that_it_follows_training_unless_an_earlier_network_was_chosen(scene: Scene) -> None:
    scene.controller.run_started.emit(scene.run_id, CONFIG)
    for step in (10, 20):
        scene.train_to(step)
    assert scene.steps == [0, 10, 20]
    assert scene.chosen == [(10, "", False), (20, "", False)]
    scene.timeline.slider.setValue(1)
    assert scene.chosen[-1] == (10, "", True)
    scene.train_to(30)
    assert scene.chosen[-1] == (10, "", True), "the choice stays"
    assert scene.steps == [0, 10, 20, 30]
    assert scene.timeline.place == 1
    scene.timeline.slider.setValue(3)
    scene.train_to(40)
    assert scene.chosen[-1] == (40, "", False)


def test_that_stored_checkpoints_are_offered_and_those_whose_file_is_gone_are_not(
    scene: Scene, add_checkpoint: Callable[..., Path]
) -> None:
    gone = add_checkpoint(scene.store, scene.run_id, 100)
    add_checkpoint(scene.store, scene.run_id, 200)
    last = add_checkpoint(scene.store, scene.run_id, 300)
    gone.unlink()
    scene.presenter.follow(Source(CONFIG, 300, checkpoint=str(last), run_id=scene.run_id))
    assert scene.steps == [0, 200, 300]
    scene.timeline.slider.setValue(1)
    assert scene.chosen[-1] == (200, "step-00000200.safetensors", True)


def test_that_a_run_that_is_gone_is_told(scene: Scene) -> None:
    scene.presenter.follow(Source(CONFIG, 300, checkpoint="x.safetensors", run_id="r-0099"))
    assert "r-0099" in scene.timeline.caption.text()
    assert scene.chosen == [(300, "x.safetensors", False)]


def test_that_snapshots_are_thinned_and_the_newest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_timeline, "MOST_SNAPSHOTS", 10)
    snapshots = Snapshots()
    snapshots.begin("r-0001")
    for step in range(1, 100):
        snapshots.add(Source(CONFIG, step))
        assert len(snapshots.sources) <= 10
        assert snapshots.sources[-1].step == step
    assert snapshots.sources[0].step == 1
    monkeypatch.setattr(studio_timeline, "MOST_BYTES", 5000)
    big = {"w": Array.of(np.zeros(500, dtype=np.float32))}
    for step in range(100, 110):
        snapshots.add(Source(CONFIG, step, big))
    assert snapshots.bytes <= 5000


def test_that_a_network_without_a_run_can_be_seen_before_its_training(scene: Scene) -> None:
    scene.presenter.follow(Source(CONFIG, 3000, checkpoint="demo.safetensors"))
    assert scene.steps == [0, 3000]
    scene.timeline.slider.setValue(0)
    assert scene.chosen[-1] == (0, "", True)
    scene.presenter.follow(Source(CONFIG, 0))
    assert scene.steps == [0], "a network without training has no timeline"
