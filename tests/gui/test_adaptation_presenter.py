"""Who is asked what and when. The worker is a stand-in: the order of its answers is what is at stake here; the real
one answers in tests/e2e."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from metagui.config import load_preset
from metagui.events import Adaptation, Adapted, Array, RequestFailed
from metagui.gui.adaptation.page import AdaptationPage
from metagui.gui.adaptation.strip import AdaptationStrip
from metagui.gui.presenters import adaptation_presenter
from metagui.gui.presenters.adaptation_presenter import AdaptationPresenter, Source

SINUSOID = load_preset("sinusoid-maml").config
POINTS = load_preset("points-maml").config


class ScriptedWorker(QObject):
    adapted = Signal(object)
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, tuple[int, ...], str]] = []

    def adapt(self, config: Any, _dir: Path, step: int, tasks: tuple[int, ...], _weights: Any, checkpoint: str) -> int:
        self.asked.append((step, tasks, checkpoint))
        return len(self.asked)

    def answer(self, request: int, tasks: tuple[int, ...] = (0, 1, 2, 3)) -> None:
        step = self.asked[request - 1][0]
        self.adapted.emit(Adapted(request=request, step=step, tasks=tuple(curve(task) for task in tasks)))


def curve(task: int) -> Adaptation:
    grid, nothing = Array.of([0.0, 1.0, 2.0]), Array.of([0.0][:0])
    return Adaptation(
        task=task,
        kind="regression",
        title=f"task {task}",
        class_names=(),
        grid=grid,
        truth=grid,
        predictions=Array.of([[0.0, 0.0, 0.0], [0.0, 0.5, 1.0]]),
        support_x=Array.of([0.5]),
        support_y=Array.of([0.5]),
        query_x=Array.of([1.5]),
        query_y=Array.of([1.5]),
        support_loss=Array.of([1.0, 0.5]),
        query_loss=Array.of([2.0, 1.0]),
        query_accuracy=nothing,
    )


class Stage:
    def __init__(self, qtbot: Any, data_dir: Path) -> None:
        self.worker = ScriptedWorker()
        self.page, self.strip = AdaptationPage(), AdaptationStrip()
        for view in (self.page, self.strip):
            qtbot.addWidget(view)
        self.strip.show()
        self.presenter = AdaptationPresenter(self.worker, (self.page, self.strip), data_dir)  # type: ignore[arg-type]

    @property
    def steps(self) -> list[int]:
        return [step for step, _, _ in self.worker.asked]


@pytest.fixture
def stage(qtbot: Any, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(adaptation_presenter, "SHORTEST_GAP_SECONDS", 0.02)
    monkeypatch.setattr(adaptation_presenter, "PREVIEW_MS", 10)
    return Stage(qtbot, data_dir)


def test_that_the_newest_weights_win_and_one_request_is_out_at_a_time(stage: Stage, qtbot: Any) -> None:
    stage.presenter.show(Source(SINUSOID, 1))
    qtbot.waitUntil(lambda: stage.steps == [1])
    for step in (2, 3, 4):
        stage.presenter.show(Source(SINUSOID, step))
    qtbot.wait(80)
    assert stage.steps == [1]
    stage.worker.answer(1)
    qtbot.waitUntil(lambda: stage.steps == [1, 4])


def test_that_only_the_view_in_sight_is_drawn_and_the_other_when_it_comes_into_sight(stage: Stage, qtbot: Any) -> None:
    stage.presenter.show(Source(SINUSOID, 7))
    qtbot.waitUntil(lambda: stage.steps == [7])
    stage.worker.answer(1)
    assert stage.strip.board.shown == 4
    assert stage.page.board.shown == 0
    stage.page.show()
    stage.presenter.show_latest()
    assert stage.page.board.shown == 4


def test_that_other_tasks_are_asked_for_with_the_network_on_show(stage: Stage, qtbot: Any) -> None:
    stage.presenter.show(Source(SINUSOID, 7, checkpoint="a.safetensors"))
    qtbot.waitUntil(lambda: stage.steps == [7])
    stage.worker.answer(1)
    stage.strip.tasks_requested.emit((4, 5, 6, 7))
    qtbot.waitUntil(lambda: len(stage.worker.asked) == 2)
    assert stage.worker.asked[1] == (7, (4, 5, 6, 7), "a.safetensors")


def test_that_another_experiment_clears_the_cards_and_a_late_answer_is_not_shown(stage: Stage, qtbot: Any) -> None:
    stage.presenter.show(Source(SINUSOID, 7))
    qtbot.waitUntil(lambda: stage.steps == [7])
    stage.presenter.show(Source(POINTS, 0))
    stage.worker.answer(1)
    assert stage.strip.board.shown == 0
    qtbot.waitUntil(lambda: stage.steps == [7, 0])


def test_that_a_failure_is_told_where_the_cards_are_and_ends_nothing(stage: Stage, qtbot: Any) -> None:
    stage.presenter.show(Source(SINUSOID, 7))
    qtbot.waitUntil(lambda: stage.steps == [7])
    stage.worker.failed.emit(RequestFailed(request=1, message="Omniglot is not installed"))
    assert "Omniglot is not installed" in stage.strip.board.message
    stage.presenter.show(Source(SINUSOID, 8))
    qtbot.waitUntil(lambda: stage.steps == [7, 8])


def test_that_a_preview_waits_until_the_form_rests_and_gives_way_to_a_run(stage: Stage, qtbot: Any) -> None:
    for _ in range(5):
        stage.presenter.preview(POINTS)
    qtbot.waitUntil(lambda: stage.steps == [0])
    stage.worker.answer(1)
    stage.presenter.preview(POINTS)
    stage.presenter.show(Source(SINUSOID, 3))
    qtbot.wait(80)
    assert stage.steps == [0, 3]


def test_that_nothing_is_asked_once_closed(stage: Stage, qtbot: Any) -> None:
    stage.presenter.show(Source(SINUSOID, 7))
    stage.presenter.close()
    qtbot.wait(60)
    assert stage.worker.asked == []
