"""A curve in a sentence."""

from __future__ import annotations

import numpy as np

from metagui.gui.monitor.history import Series
from metagui.gui.monitor.summary import describe


def _series(values: np.ndarray) -> Series:
    series = Series()
    series.append(np.arange(1, len(values) + 1), np.asarray(values, dtype=float), np.zeros(len(values)))
    return series


def test_that_start_end_and_best_are_said() -> None:
    text = describe("query loss (outer), MAML", _series(np.array([4.0, 1.0, 2.0])))
    assert "MAML" in text
    assert "3 points" in text
    assert "from 4.00 to 2.00" in text
    assert "lowest 1.00 at meta-step 2" in text


def test_that_the_trend_is_said_when_it_is_more_than_noise() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 1000)
    assert "falling of late" in describe("a", _series(np.linspace(5, 1, 1000) + noise))
    assert "level of late" in describe("a", _series(2 + noise))


def test_that_shares_are_said_in_percent_and_the_best_is_the_highest() -> None:
    assert "highest 90%" in describe("accuracy", _series(np.array([0.2, 0.9, 0.8])), percent=True)


def test_that_an_empty_curve_is_said_to_be_empty() -> None:
    assert describe("a", Series()) == "a: no points."
