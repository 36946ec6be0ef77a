"""How the range of an axis follows the data: at once when they leave it, late when it has become too wide. No Qt."""

from __future__ import annotations

Range = tuple[float, float]

_AHEAD = 0.08  # room to the right, so that the axis moves now and then instead of at every frame
_NEAR_ZERO = 0.1  # data that begin this near to zero are shown from zero on
_MARK = 0.007
_PAD = 0.06
_SHRINK_BELOW = 0.6


def follow_positions(extent: Range, current: Range | None) -> Range:
    """The horizontal range for data from ``extent[0]`` to ``extent[1]``; keeps ``current`` while it fits well."""
    low, high = extent
    if 0 < low <= _NEAR_ZERO * high:
        low = 0.0
    span = high - low
    if span <= 0:
        span = max(abs(low) * 0.02, 1.0)
    if low == 0.0:
        low = -_MARK * span  # room for half a mark at the axis
        span -= low
    if current is not None:
        held_low, held_high = current
        same_start = abs(held_low - low) <= 0.02 * span
        if same_start and low + span <= held_high <= low + span * (1 + 2 * _AHEAD):
            return current
    return low, low + span * (1 + _AHEAD)


def follow_heights(extent: Range, current: Range | None, floor: float | None = None) -> Range:
    """The vertical range for data within ``extent``, with some room; ``floor`` is where the quantity ends by nature."""
    low, high = extent
    span = high - low
    if span <= 0:
        span = max(abs(high) * 0.2, 1e-9)
    low, high = low - _PAD * span, high + _PAD * span
    if floor is not None and extent[0] >= floor > low:
        low = floor - 0.02 * span
    if current is not None:
        held_low, held_high = current
        inside = held_low <= extent[0] and extent[1] <= held_high
        if inside and (high - low) > _SHRINK_BELOW * (held_high - held_low):
            return current
    return low, high
