"""Where and how exactly an experiment is computed."""

from __future__ import annotations

import os
from typing import ClassVar, Literal

from metagui.config.fields import Section, setting


class ComputeConfig(Section):
    title: ClassVar[str] = "Compute"
    summary: ClassVar[str] = "Device, precision, seed and housekeeping."

    device: str = setting(
        "auto",
        title="Device",
        help="auto, cpu, cuda, cuda:1, mps or xpu; auto takes an accelerator when there is one.",
        pattern=r"^(auto|cpu|mps|(cuda|xpu)(:\d{1,3})?)$",
    )
    seed: int = setting(0, title="Seed", help="Decides initial parameters and every task drawn.", ge=0, le=2**31 - 1)
    dtype: Literal["float32", "float64", "bfloat16"] = setting(
        "float32",
        title="Precision",
        help="Floating-point type of parameters and data. Mixed keeps parameters in float32 and rounds the arithmetic "
        "of a convolutional network to bfloat16: faster on recent GPUs, for first-order algorithms.",
        labels={"float32": "float32", "float64": "float64", "bfloat16": "bfloat16 (mixed)"},
        advanced=True,
    )
    threads: int = setting(
        0,
        title="Threads",
        help="CPU threads of the engine; 0 chooses: 1 for small networks, else all cores but one.",
        ge=0,
        le=1024,
        advanced=True,
    )
    memory: Literal["fast", "lean"] = setting(
        "fast",
        title="Memory",
        help="Lean computes one task after another and goes back through the inner loop without having kept its "
        "graphs: long inner loops of large networks fit, for the same numbers but for rounding, in more time.",
        labels={"fast": "Fast", "lean": "Lean"},
        advanced=True,
    )
    checkpoint_every: int = setting(
        1000,
        title="Checkpoint every",
        unit="meta-steps",
        help="How often the run is saved, besides at its end, at a pause and at a new best.",
        ge=1,
        le=100_000_000,
        advanced=True,
    )

    def resolved_threads(self, toy: bool) -> int:
        """Number of intra-op threads: the configured one, or 1 for toy networks and cores - 1 (at least 1) else."""
        if self.threads:
            return self.threads
        return 1 if toy else max(1, (os.cpu_count() or 1) - 1)
