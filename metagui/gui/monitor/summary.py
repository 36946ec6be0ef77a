"""Curves in words, for those who cannot see them. No Qt."""

from __future__ import annotations

import numpy as np

from metagui.gui.monitor.history import Series
from metagui.gui.monitor.ticks import number, reading


def describe(name: str, series: Series, percent: bool = False) -> str:
    """One sentence: how many points, where the curve starts and ends, and its best value."""
    values = series.values
    finite = np.isfinite(values)
    if not finite.any():
        return f"{name}: no points."

    def spoken(value: float) -> str:
        return f"{value:.0%}" if percent else reading(value)

    steps, known = series.steps[finite], values[finite]
    best = int(known.argmax() if percent else known.argmin())
    trend = _trend(known)
    extreme = "highest" if percent else "lowest"
    return (
        f"{name}: {number(known.size)} {'point' if known.size == 1 else 'points'} up to meta-step "
        f"{number(int(steps[-1]))}, from {spoken(float(known[0]))} to {spoken(float(known[-1]))}, "
        f"{extreme} {spoken(float(known[best]))} at meta-step {number(int(steps[best]))}, {trend}."
    )


def _trend(values: np.ndarray) -> str:
    """Whether the last tenth lies above or below the tenth before it, by more than their noise."""
    tenth = values.size // 10
    if tenth < 3:
        return "too short for a trend"
    last = values[-2 * tenth :]
    last = last / (np.abs(last).max() or 1.0)  # the squares of a diverging loss would overflow
    recent, before = last[tenth:], last[:tenth]
    difference = float(recent.mean() - before.mean())
    noise = float(np.hypot(recent.std(), before.std())) / tenth**0.5
    if abs(difference) <= 3 * noise:
        return "level of late"
    return "rising of late" if difference > 0 else "falling of late"
