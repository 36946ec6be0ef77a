"""Reads a stored run's curves for the monitor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metagui.runs.store import RunStore

Curves = dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]]
"""steps, values and times (seconds since the epoch) of each series"""


def read_curves(store: RunStore, run_id: str, until: int | None = None) -> Curves:
    """Every series, up to and with the step ``until``; raises StoreError."""
    curves: Curves = {}
    for name in store.series(run_id):
        steps, values, times = store.read_series(run_id, name)
        kept = len(steps) if until is None else int(np.searchsorted(steps, until, side="right"))
        curves[name] = (steps[:kept], values[:kept], times[:kept])
    return curves
