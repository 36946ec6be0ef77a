"""The part of a curve worth showing when a few points are far off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ValueRange:
    """``low < high`` enclose the bulk of the values; ``off`` finite values lie outside."""

    low: float
    high: float
    off: int


def robust_range(
    values: npt.ArrayLike, *, lower: float = 1.0, upper: float = 99.0, margin: float = 0.05
) -> ValueRange | None:
    """Percentile limits (in percent) widened by ``margin`` of their distance; None without a finite value.

    Values within the margin are not off. Where all values are equal the range is opened around them.
    """
    finite = _finite(values)
    if not len(finite):
        return None
    # Limits that are values themselves: an interpolation between two huge ones would overflow.
    low, high = (float(limit) for limit in np.percentile(finite, (lower, upper), method="nearest"))
    low, high = _widened(low, high, margin)
    return ValueRange(low, high, int(np.count_nonzero((finite < low) | (finite > high))))


def full_range(values: npt.ArrayLike, *, margin: float = 0.05) -> ValueRange | None:
    """All finite values, widened by ``margin`` of their distance; None without one."""
    finite = _finite(values)
    if not len(finite):
        return None
    return ValueRange(*_widened(float(np.min(finite)), float(np.max(finite)), margin), off=0)


def _finite(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64).ravel()
    finite: npt.NDArray[np.float64] = numbers[np.isfinite(numbers)]
    return finite


def _widened(low: float, high: float, margin: float) -> tuple[float, float]:
    # Halved before they are subtracted: the distance of two huge values is infinite.
    extra = 2 * margin * (high / 2 - low / 2)
    magnitude = max(abs(low), abs(high))
    if extra <= 1e-15 * magnitude:
        extra = 0.5 * magnitude or 0.5
    limit = float(np.finfo(np.float64).max)
    return max(low - extra, -limit), min(high + extra, limit)
