"""What is asked and what is done with answers: a stand-in worker for the order of things, the real one at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from metagui.config import ExperimentConfig, load_preset
from metagui.events import Array, Evaluated, EvaluationProgress, RequestFailed, Studied, WeightsSnapshot
from metagui.gui.presenters.evaluation_presenter import EvaluationPresenter
from metagui.gui.workbench import Workbench

Open = Callable[..., Workbench]
Store = Callable[..., str]
Make = Callable[..., Evaluated]
PATIENCE_MS = 120_000


class ScriptedWorker(QObject):
    evaluated = Signal(object)
    evaluation_progress = Signal(object)
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.cancelled: list[int] = []

    def evaluate(
        self, config: Any, _dir: Any, n_tasks: int, weights: Any, checkpoint: str, steps: int, **more: Any
    ) -> int:
        self.asked.append(
            {"config": config, "n_tasks": n_tasks, "weights": weights, "checkpoint": checkpoint, "steps": steps, **more}
        )
        return len(self.asked)

    def cancel(self, request: int) -> None:
        self.cancelled.append(request)


class Stage:
    """A real window and store; only the worker is scripted."""

    def __init__(self, bench: Workbench) -> None:
        self.bench, self.window = bench, bench.window
        self.page = bench.window.evaluation
        self.worker = ScriptedWorker()
        self.presenter = EvaluationPresenter(
            bench.store,
            bench.controller,
            self.worker,  # type: ignore[arg-type]
            self.page,
            bench.window.runs,
            bench.data_dir,
        )
        self.presenter.activate(True)


@pytest.fixture
def stage(open_workbench: Open, monkeypatch: pytest.MonkeyPatch) -> Stage:
    bench = open_workbench()
    for signal in (bench.window.evaluation.setup.evaluate, bench.window.evaluation.setup.cancel):
        signal.disconnect()
    return Stage(bench)


def begin_live(stage: Stage, config: ExperimentConfig) -> str:
    run_id = stage.bench.store.create(config).id
    stage.bench.runs.refresh()
    stage.bench.controller.run_started.emit(run_id, config)
    stage.window.runs.select(run_id)
    weights = {"w": Array.of([1.0])}
    stage.bench.controller.event.emit(run_id, WeightsSnapshot(step=7, weights=weights))
    return run_id


def test_that_without_a_run_the_page_says_what_to_do(stage: Stage) -> None:
    assert "choose a run" in stage.page.message.text.text()
    stage.presenter.start()
    assert stage.worker.asked == []


def test_that_a_run_without_checkpoint_says_so(stage: Stage, stored_run: Store) -> None:
    run_id = stored_run()
    stage.bench.runs.refresh()
    stage.window.runs.select(run_id)
    assert f"{run_id} has no checkpoint yet" in stage.page.message.text.text()
    assert not stage.page.setup.button.isEnabled()


def test_that_the_network_in_training_is_asked_for_with_everything_beside_it(
    stage: Stage, make_classified: Make
) -> None:
    config = load_preset("glyphs-maml-5w1s").config
    begin_live(stage, config)
    assert stage.page.setup.network.currentText().endswith("in training · step 7")
    assert stage.page.setup.settings.inner_steps == config.algorithm.evaluation_steps
    assert stage.page.setup.settings.n_query == config.task.n_query
    stage.page.setup.button.click()
    (asked,) = stage.worker.asked
    assert asked["n_tasks"] == 600
    assert asked["steps"] == config.algorithm.evaluation_steps
    assert asked["baselines"] == ("chance", "random", "pixels")
    assert asked["detail"] is True
    assert set(asked["weights"]) == {"w"}
    assert stage.presenter.busy
    assert stage.page.setup.button.text() == "Cancel"

    stage.worker.evaluation_progress.emit(EvaluationProgress(request=1, done=25, total=600))
    assert stage.page.progress.words.text().startswith("25 of 600 tasks")
    stage.worker.evaluation_progress.emit(EvaluationProgress(request=9, done=77, total=600))
    assert stage.page.progress.words.text().startswith("25 of 600 tasks"), "another request's"

    with_looks: list[tuple[Any, tuple[int, ...]]] = []
    stage.presenter.look_at.connect(lambda source, tasks: with_looks.append((source, tasks)))
    stage.worker.evaluated.emit(make_classified(request=1))
    assert not stage.presenter.busy
    assert "in training after 7 meta-steps" in stage.page.headline.protocol.accessibleDescription()
    stage.page.worst.table.cellClicked.emit(0, 0)
    ((source, tasks),) = with_looks
    assert (source.step, tasks[0]) == (7, 17)


def test_that_cancelling_keeps_what_is_on_show_and_a_late_answer_is_ignored(
    stage: Stage, make_classified: Make
) -> None:
    begin_live(stage, load_preset("glyphs-maml-5w1s").config)
    stage.presenter.start()
    stage.page.setup.button.click()
    assert stage.worker.cancelled == [1]
    assert stage.page.setup.button.text() == "Evaluate"
    stage.worker.evaluated.emit(make_classified(request=1))
    assert not stage.page.has_result


def test_that_a_failure_is_told_and_the_next_attempt_possible(stage: Stage) -> None:
    begin_live(stage, load_preset("sinusoid-maml").config)
    stage.presenter.start()
    stage.worker.failed.emit(RequestFailed(request=1, message="memory ran out"))
    assert "memory ran out" in stage.page.problem.text()
    assert stage.page.setup.button.isEnabled()
    stage.presenter.start()
    assert len(stage.worker.asked) == 2


def test_that_an_evaluation_asks_for_the_queries_chosen(stage: Stage) -> None:
    begin_live(stage, load_preset("sinusoid-maml").config)
    box = stage.page.setup._boxes["n_query"]
    box.lineEdit().setText("33")
    box.lineEdit().textEdited.emit("33")
    stage.presenter.start()
    assert stage.worker.asked[0]["n_query"] == 33
    assert stage.worker.asked[0]["config"].task.n_query == 33
    assert stage.worker.asked[0]["baselines"] == ("random", "pixels")


@pytest.mark.slow
def test_that_trained_runs_are_evaluated_compared_and_looked_at(open_workbench: Open, qtbot: Any) -> None:
    """The whole way: two runs are trained, one is judged beside the other, and a worst task opens with its number."""
    bench = open_workbench(worker=True)
    window = bench.window
    for preset in ("sinusoid-joint", "sinusoid-maml"):
        config = load_preset(preset).config
        short = config.model_copy(update={"outer": config.outer.model_copy(update={"steps": 30})})
        window.form.load(short)
        with qtbot.waitSignal(bench.controller.ended, timeout=PATIENCE_MS):
            window.actions_["run.start"].trigger()
    run_id = window.runs.selected_run()
    box = window.evaluation.setup._boxes["n_tasks"]
    window.actions_["view.evaluation"].trigger()
    assert window.evaluation.setup.network.currentText().startswith(f"{run_id} · last")
    box.lineEdit().setText("40")
    box.lineEdit().textEdited.emit("40")
    with qtbot.waitSignal(bench.evaluation.shown, timeout=PATIENCE_MS) as shown:
        window.actions_["evaluation.start"].trigger()
        assert window.actions_["evaluation.cancel"].isEnabled()
    evaluated = shown.args[0]
    assert evaluated.n_tasks == 40
    assert [rival.problem for rival in evaluated.rivals] == ["", "", ""]
    assert evaluated.worst
    assert window.evaluation.worst.isVisible()
    worst = evaluated.worst[0]

    def has_worst(studied: Studied) -> bool:
        return any(column.tasks and column.tasks[0].task == worst.task for column in studied.columns)

    with qtbot.waitSignal(bench.worker.studied, timeout=PATIENCE_MS, check_params_cb=has_worst) as studied:
        window.evaluation.worst.table.cellClicked.emit(0, 0)
    losses = studied.args[0].columns[0].tasks[0].query_loss.numpy()
    assert (losses[0], losses[-1]) == (pytest.approx(worst.before, rel=1e-4), pytest.approx(worst.after, rel=1e-4))
    assert window.tabs.currentWidget() is window.studio


@pytest.mark.slow
def test_that_a_long_evaluation_is_left_at_once_when_cancelled(open_workbench: Open, qtbot: Any) -> None:
    bench = open_workbench(worker=True)
    window = bench.window
    config = load_preset("sinusoid-maml").config
    window.form.load(config.model_copy(update={"outer": config.outer.model_copy(update={"steps": 20})}))
    with qtbot.waitSignal(bench.controller.ended, timeout=PATIENCE_MS):
        window.actions_["run.start"].trigger()
    window.actions_["view.evaluation"].trigger()
    box = window.evaluation.setup._boxes["n_tasks"]
    box.lineEdit().setText("100000")
    box.lineEdit().textEdited.emit("100000")
    with qtbot.waitSignal(bench.evaluator.evaluation_progress, timeout=PATIENCE_MS):
        window.actions_["evaluation.start"].trigger()
    window.actions_["evaluation.cancel"].trigger()
    assert not bench.evaluation.busy
    box.lineEdit().setText("20")
    box.lineEdit().textEdited.emit("20")
    with qtbot.waitSignal(bench.evaluation.shown, timeout=PATIENCE_MS) as shown:
        window.actions_["evaluation.start"].trigger()
    assert shown.args[0].n_tasks == 20
