"""The window of a test: on a data folder of its own, closed behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metagui.config import load_preset
from metagui.gui.workbench import Workbench
from metagui.runs.store import RunStore

OpenWorkbench = Callable[..., Workbench]


@pytest.fixture
def open_workbench(qapp: Any, data_dir: Path) -> Iterator[OpenWorkbench]:
    """Opens windows, one after the other or at once; without the warm worker unless ``worker=True``."""
    opened: list[Workbench] = []

    def open_one(theme: str = "system", *, worker: bool = False, folder: Path = data_dir) -> Workbench:
        bench = Workbench(qapp, folder, theme)
        opened.append(bench)
        if worker:
            bench.open()
        else:
            bench.worker.shutdown()
            bench.open()
        return bench

    yield open_one
    for bench in opened:
        bench.close()
        bench.window.close_guard = lambda: True
        bench.window.close()
        bench.window.deleteLater()
        bench.deleteLater()
    qapp.sendPostedEvents(None, 52)  # deferred deletes


@pytest.fixture
def stored_run(data_dir: Path) -> Callable[..., str]:
    """Writes a run into the store as if it had been trained; returns its id."""

    def store_one(preset: str = "sinusoid-maml", status: str = "stopped", step: int = 40, reason: str = "") -> str:
        with RunStore(data_dir) as store:
            record = store.create(load_preset(preset).config)
            steps = np.arange(1, step + 1, dtype=np.int64)
            times = 1e9 + steps * 0.1
            names = ("outer_loss", "inner_loss/0", "inner_loss/1")
            store.write_points(record.id, [(name, steps, 4.0 / steps, times) for name in names])
            store.heartbeat(record.id, step, record.total_steps)
            store.set_status(record.id, status, reason)  # type: ignore[arg-type]
            return record.id

    return store_one
