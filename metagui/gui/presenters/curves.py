"""Reads a stored run's curves for the monitor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metagui.runs.store import RunStore

Curves = dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]


def read_curves(store: RunStore, run_id: str, until: int | None = None) -> Curves:
    """Steps and values of every series, up to and with the step ``until``; raises StoreError."""
    curves: Curves = {}
    for name in store.series(run_id):
        points = store.read_series(run_id, name)
        steps, values = points[0], points[1]
        if until is not None:
            kept = int(np.searchsorted(steps, until, side="right"))
            steps, values = steps[:kept], values[:kept]
        curves[name] = (steps, values)
    return curves
