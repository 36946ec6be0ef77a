"""Where an axis has its ticks and what they say: linear, logarithmic, percentages and durations. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

Scale = Literal["linear", "log", "percent", "duration"]
"""``log``: positions are decimal logarithms of the values; ``percent``: values are shares; ``duration``: seconds."""

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DURATION_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_MANTISSAS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), tuple(float(digit) for digit in range(1, 10)))


def positions(low: float, high: float, count: int, scale: Scale) -> list[float]:
    """Positions of about ``count`` ticks within ``low`` .. ``high``, in the axis's own coordinates."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return []
    count = max(count, 2)
    if scale == "log":
        return _log_positions(low, high, count)
    if scale == "duration":
        return _multiples(low, high, _duration_step(high - low, count))
    return _multiples(low, high, _nice_step(high - low, count))


def labels(ticks: Sequence[float], scale: Scale) -> list[str]:
    """What stands beside each tick."""
    if scale == "log":
        values = [10.0**tick for tick in ticks]
        return [number(value) for value in values]
    if scale == "duration":
        decimals = _decimals(ticks)
        return [f"{number(tick, decimals)} s" if decimals else duration(tick) for tick in ticks]
    factor = 100.0 if scale == "percent" else 1.0
    decimals = _decimals([tick * factor for tick in ticks])
    suffix = " %" if scale == "percent" else ""
    return [number(tick * factor, decimals) + suffix for tick in ticks]


def number(value: float, decimals: int | None = None) -> str:
    """A number for a tick or a tip: thin spaces between thousands, a power of ten for the very large and small."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    if size >= 1e7 or 0 < size < 1e-3:
        mantissa, exponent = f"{value:.2e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        power = "10" + str(int(exponent)).translate(_SUPERSCRIPT)
        sign = "−" if mantissa.startswith("-") else ""
        digits = mantissa.lstrip("-")
        return sign + (power if digits == "1" else f"{digits}·{power}")
    text = f"{value:,.{decimals}f}" if decimals is not None else _significant(value)
    return text.replace(",", "\u2009").replace("-", "−")


def reading(value: float) -> str:
    """A measured value to three significant digits, zeros at the end included."""
    if not math.isfinite(value) or value == 0 or not 1e-3 <= abs(value) < 1e7:
        return number(value)
    return number(value, max(0, 2 - math.floor(math.log10(abs(value)))))


def duration(seconds: float) -> str:
    """``45 s``, ``2:30``, ``1:02:00``."""
    whole = round(seconds)
    if abs(whole) < 60:
        return f"{whole} s"
    sign, whole = ("−" if whole < 0 else ""), abs(whole)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return sign + (f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}")


def _significant(value: float) -> str:
    if value == 0:
        return "0"
    decimals = max(0, 3 - math.floor(math.log10(abs(value))) - 1)
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(values: Sequence[float]) -> int:
    """The fewest decimals that tell these values apart and lose none of them."""
    for decimals in range(8):
        if all(abs(round(value, decimals) - value) < 1e-9 * max(1.0, abs(value)) for value in values):
            return decimals
    return 8


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def _nice_step(span: float, count: int) -> float:
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    leading = raw / power
    return float(power * (1 if leading < 1.42 else 2 if leading < 3.2 else 5 if leading < 7.1 else 10))


def _duration_step(span: float, count: int) -> float:
    raw = span / count
    if raw < 1:
        return _nice_step(span, count)
    return float(next((step for step in _DURATION_STEPS if step >= raw), math.ceil(raw / 86400) * 86400))


def _log_positions(low: float, high: float, count: int) -> list[float]:
    decades = range(math.floor(low), math.ceil(high) + 1)
    chosen: list[float] = []
    for mantissas in _MANTISSAS:
        candidates = [decade + math.log10(mantissa) for decade in decades for mantissa in mantissas]
        inside = [tick for tick in candidates if low <= tick <= high]
        if len(inside) > 1.5 * count:
            break
        chosen = inside
    if len(chosen) > 2:
        return chosen
    if high - low > count:  # many decades: every second, third, ... of them
        stride = math.ceil((high - low) / count)
        return [float(decade) for decade in decades if decade % stride == 0 and low <= decade <= high]
    values = _multiples(10.0**low, 10.0**high, _nice_step(10.0**high - 10.0**low, count))
    return [float(tick) for tick in np.log10([value for value in values if value > 0])]
