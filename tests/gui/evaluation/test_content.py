"""Figures, the ranking and the protocol, as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from metagui.config import load_preset
from metagui.errors import InvalidValueError
from metagui.events import Evaluated
from metagui.gui.evaluation.content import (
    Circumstances,
    as_text,
    difference_text,
    figure,
    protocol,
    ranking,
    verdict_of,
)
from metagui.gui.evaluation.settings import baselines_of, with_queries

Make = Callable[..., Evaluated]


@pytest.mark.parametrize(
    ("mean", "ci95", "metric", "text"),
    [
        (0.9624, 0.0041, "accuracy", "96.24 % ± 0.41"),
        (0.9624, 0.0214, "accuracy", "96.2 % ± 2.1"),
        (1.0, 0.0, "accuracy", "100.0 %"),
        (0.31234, 0.0412, "mse", "0.312 ± 0.041"),
        (431.2, 37.0, "mse", "431 ± 37"),
        (0.5, math.nan, "mse", "0.50"),
        (math.nan, math.nan, "mse", "–"),
        (math.inf, math.nan, "mse", "∞"),
    ],
)
def test_that_a_figure_has_the_digits_its_interval_is_worth(mean: float, ci95: float, metric: str, text: str) -> None:
    assert figure(mean, ci95, metric) == text


def test_that_differences_bear_their_sign() -> None:
    assert difference_text(0.145, 0.0123, "accuracy") == "+14.5 ± 1.2"
    assert difference_text(-0.145, 0.0123, "accuracy") == "−14.5 ± 1.2"
    assert difference_text(math.nan, math.nan, "accuracy") == "–"


@pytest.mark.parametrize(
    ("difference", "ci95", "metric", "verdict"),
    [
        (0.02, 0.01, "accuracy", "better"),
        (-0.02, 0.01, "accuracy", "worse"),
        (0.01, 0.02, "accuracy", "level"),
        (-0.5, 0.1, "mse", "better"),
        (0.5, 0.1, "mse", "worse"),
        (0.0, math.nan, "mse", "level"),
        (math.nan, math.nan, "mse", ""),
    ],
)
def test_that_a_verdict_needs_an_interval_without_zero(
    difference: float, ci95: float, metric: str, verdict: str
) -> None:
    assert verdict_of(difference, ci95, metric) == verdict


def test_that_the_best_come_first_and_the_unjudged_last(make_classified: Make, make_regressed: Make) -> None:
    rows = ranking(make_classified(), "mine")
    assert [row.title for row in rows][:3] == ["r-0004 · ProtoNet", "mine", "r-0002 · Reptile"]
    assert rows[-1].problem == "its file is damaged"
    assert [row.colour for row in rows if row.evaluated] == [0]
    assert [row.title for row in ranking(make_regressed(), "mine")] == ["mine", "Random start", "Support mean"]


def test_that_the_protocol_says_all_a_number_depends_on(make_classified: Make, circumstances: Circumstances) -> None:
    said = dict(protocol(make_classified(), circumstances))
    assert said["network"] == "r-0005 · MAML · Glyphs, last checkpoint after 4,000 meta-steps"
    assert said["tasks"] == "600 of the test split, seed 0"
    assert said["episode"] == "5-way 1-shot, 15 queries a class"
    assert said["inner steps"].startswith("20 (trained with ")
    assert said["normalisation"].startswith("transductive")


def test_that_the_episode_of_a_regression_has_no_ways(make_regressed: Make, circumstances: Circumstances) -> None:
    there = replace(circumstances, config=load_preset("sinusoid-maml").config)
    assert dict(protocol(make_regressed(), there))["episode"] == "10 support points, 10 queries a task"


def test_that_what_is_copied_has_number_protocol_and_rivals(
    make_classified: Make, circumstances: Circumstances
) -> None:
    text = as_text(make_classified(), circumstances)
    assert text.startswith("94.80 % ± 0.56 accuracy")
    assert "test split, seed 0" in text
    assert "r-0004 · ProtoNet: 95.70 % ± 0.50, paired difference −0.90 ± 0.62" in text
    assert "r-0001 · iMAML: not judged, its file is damaged" in text


def test_that_baselines_are_those_that_mean_something() -> None:
    assert set(baselines_of("images")) == {"chance", "random", "pixels"}
    assert set(baselines_of("regression")) == {"random", "pixels"}


def test_that_queries_beyond_what_a_class_has_are_refused_in_words() -> None:
    config = load_preset("omniglot-maml-5w1s").config
    assert with_queries(config, 15).task.n_query == 15
    assert with_queries(config, config.task.n_query) is config
    with pytest.raises(InvalidValueError) as refused:
        with_queries(config, 60)
    assert "queries" in str(refused.value)
