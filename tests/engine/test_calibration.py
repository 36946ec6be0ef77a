"""Reliability, its error, and the temperature that mends it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from metagui.engine.calibration import CalibrationCount, Predictions, ReliabilityCount, fitted_temperature


def drawn(n: int, sharpness: float, seed: int = 0) -> Predictions:
    """Labels drawn from softmax(z), predicted with logits ``sharpness`` z."""
    random = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(n, 5, generator=random, dtype=torch.float64)
    labels = torch.multinomial(logits.softmax(dim=1), 1, generator=random).squeeze(1)
    return Predictions(sharpness * logits, labels)


def test_that_the_error_is_that_of_bins_filled_by_hand() -> None:
    def sure(confidence: float) -> list[float]:
        return [math.log(confidence), math.log(1 - confidence)]

    logits = torch.tensor([sure(0.9), sure(0.92), sure(0.95), sure(0.55)], dtype=torch.float64)
    count = ReliabilityCount(bins=10)
    count.add(Predictions(logits[:2], torch.tensor([0, 1])))
    count.add(Predictions(logits[2:], torch.tensor([0, 1])))
    found = count.finished()
    assert found.count.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 1, 2]
    np.testing.assert_allclose(found.confidence[[5, 8, 9]], [0.55, 0.9, 0.935])
    np.testing.assert_allclose(found.accuracy[[5, 8, 9]], [0.0, 1.0, 0.5])
    assert found.ece == pytest.approx((0.55 + 0.1 + 2 * 0.435) / 4)


def test_that_true_probabilities_have_next_to_no_error_and_exaggerated_ones_do() -> None:
    count, exaggerated = ReliabilityCount(), ReliabilityCount()
    count.add(drawn(20_000, 1.0))
    exaggerated.add(drawn(20_000, 3.0))
    assert count.finished().ece < 0.015
    assert exaggerated.finished().ece > 0.1


@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
def test_that_the_temperature_finds_how_much_was_exaggerated(sharpness: float) -> None:
    assert fitted_temperature(drawn(20_000, sharpness)) == pytest.approx(sharpness, rel=0.04)


def test_that_the_temperature_minimises_the_loss() -> None:
    predictions = drawn(500, 2.5)
    best = fitted_temperature(predictions)

    def loss(temperature: float) -> float:
        return float(torch.nn.functional.cross_entropy(predictions.at(temperature).logits, predictions.labels))

    assert loss(best) < min(loss(best * 1.02), loss(best / 1.02))


def test_that_a_temperature_fitted_elsewhere_lowers_the_error_here() -> None:
    count = CalibrationCount(fitted_temperature(drawn(4000, 3.0, seed=1)))
    count.add(drawn(8000, 3.0, seed=2))
    answer = count.finished()
    assert answer.ece > 0.1
    assert answer.ece_scaled < 0.03
    assert answer.count.numpy().sum() == 8000


def test_that_without_predictions_nothing_is_claimed() -> None:
    assert math.isnan(fitted_temperature(Predictions.join([])))
    answer = CalibrationCount(math.nan).finished()
    assert math.isnan(answer.ece)
    assert math.isnan(answer.ece_scaled)


def test_that_flawless_predictions_get_a_bounded_temperature() -> None:
    logits = torch.eye(5, dtype=torch.float64)
    assert 0 < fitted_temperature(Predictions(logits, torch.arange(5))) < 0.03


def test_that_logits_that_are_no_numbers_predict_nothing() -> None:
    logits = torch.tensor([[[1.0, 0.0], [math.nan, 0.0], [math.inf, 0.0]]])
    assert len(Predictions.of(logits, torch.zeros(1, 3, dtype=torch.int64)).labels) == 1
