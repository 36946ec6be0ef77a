"""Exponential moving average without the pull towards zero at its start."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]

_BLOCK = 128
_OLD = math.log(1e-18)


def smooth(values: npt.ArrayLike, weight: float) -> Float64s:
    """Smooth a whole curve; see :class:`Smoother`."""
    return Smoother(weight).append(values)


class Smoother:
    """Debiased exponential moving average of a curve that may still grow.

    Each finite point x gives ``m = weight * m + (1 - weight) * x`` and the output ``m / (1 - weight**n)`` after n
    finite points: the weighted mean of all points so far, so that a constant stays constant. Points that are not
    finite leave the average alone and pass through as they are. ``weight`` is in [0, 1); 0 smooths nothing.
    """

    def __init__(self, weight: float) -> None:
        """Raises ValueError for a weight outside [0, 1)."""
        if not 0.0 <= weight < 1.0:
            raise ValueError(f"the weight of a smoothing is at least 0 and less than 1, not {weight:g}")
        self.weight = float(weight)
        self._average = 0.0
        self._count = 0

    def append(self, values: npt.ArrayLike) -> Float64s:
        """Smoothed values float64 [n] of the next n points; appending in chunks equals appending at once."""
        output = np.array(values, dtype=np.float64)  # a copy: it becomes the result
        finite = np.isfinite(output)
        points = output[finite]
        if not len(points) or self.weight == 0.0:
            return output
        averages = _recursion((1.0 - self.weight) * points, self.weight, self._average)
        self._average = float(averages[-1])
        # Divided by 1 - weight**n, reckoned so that the first points of a constant do not bend; later it is 1.
        young = max(0, min(len(points), math.ceil(_OLD / math.log(self.weight)) - self._count))
        counts = self._count + np.arange(1, young + 1)
        averages[:young] /= -np.expm1(counts * math.log(self.weight))
        self._count += len(points)
        output[finite] = averages
        return output


def _recursion(inputs: Float64s, decay: float, start: float) -> Float64s:
    """``y[i] = decay * y[i - 1] + inputs[i]`` with ``y[-1] = start``.

    In blocks that advance together, each from zero; what runs from block to block is the same recursion over 128
    times fewer items. No matrix product, though one could do it: its threads would wait for those of a training.
    """
    if len(inputs) <= _BLOCK:
        outputs = np.empty_like(inputs)
        last = start
        for index, value in enumerate(inputs.tolist()):
            last = decay * last + value
            outputs[index] = last
        return outputs
    blocks = -(-len(inputs) // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[: len(inputs)] = inputs
    within = np.ascontiguousarray(padded.reshape(blocks, _BLOCK).T)  # one row for each place in a block
    for place in range(1, _BLOCK):
        within[place] += decay * within[place - 1]
    ends = _recursion(within[-1].copy(), decay**_BLOCK, start)
    carried = np.concatenate(([start], ends[:-1]))
    within += decay ** np.arange(1, _BLOCK + 1)[:, None] * carried
    return within.T.reshape(-1)[: len(inputs)]
