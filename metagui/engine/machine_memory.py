"""How much memory there is where a run computes, how much of it is free, and how much the run holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes: ``total`` there is, ``available`` to a program that starts now. 0 where that is not known."""

    total: int
    available: int


def room_on(device: torch.device) -> Room:
    """Memory of the machine for the CPU and for GPUs that share it, else the device's own."""
    match device.type:
        case "cuda" | "xpu":
            return _room_on_gpu(device)
        case _:
            return _room_on_machine()


def held_on(device: torch.device) -> int:
    """Bytes this process holds: of the device's own memory, or of the machine's."""
    if device.type in ("cuda", "xpu"):
        return int(torch.get_device_module(device).memory_reserved(device))
    held = int(psutil.Process().memory_info().rss)
    if device.type == "mps":
        held += int(torch.mps.driver_allocated_memory())
    return held


def _room_on_gpu(device: torch.device) -> Room:
    module = torch.get_device_module(device)
    total = int(module.get_device_properties(device).total_memory)
    if not module.is_initialized():  # asking what is free would take some of it
        return Room(total, total)
    return Room(total, int(module.mem_get_info(device)[0]))


def _room_on_machine() -> Room:
    memory = psutil.virtual_memory()
    limit, used = _cgroup_limit(_CGROUP)
    if limit and limit < memory.total:  # a container may have less than its machine
        return Room(limit, min(int(memory.available), max(0, limit - used)))
    return Room(int(memory.total) + int(psutil.swap_memory().total), int(memory.available))


def _cgroup_limit(folder: Path) -> tuple[int, int]:
    """Most bytes that this container may have, and how many it has; 0 and 0 without a limit."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            return int((folder / limit).read_text()), int((folder / used).read_text())
        except (OSError, ValueError):  # none, or "max"
            continue
    return 0, 0
