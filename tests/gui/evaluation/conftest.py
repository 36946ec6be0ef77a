"""Hand-made answers: a classification with everything in it, and a regression with little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from metagui.config import load_preset
from metagui.events import Array, Calibration, Confusion, Evaluated, Judged, WorstTask
from metagui.gui.evaluation.content import Circumstances

MakeEvaluated = Callable[..., Evaluated]


def _judged(
    title: str, mean: float, ci95: float, difference: float, difference_ci95: float, problem: str = ""
) -> Judged:
    return Judged(
        title=title, mean=mean, ci95=ci95, difference=difference, difference_ci95=difference_ci95, problem=problem
    )


def calibration() -> Calibration:
    bins = 15
    middles = (np.arange(bins) + 0.5) / bins
    count = np.round(np.linspace(0, 1, bins) ** 3 * 2400).astype(np.int64)
    return Calibration(
        confidence=Array.of(middles),
        accuracy=Array.of(np.clip(middles - 0.14 * np.sin(np.pi * middles), 0, 1)),
        count=Array.of(count),
        ece=0.061,
        temperature=1.42,
        ece_scaled=0.012,
    )


def confusion() -> Confusion:
    names = tuple(f"Tengwar/character{index:02d}" for index in range(1, 25))
    judged = np.full(24, 125, np.int64)
    judged[23] = 0
    right = np.minimum(judged, np.arange(24) * 3 + 70)
    pairs = tuple((names[index], names[index + 3], 19 - index) for index in range(12))
    return Confusion(class_names=names, judged=Array.of(judged), right=Array.of(right), pairs=pairs)


@pytest.fixture
def make_classified() -> MakeEvaluated:
    """An evaluation of a 5-way task, all parts there; keyword arguments replace them."""

    def make(**changes: Any) -> Evaluated:
        steps = np.arange(21)
        fields: dict[str, Any] = {
            "request": 1,
            "metric": "accuracy",
            "mean": 0.948,
            "ci95": 0.0056,
            "median": 0.96,
            "n_tasks": 600,
            "n_worse": 7,
            "inner_steps": 20,
            "norm_mode": "transductive",
            "n_query": 15,
            "mean_by_step": Array.of(0.948 - 0.748 * np.exp(-steps / 2.2)),
            "ci95_by_step": Array.of(np.full(21, 0.0056)),
            "rivals": (
                _judged("Guessing", 0.2, 0.0, 0.748, 0.0056),
                _judged("Random start", 0.463, 0.011, 0.485, 0.012),
                _judged("Raw pixels", 0.611, 0.012, 0.337, 0.013),
                _judged("r-0003 · Joint pretraining", 0.803, 0.009, 0.145, 0.010),
                _judged("r-0004 · ProtoNet", 0.957, 0.005, -0.009, 0.0062),
                _judged("r-0002 · Reptile", 0.946, 0.006, 0.002, 0.005),
                _judged(
                    "r-0001 · iMAML", float("nan"), float("nan"), float("nan"), float("nan"), "its file is damaged"
                ),
            ),
            "calibration": calibration(),
            "confusion": confusion(),
            "worst": tuple(
                WorstTask(
                    task=17 + 31 * index,
                    title=f"Task {18 + 31 * index}",
                    class_names=tuple(f"Tengwar/character{index + each:02d}" for each in range(1, 6)),
                    before=0.2,
                    after=0.44 + 0.04 * index,
                )
                for index in range(8)
            ),
        }
        return Evaluated(**{**fields, **changes})

    return make


@pytest.fixture
def make_regressed() -> MakeEvaluated:
    def make(**changes: Any) -> Evaluated:
        steps = np.arange(11)
        fields: dict[str, Any] = {
            "request": 1,
            "metric": "mse",
            "mean": 0.312,
            "ci95": 0.041,
            "median": 0.11,
            "n_tasks": 600,
            "n_worse": 0,
            "inner_steps": 10,
            "norm_mode": "none",
            "n_query": 10,
            "mean_by_step": Array.of(0.312 + 3.4 * np.exp(-steps / 1.4)),
            "ci95_by_step": Array.of(0.041 + 0.2 * np.exp(-steps / 1.4)),
            "rivals": (
                _judged("Random start", 3.91, 0.3, -3.6, 0.28),
                _judged("Support mean", 4.4, 0.32, -4.1, 0.31),
            ),
            "worst": tuple(
                WorstTask(
                    task=3 * index,
                    title=f"A = {4.9 - index / 10:.1f}, φ = {index / 3:.2f}",
                    class_names=(),
                    before=9.1,
                    after=2.2 - index / 5,
                )
                for index in range(5)
            ),
        }
        return Evaluated(**{**fields, **changes})

    return make


@pytest.fixture
def circumstances() -> Circumstances:
    config = load_preset("glyphs-maml-5w1s").config
    return Circumstances("r-0005 · MAML · Glyphs", "last checkpoint", 4000, config)
