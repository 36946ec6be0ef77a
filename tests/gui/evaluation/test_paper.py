"""The published number beside an evaluation: what the panel shows, and when there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.events import Array, Evaluated
from metagui.gui.evaluation.content import Circumstances
from metagui.gui.evaluation.paper_axis import axis_range, ticks
from metagui.gui.theme import DARK, LIGHT
from metagui.gui.workbench import Workbench
from metagui.papers.presets import experiment
from metagui.papers.table import cell_named
from metagui.papers.verdict import compare

Open = Callable[..., Workbench]


def answer(mean: float, ci95: float, config: ExperimentConfig) -> Evaluated:
    steps = config.algorithm.evaluation_steps
    by_step = np.full(steps + 1, mean)
    return Evaluated(
        request=1,
        metric="mse" if config.task.kind == "regression" else "accuracy",
        mean=mean,
        ci95=ci95,
        median=mean,
        n_tasks=200,
        n_worse=0,
        inner_steps=steps,
        norm_mode="transductive",
        n_query=config.task.n_query,
        mean_by_step=Array.of(by_step),
        ci95_by_step=Array.of(np.full(steps + 1, ci95)),
    )


def show(bench: Workbench, config: ExperimentConfig, mean: float = 0.96, ci95: float = 0.006) -> Any:
    circumstances = Circumstances("MAML · Omniglot", "final", 700, config)
    evaluated = answer(mean, ci95, config)
    bench.window.evaluation.show_result(evaluated, circumstances)
    bench.evaluation.shown.emit(evaluated, circumstances)
    return bench.paper.panel


def test_that_an_evaluation_of_a_papers_task_is_shown_beside_its_number(open_workbench: Open) -> None:
    bench = open_workbench()
    bench.window.show_evaluation()
    panel = show(bench, load_preset("omniglot-maml-5w1s").config)
    assert panel.isVisibleTo(bench.window.evaluation)
    assert panel.headline.text() == "Yours is worse: below the paper's interval"
    assert "95.4 to 96.6 %" in panel.sentence.text()
    assert panel.cells.count() == 7
    titles = [panel.table.item(row, 0).text() for row in range(panel.table.rowCount())]
    assert titles == ["Meta-steps trained", "Training characters", "Test tasks"]
    assert "Finn" in panel.reference.text()
    assert panel.axis.accessibleDescription().startswith("Yours is worse")
    panel.axis.resize(600, panel.axis.sizeHint().height())
    for theme in (LIGHT, DARK):
        bench.window.set_theme(theme)
        image = panel.axis.grab().toImage()
        colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}
        assert {theme.cycle[0], theme.truth} <= colours


def test_that_another_published_number_can_be_chosen(open_workbench: Open) -> None:
    bench = open_workbench()
    panel = show(bench, load_preset("omniglot-maml-5w1s").config)
    index = panel.cells.findData("protonet-omniglot-5w1s")
    panel.cells.setCurrentIndex(index)
    panel.cells.activated.emit(index)
    assert panel.verdict.cell.name == "protonet-omniglot-5w1s"
    assert "ProtoNet" in [panel.table.item(row, 1).text() for row in range(panel.table.rowCount())]


def test_that_there_is_no_panel_where_no_paper_tells_of_the_task(open_workbench: Open) -> None:
    bench = open_workbench()
    panel = show(bench, load_preset("omniglot-maml-5w1s").config)
    show(bench, load_preset("points-maml").config)
    assert not panel.isVisibleTo(bench.window.evaluation)
    show(bench, load_preset("sinusoid-maml").config, mean=0.7, ci95=0.05)
    assert panel.isVisibleTo(bench.window.evaluation)
    assert panel.headline.text() == "The intervals overlap"
    assert "do not prove" in panel.sentence.text()


def test_that_a_run_that_agrees_in_all_that_is_stated_says_so(open_workbench: Open) -> None:
    bench = open_workbench()
    cell = cell_named("protonet-omniglot-5w1s")
    panel = show(bench, experiment(cell), mean=0.97)
    assert panel.table.isHidden()
    assert panel.count.text() == f"All {len(cell.protocol)} settings that are stated agree."


def test_that_papers_presets_are_in_a_menu_and_not_in_the_list(open_workbench: Open) -> None:
    bench = open_workbench()
    picker, form = bench.window.form.picker, bench.window.form
    before = picker.combo.count()
    assert all(not str(picker.combo.itemData(row)).startswith("paper-") for row in range(before))
    submenus = list(picker.groups.values())
    assert [action.text() for action in picker.papers.actions()] == list(picker.groups)
    assert [menu.title() for menu in submenus][:2] == ["Omniglot, 5-way 1-shot", "Omniglot, 5-way 5-shot"]
    assert sum(len(menu.actions()) for menu in submenus) == 42
    imaml = next(action for action in submenus[0].actions() if action.data() == "paper-imaml-omniglot-5w1s")
    imaml.trigger()
    assert form.config() == experiment(cell_named("imaml-omniglot-5w1s"))
    assert picker.combo.name() == "paper-imaml-omniglot-5w1s"
    assert picker.combo.count() == before + 1
    last = picker.combo.count() - 1
    picker.combo.setCurrentIndex(last)
    picker.combo.activated.emit(last)
    assert picker.papers.isVisible()
    picker.papers.close()
    assert picker.combo.name() == "paper-imaml-omniglot-5w1s"
    assert form.config() == experiment(cell_named("imaml-omniglot-5w1s"))
    picker.combo.setCurrentIndex(0)
    picker.combo.activated.emit(0)
    assert picker.combo.count() == before


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (95.0, 100.0, [95, 96, 97, 98, 99, 100]),
        (97.8, 99.2, [98.0, 98.5, 99.0]),
        (0.61, 0.83, [0.65, 0.7, 0.75, 0.8]),
    ],
)
def test_that_ticks_are_round_and_within(low: float, high: float, marks: list[float]) -> None:
    found, decimals = ticks(low, high)
    assert found == pytest.approx(marks)
    assert [round(mark, decimals) for mark in found] == pytest.approx(found)


def test_that_the_axis_holds_both_intervals_and_no_accuracy_above_one() -> None:
    cell = cell_named("maml-omniglot-5w5s")
    config = apply_overrides(experiment(cell), ["model.filters=32"])
    low, high = axis_range(compare(cell, answer(0.95, 0.01, config), config, 10))
    assert low < 0.94
    assert high == 1.0
