"""Means and their 95 % intervals over tasks or seeds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z_95 = 1.96


class MeanInterval(NamedTuple):
    """``mean ± half_width`` over ``n`` samples; arrays of one shape. NaN where n is too small (0 and 1)."""

    mean: npt.NDArray[np.float64]
    half_width: npt.NDArray[np.float64]
    n: npt.NDArray[np.int64]


def mean_interval(samples: npt.ArrayLike, axis: int = 0) -> MeanInterval:
    """Mean over ``axis`` and 1.96 sigma / sqrt(n), sigma being the samples' standard deviation (n - 1).

    NaN samples are not counted; an infinite one makes the mean infinite and the half-width NaN. For one sample an
    axis ``samples`` has shape [n], for several curves [n, ...].
    """
    values = np.asarray(samples, dtype=np.float64)
    present = ~np.isnan(values)
    n = np.count_nonzero(present, axis=axis, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.sum(values, axis=axis, keepdims=True, where=present) / n
        squares = np.sum(np.square(values - mean), axis=axis, keepdims=True, where=present)
        half_width = np.where(n > 1, Z_95 * np.sqrt(squares / (n - 1) / n), np.nan)
    return MeanInterval(np.squeeze(mean, axis), np.squeeze(half_width, axis), np.squeeze(np.asarray(n), axis))
