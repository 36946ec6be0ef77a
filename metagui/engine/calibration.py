"""Are the probabilities true? Reliability by confidence, and the one temperature that would mend most of it.

Guo, Pleiss, Sun, Weinberger 2017, "On calibration of modern neural networks": the expected calibration error (their
equation 3) over bins of equal width, and temperature scaling (section 4.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from metagui.events import Array
from metagui.judgement import Calibration

BINS = 15
COLDEST, HOTTEST = 0.02, 50.0
"""Temperatures looked among. Predictions without a single mistake would ask for ever lower ones."""

_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Predictions:
    """Logits float64 [N, o] and labels int64 [N] of query examples, on the CPU."""

    logits: Tensor
    labels: Tensor

    @classmethod
    def of(cls, logits: Tensor, labels: Tensor) -> Predictions:
        """From [T, n, o] and [T, n]; examples whose logits are no finite numbers predict nothing and are left out."""
        flat, known = logits.flatten(0, 1).double().cpu(), labels.flatten().cpu()
        finite = flat.isfinite().all(dim=1)
        return cls(flat[finite], known[finite])

    @classmethod
    def join(cls, parts: Sequence[Predictions]) -> Predictions:
        """In order; empty for no parts."""
        if not parts:
            return cls(torch.zeros(0, 1, dtype=torch.float64), torch.zeros(0, dtype=torch.int64))
        return cls(torch.cat([part.logits for part in parts]), torch.cat([part.labels for part in parts]))

    def at(self, temperature: float) -> Predictions:
        """With logits divided by a temperature."""
        return Predictions(self.logits / temperature, self.labels)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Mean confidence and accuracy of each bin [B], 0 where it is empty, and how many predictions it has."""

    confidence: npt.NDArray[np.float64]
    accuracy: npt.NDArray[np.float64]
    count: npt.NDArray[np.int64]

    @property
    def ece(self) -> float:
        """Expected calibration error: |accuracy - confidence|, weighted by count; NaN without predictions."""
        total = int(self.count.sum())
        return float((np.abs(self.accuracy - self.confidence) * self.count).sum() / total) if total else math.nan


class ReliabilityCount:
    """Fills bins of equal width over the probability of the predicted class, each closed above."""

    def __init__(self, bins: int = BINS) -> None:
        self._confidence, self._right = np.zeros(bins), np.zeros(bins)
        self._count = np.zeros(bins, np.int64)

    def add(self, predictions: Predictions) -> None:
        bins = len(self._count)
        confidence, chosen = predictions.logits.softmax(dim=1).max(dim=1)
        right = (chosen == predictions.labels).double().numpy()
        sure = confidence.numpy()
        place = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
        self._confidence += np.bincount(place, sure, bins)
        self._right += np.bincount(place, right, bins)
        self._count += np.bincount(place, minlength=bins)

    def finished(self) -> Reliability:
        weight = np.maximum(self._count, 1)
        return Reliability(self._confidence / weight, self._right / weight, self._count)


def fitted_temperature(predictions: Predictions) -> float:
    """The temperature T > 0 that minimises the cross-entropy of logits / T; NaN without predictions.

    The loss is convex in 1 / T, so its slope there has one zero, which halving finds.
    """
    if not len(predictions.labels):
        return math.nan
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if _slope(predictions, middle) > 0 else (middle, high)
    return float(1 / (low * high) ** 0.5)


def _slope(predictions: Predictions, inverse: float) -> float:
    """d cross-entropy / d (1 / T): the expected logit under the prediction minus that of the label, on average."""
    logits = predictions.logits
    expected = (functional.softmax(logits * inverse, dim=1) * logits).sum(dim=1)
    labelled = logits.gather(1, predictions.labels.unsqueeze(1)).squeeze(1)
    return float((expected - labelled).mean())


class CalibrationCount:
    """Test predictions as they come, each at the network's own temperature and at one fitted before.

    ``temperature`` NaN: none could be fitted, and nothing is said of an error after it.
    """

    def __init__(self, temperature: float) -> None:
        self._temperature = temperature
        self._plain, self._scaled = ReliabilityCount(), ReliabilityCount()

    def add(self, predictions: Predictions) -> None:
        self._plain.add(predictions)
        if math.isfinite(self._temperature):
            self._scaled.add(predictions.at(self._temperature))

    def finished(self) -> Calibration:
        plain = self._plain.finished()
        return Calibration(
            confidence=Array.of(plain.confidence),
            accuracy=Array.of(plain.accuracy),
            count=Array.of(plain.count),
            ece=plain.ece,
            temperature=self._temperature,
            ece_scaled=self._scaled.finished().ece,
        )
