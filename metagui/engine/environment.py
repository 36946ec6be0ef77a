"""What a run's last digits depend on besides its configuration, and what of it changed when a run goes on."""

from __future__ import annotations

import platform
from collections.abc import Mapping

import numpy as np
import torch

from metagui.identity import __version__


def environment(device: torch.device, threads: int) -> dict[str, str]:
    """Versions, processor, device and CPU threads, by name."""
    return {
        "metagui": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "processor": f"{platform.machine()} with {torch.backends.cpu.get_cpu_capability()}",
        "device": str(device),
        "threads": str(threads),
    }


def change_notice(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """A sentence on what differs; empty where nothing does, or nothing is known."""
    changed = [
        f"{name} {value} instead of {before[name]}" for name, value in now.items() if before.get(name, value) != value
    ]
    if not changed:
        return ""
    return (
        f"This run goes on with {' and '.join(changed)}: from here on its numbers may differ in the last digits from "
        "those that it would have had without the interruption."
    )
