"""Synthetic points of runs, and a monitor that is shown and closed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from metagui.config import ExperimentConfig, load_preset
from metagui.events import Array, Metrics
from metagui.gui.monitor.page import MonitorPage

MakeMetrics = Callable[..., Metrics]


@pytest.fixture
def make_metrics() -> MakeMetrics:
    """Metrics from columns by series name; steps count from ``first``, 0.1 s apart."""

    def make(columns: Mapping[str, npt.ArrayLike], first: int = 1) -> Metrics:
        values = np.stack([np.asarray(column, dtype=np.float64) for column in columns.values()], axis=1)
        steps = np.arange(first, first + len(values), dtype=np.int64)
        return Metrics(
            names=tuple(columns), steps=Array.of(steps), times=Array.of(1e9 + 0.1 * steps), values=Array.of(values)
        )

    return make


@pytest.fixture
def regression_config() -> ExperimentConfig:
    return load_preset("sinusoid-maml").config


@pytest.fixture
def images_config() -> ExperimentConfig:
    return load_preset("omniglot-maml-5w1s").config


@pytest.fixture
def page(qtbot: Any) -> Iterator[MonitorPage]:
    """A monitor on show, so that it draws."""
    monitor = MonitorPage()
    qtbot.addWidget(monitor)
    monitor.resize(900, 650)
    monitor.show()
    qtbot.waitExposed(monitor)
    yield monitor
    monitor.hide()
