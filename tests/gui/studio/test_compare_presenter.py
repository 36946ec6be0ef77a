"""Whom the comparison asks about, and when: a person first, then verdicts, then newer weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from metagui.config import load_preset
from metagui.demos import Demo, Measured
from metagui.events import Array, Column, OwnTask
from metagui.gui.presenters import studio_contenders, studio_line, studio_verdicts
from metagui.gui.presenters.adaptation_presenter import Source
from metagui.gui.presenters.studio_compare import ComparePresenter
from metagui.gui.presenters.studio_contenders import Contenders
from metagui.gui.studio.compare.panel import ComparePanel
from metagui.runs.store import RunStore

SINUSOID = load_preset("sinusoid-maml").config
JOINT = load_preset("sinusoid-joint").config
POINTS = load_preset("points-maml").config


@pytest.fixture
def store(data_dir: Path) -> Iterator[RunStore]:
    with RunStore(data_dir) as opened:
        yield opened


class Scene:
    def __init__(self, store: RunStore, worker: Any, data_dir: Path, qtbot: Any) -> None:
        self.store, self.worker = store, worker
        self.panel = ComparePanel()
        qtbot.addWidget(self.panel)
        self.panel.show()
        self.presenter = ComparePresenter(store, worker, self.panel, data_dir)

    @property
    def titles(self) -> list[str]:
        return [network.title for network in self.worker.studies[max(self.worker.studies)][0]]


@pytest.fixture
def scene(store: RunStore, worker: Any, data_dir: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(studio_line, "GAP_MS", 5)
    monkeypatch.setattr(studio_contenders, "demo_names", list)
    return Scene(store, worker, data_dir, qtbot)


def test_that_nothing_is_asked_before_it_is_on_show(scene: Scene) -> None:
    scene.presenter.follow(Source(SINUSOID, 5))
    assert not scene.worker.studies
    scene.presenter.activate(True)
    assert scene.titles == ["MAML", "Random start"]


def test_that_every_column_is_judged_once_they_are_on_show(scene: Scene, column: Callable[..., Column]) -> None:
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    scene.worker.answer(column(), column())
    assert len(scene.worker.evaluations) == 1, "one at a time"
    assert "Judging" in scene.panel.columns[0].verdict.text()
    scene.worker.judge(0.25)
    assert "0.250" in scene.panel.columns[0].verdict.text()
    scene.worker.judge(4.0)
    assert "4.00" in scene.panel.columns[1].verdict.text()
    assert scene.presenter.settled


def test_that_a_person_is_answered_before_a_verdict_is(scene: Scene, column: Callable[..., Column]) -> None:
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    scene.worker.answer(column(), column())
    judging = scene.worker.last
    scene.panel.tasks_requested.emit((3,))
    assert scene.worker.cancelled == [judging]
    assert scene.worker.studies[scene.worker.last][1] == (3,)
    scene.worker.answer(column(tasks=(3,)), column(tasks=(3,)))
    assert len(scene.worker.evaluations) == 2, "the verdict is asked for again"


def test_that_newer_weights_wait_for_the_verdict_in_progress(
    scene: Scene, column: Callable[..., Column], qtbot: Any
) -> None:
    scene.presenter.follow(Source(SINUSOID, 5, run_id="r-0001"))
    scene.presenter.activate(True)
    scene.worker.answer(column(), column())
    studies = len(scene.worker.studies)
    for step in (6, 7):
        scene.presenter.follow(Source(SINUSOID, step, run_id="r-0001"))
    assert len(scene.worker.studies) == studies
    scene.worker.judge()
    qtbot.waitUntil(lambda: len(scene.worker.studies) == studies + 1)
    assert scene.worker.studies[max(scene.worker.studies)][0][0].step == 7
    assert "meta-step 7" in scene.panel.columns[0].detail.text()


def test_that_columns_come_from_the_runs_and_go_by_their_cross(
    scene: Scene, column: Callable[..., Column], add_checkpoint: Callable[..., Path]
) -> None:
    joint = scene.store.create(JOINT).id
    add_checkpoint(scene.store, joint, 500)
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    assert scene.titles == ["MAML", "Random start", "Jointly pretrained"]
    scene.presenter.remove("random")
    assert scene.titles == ["MAML", "Jointly pretrained"]
    assert scene.worker.studies[scene.worker.last][0][1].checkpoint.endswith("step-00000500.safetensors")
    scene.presenter.add(f"run:{joint}:start")
    assert scene.titles == ["MAML", "Jointly pretrained", "Joint pretraining"]
    assert scene.panel.columns[2].detail.text() == f"{joint} · before training"


def test_that_a_late_answer_about_other_columns_is_not_shown(scene: Scene, column: Callable[..., Column]) -> None:
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    early = scene.worker.last
    scene.presenter.remove("random")
    scene.worker.answer(column(), column(), request=early)
    assert not scene.panel.columns[0].answered


def test_that_a_checkpoint_that_is_gone_is_told_and_adds_nothing(
    scene: Scene, add_checkpoint: Callable[..., Path]
) -> None:
    run_id = scene.store.create(SINUSOID).id
    add_checkpoint(scene.store, run_id, 100).unlink()
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    scene.presenter.add(f"run:{run_id}:100")
    assert "no longer has this checkpoint" in scene.panel.summary.text()
    scene.presenter.add("run:r-0099:last")
    assert "r-0099" in scene.panel.summary.text()
    assert len(scene.panel.columns) == 2


def test_that_other_tasks_begin_another_comparison(scene: Scene, column: Callable[..., Column]) -> None:
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    scene.presenter.remove("random")
    scene.presenter.follow(Source(POINTS, 5))
    assert scene.titles == ["MAML", "Random start"]
    assert scene.worker.studies[scene.worker.last][0][0].config["task"]["name"] == "points"


def test_that_exactly_these_networks_can_be_put_side_by_side(scene: Scene) -> None:
    scene.presenter.follow(Source(POINTS, 5))
    scene.presenter.show_exactly([("iMAML", Source(SINUSOID, 10)), ("Joint", Source(JOINT, 20))])
    scene.presenter.activate(True)
    assert scene.titles == ["iMAML", "Joint"]
    scene.presenter.follow(Source(SINUSOID, 10))
    assert scene.titles == ["iMAML", "Joint"]


def test_that_a_failed_verdict_is_told_and_the_others_go_on(scene: Scene, column: Callable[..., Column]) -> None:
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    scene.worker.answer(column(), column())
    scene.worker.fail("the checkpoint is damaged")
    assert "damaged" in scene.panel.columns[0].verdict.text()
    scene.worker.judge(1.5)
    assert "1.50" in scene.panel.columns[1].verdict.text()


def test_that_leaving_the_page_ends_what_it_asked_for(scene: Scene, column: Callable[..., Column]) -> None:
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    scene.worker.answer(column(), column())
    scene.presenter.activate(False)
    assert scene.worker.cancelled == [scene.worker.last]
    assert scene.presenter.settled


def test_that_only_runs_of_the_same_tasks_are_offered(
    store: RunStore, add_checkpoint: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_contenders, "demo_names", list)
    same, other = store.create(SINUSOID).id, store.create(POINTS).id
    for run_id in (same, other):
        for step, best in ((100, True), (200, False)):
            add_checkpoint(store, run_id, step, best)
    offers = Contenders(store).offers(Source(SINUSOID, 5), {"shown"})
    keys = [offer.key for offer in offers]
    assert keys == ["random", "joint", "protonet", f"run:{same}:last", f"run:{same}:start", f"run:{same}:100"]
    assert [offer.why_not for offer in offers[:3]] == ["", "train a run with it first", "not for regression"]
    assert "best" in offers[-1].text


def test_that_a_demonstration_stands_in_for_a_baseline(
    store: RunStore, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = Measured(step=300, metric="mse", mean=3.0, ci95=0.1, n_tasks=100, inner_steps=10)
    demo = Demo("sinusoid-joint", "Sine waves · joint", "", (), JOINT, data_dir / "joint.safetensors", "", measured)
    monkeypatch.setattr(studio_contenders, "demo_names", lambda: ["sinusoid-joint"])
    monkeypatch.setattr(studio_contenders, "load_demo", lambda _name: demo)
    contenders = Contenders(store)
    shown = Source(SINUSOID, 5)
    assert contenders.usual(shown) == ["shown", "random", "joint"]
    assert contenders.entry("joint", shown).source.checkpoint.endswith("joint.safetensors")
    assert [offer.key for offer in contenders.offers(shown, {"shown", "joint"})][-1] == "demo:sinusoid-joint"
    assert contenders.usual(Source(POINTS, 5)) == ["shown", "random"]


def test_that_a_run_with_other_tasks_cannot_be_added(scene: Scene, add_checkpoint: Callable[..., Path]) -> None:
    points = scene.store.create(POINTS).id
    add_checkpoint(scene.store, points, 100)
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    scene.presenter.add(f"run:{points}:last")
    assert "learned other tasks" in scene.panel.summary.text()
    assert len(scene.panel.columns) == 2


def test_that_a_network_in_training_is_judged_now_and_then(
    scene: Scene, column: Callable[..., Column], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_verdicts, "FRESH_SECONDS", 0.3)
    scene.presenter.follow(Source(SINUSOID, 5, run_id="r-0001"))
    scene.presenter.activate(True)
    scene.presenter.remove("random")
    scene.worker.answer(column())
    scene.worker.judge(2.0)
    studies = len(scene.worker.studies)
    scene.presenter.follow(Source(SINUSOID, 6, run_id="r-0001"))
    qtbot.waitUntil(lambda: len(scene.worker.studies) == studies + 1)
    scene.worker.answer(column())
    assert len(scene.worker.evaluations) == 1, "the verdict is still fresh"
    assert "2.00" in scene.panel.columns[0].verdict.text()
    qtbot.waitUntil(lambda: len(scene.worker.evaluations) == 2)
    scene.worker.judge(1.0)
    assert "1.00" in scene.panel.columns[0].verdict.text()


def test_that_ones_own_task_can_be_put_to_all_columns(scene: Scene, column: Callable[..., Column], qtbot: Any) -> None:
    nothing = Array.of(np.zeros(0))
    own = OwnTask(
        kind="regression",
        title="mine",
        support_x=nothing,
        support_y=nothing,
        query_x=nothing,
        query_y=nothing,
        grid=nothing,
        truth=nothing,
    )
    scene.presenter.own_task = lambda source: own if source.config.task.kind == own.kind else None
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.activate(True)
    assert not scene.panel.own.isHidden()
    assert scene.worker.owns[scene.worker.last] is None
    QTest.mouseClick(scene.panel.own, Qt.MouseButton.LeftButton)
    assert scene.worker.owns[scene.worker.last] is own
    scene.worker.answer(column(), column())
    assert "your own task" in scene.panel.summary.text()
    scene.panel.tasks_requested.emit((3,))
    assert scene.worker.owns[scene.worker.last] is None
    assert not scene.panel.own.isChecked()
    scene.presenter.follow(Source(POINTS, 5))
    assert scene.panel.own.isHidden()


def test_that_a_run_can_be_added_before_the_comparison_was_ever_on_show(
    scene: Scene, add_checkpoint: Callable[..., Path]
) -> None:
    run_id = scene.store.create(SINUSOID).id
    add_checkpoint(scene.store, run_id, 100)
    scene.presenter.follow(Source(SINUSOID, 5))
    scene.presenter.add(f"run:{run_id}:last")
    scene.presenter.activate(True)
    assert scene.presenter.keys == ["shown", "random", f"run:{run_id}:last"]
