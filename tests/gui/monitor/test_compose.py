"""The plots draw the right curves in the right colours, and the legends say so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from metagui.events import Metrics
from metagui.gui.monitor.compose import CurveCache, compose_members, compose_runs
from metagui.gui.monitor.curve import Style
from metagui.gui.monitor.history import RunHistory
from metagui.gui.monitor.views import INNER_LOSS, INNER_VIEWS, OUTER_ACCURACY, OUTER_LOSS, members_shown
from metagui.gui.theme import DARK, LIGHT

Make = Callable[..., Metrics]


@pytest.fixture
def make_run(make_metrics: Make) -> Callable[[str, int, int], RunHistory]:
    def make(run_id: str, slot: int, steps: int) -> RunHistory:
        run = RunHistory(run_id, run_id.upper(), None, slot)
        columns = {f"inner_loss/{k}": np.full(20, 1.0 + k) for k in range(steps + 1)}
        columns |= {"outer_loss": np.linspace(2, 1, 20), "outer_accuracy": np.linspace(0, 1, 20)}
        run.add(make_metrics(columns))
        return run

    return make


def test_that_runs_differ_in_colour_and_dash(make_run: Callable[..., RunHistory]) -> None:
    runs = [make_run(name, slot, 1) for slot, name in enumerate("abc")]
    composition = compose_runs(runs, runs[2], OUTER_LOSS, Style(weight=0.9), DARK, CurveCache())
    assert [trace.colour for trace in composition.traces] == list(DARK.cycle[:3])
    assert len({trace.dash for trace in composition.traces}) == 3
    assert [entry.text for entry in composition.entries] == ["A", "B", "C"]
    assert [trace.current for trace in composition.traces] == [False, False, True]


def test_that_a_hidden_run_stays_in_the_legend_only(make_run: Callable[..., RunHistory]) -> None:
    runs = [make_run(name, slot, 1) for slot, name in enumerate("ab")]
    runs[0].visible = False
    composition = compose_runs(runs, runs[1], OUTER_LOSS, Style(), DARK, CurveCache())
    assert [trace.name for trace in composition.traces] == ["B"]
    assert [entry.faded for entry in composition.entries] == [True, False]


def test_that_inner_steps_have_the_colours_of_the_sequence(make_run: Callable[..., RunHistory]) -> None:
    for theme in (DARK, LIGHT):
        composition = compose_members(make_run("a", 0, 5), INNER_LOSS, Style(), theme, CurveCache())
        assert [trace.colour for trace in composition.traces] == theme.sequence(6)
        assert [entry.text for entry in composition.entries] == [f"step {k}" for k in range(6)]


def test_that_many_inner_steps_get_a_colour_bar_and_fewer_curves(make_run: Callable[..., RunHistory]) -> None:
    composition = compose_members(make_run("a", 0, 100), INNER_LOSS, Style(), DARK, CurveCache())
    assert composition.bar is not None
    heading, _, ends = composition.bar
    assert ends == ("0", "100")
    assert f"{len(composition.traces)} of 101" in heading
    assert composition.traces[0].name == "step 0"
    assert composition.traces[-1].name == "step 100"


def test_that_accuracies_stay_linear_and_sparse_series_unsmoothed(make_run: Callable[..., RunHistory]) -> None:
    run, style = make_run("a", 0, 2), Style(weight=0.9, log=True)
    outer = compose_runs([run], run, OUTER_ACCURACY, style, DARK, CurveCache())
    assert outer.traces[0].style == Style(weight=0.9, log=False)
    held_out = next(view for view in INNER_VIEWS if view.family == "query_loss")
    run.load({"query_loss/0": ([5], [1.0])})
    assert compose_members(run, held_out, style, DARK, CurveCache()).traces[0].style.weight == 0.0


def test_that_members_shown_keep_the_ends() -> None:
    shown = members_shown(list(range(1001)))
    assert shown[0] == 0
    assert shown[-1] == 1000
    assert len(shown) == 18
    assert members_shown([0, 1]) == [0, 1]
