"""The state of the global random number generators of torch, numpy and Python.

Nothing of metagui draws from them (see :mod:`metagui.engine.seeding`); a plug-in may, and shall go on where it was.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class RandomStates:
    """``tensors``: torch's by device, uint8 [n]; ``header``: numpy's and Python's as JSON has them."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)


def seed(value: int) -> None:
    """Begin all of them anew, so that a run's seed decides what a plug-in draws, too."""
    torch.manual_seed(value)
    np.random.seed(value)
    random.seed(value)


def capture(device: torch.device) -> RandomStates:
    """Those of now, with the generator of ``device`` where it has one of its own."""
    tensors = {"cpu": torch.get_rng_state()}
    if device.type != "cpu":
        tensors["device"] = torch.get_device_module(device).get_rng_state(device)
    numbers = np.random.get_state(legacy=False)
    version, internal, gauss = random.getstate()
    header = {
        "numpy": numbers | {"state": {"key": numbers["state"]["key"].tolist(), "pos": int(numbers["state"]["pos"])}},
        "python": [version, list(internal), gauss],
    }
    return RandomStates(tensors, header)


def restore(states: RandomStates, device: torch.device) -> None:
    """Go on from captured states; raises ValueError, TypeError or KeyError where they are none."""
    if "cpu" in states.tensors:
        torch.set_rng_state(states.tensors["cpu"])
    if "device" in states.tensors and device.type != "cpu":
        torch.get_device_module(device).set_rng_state(states.tensors["device"], device)
    numbers: Mapping[str, Any] | None = states.header.get("numpy")
    if numbers is not None:
        key = np.array(numbers["state"]["key"], dtype=np.uint32)
        np.random.set_state({**numbers, "state": {"key": key, "pos": numbers["state"]["pos"]}})
    drawn = states.header.get("python")
    if drawn is not None:
        version, internal, gauss = drawn
        random.setstate((version, tuple(internal), gauss))
