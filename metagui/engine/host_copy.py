"""Values on their way from a device to the host, without making the device's work wait for it."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor

_ASYNCHRONOUS = ("cuda", "xpu")
"""Devices that copy to pinned memory while they go on computing."""


class HostCopy:
    """A copy that was asked for. On the CPU, and on devices without asynchronous copies, it is there at once."""

    def __init__(self, values: Tensor) -> None:
        self._event: torch.Event | None = None
        if values.device.type in _ASYNCHRONOUS:
            self._host = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
            self._host.copy_(values, non_blocking=True)
            self._event = torch.Event(values.device)
            self._event.record()
        else:
            self._host = values.cpu()

    @property
    def is_there(self) -> bool:
        return self._event is None or bool(self._event.query())

    def numpy(self) -> npt.NDArray[Any]:
        """The values, waited for if need be."""
        if self._event is not None:
            self._event.synchronize()
        return self._host.numpy()


def sent(values: Tensor, device: torch.device, dtype: torch.dtype | None = None) -> Tensor:
    """The tensor on a device, of another type if given; the host does not wait where the device can fetch it."""
    values = values if dtype is None else values.to(dtype=dtype)
    if device.type in _ASYNCHRONOUS and values.device.type == "cpu":
        return values.pin_memory().to(device, non_blocking=True)
    return values.to(device)
