"""Which devices there are, and which one a configuration means."""

from __future__ import annotations

import psutil
import torch

from metagui.config.device_rules import refusal
from metagui.config.experiment import ExperimentConfig
from metagui.errors import InvalidValueError
from metagui.events import DeviceInfo


def list_devices() -> tuple[DeviceInfo, ...]:
    """Every device this machine can train on, the CPU first."""
    cpu = DeviceInfo(name="cpu", title=f"CPU ({psutil.cpu_count() or 1} cores)", memory_bytes=_total_memory())
    return (cpu, *_accelerators())


def device_for(config: ExperimentConfig) -> torch.device:
    """Where an experiment is computed; raises InvalidValueError, with the reason, where this machine cannot."""
    device = resolve_device(config.compute.device)
    problem = refusal(config, device.type)
    if problem is not None:
        raise InvalidValueError(problem.path, problem.message)
    return device


def resolve_device(name: str) -> torch.device:
    """``auto`` is the first accelerator, else the CPU; raises InvalidValueError for a device that is not there.

    MPS is never chosen by itself: PyTorch cannot yet differentiate all of it twice.
    """
    available = [device.name for device in list_devices()]
    if name == "auto":
        return torch.device(next((device for device in available if device not in ("cpu", "mps")), "cpu"))
    wanted = f"{name}:0" if name in ("cuda", "xpu") else name
    if wanted not in available:
        raise InvalidValueError("compute.device", f"{name} is not on this machine; it has {', '.join(available)}")
    return torch.device(wanted)


def _accelerators() -> list[DeviceInfo]:
    if not torch.accelerator.is_available():
        return []
    kind = torch.accelerator.current_accelerator()
    if kind is None:
        return []
    if kind.type not in ("cuda", "xpu"):
        return [DeviceInfo(name=kind.type, title=kind.type.upper())]
    return [_numbered(kind.type, index) for index in range(torch.accelerator.device_count())]


def _numbered(kind: str, index: int) -> DeviceInfo:
    module = torch.get_device_module(kind)
    properties = module.get_device_properties(index)
    return DeviceInfo(name=f"{kind}:{index}", title=str(properties.name), memory_bytes=int(properties.total_memory))


def _total_memory() -> int:
    return int(psutil.virtual_memory().total)
