"""What can be computed where, and how exactly: a table that needs none of the devices.

| device    | second derivatives                   | float64                   | bfloat16                    |
|-----------|--------------------------------------|---------------------------|-----------------------------|
| cpu       | yes                                  | yes                       | yes                         |
| cuda, xpu | yes                                  | yes                       | yes                         |
| mps       | no: PyTorch fails in the second pass | no: Apple's GPUs lack it  | no: autocast is not trusted |

bfloat16 means *mixed* precision: parameters, inner and outer steps stay float32, and the network's own arithmetic
rounds to 8 significant bits. That is enough for a first gradient of a convolutional network, and too little for a
second derivative, a Hessian product or a small fully connected network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metagui.config.problems import Problem

if TYPE_CHECKING:
    from metagui.config.experiment import ExperimentConfig


def refusal(config: ExperimentConfig, device_kind: str) -> Problem | None:
    """Why an experiment cannot be computed on a kind of device ("cpu", "cuda", "mps", "xpu"); None where it can.

    "auto" stands for a device that is not known yet: only what no device can do is refused.
    """
    algorithm, dtype = config.algorithm, config.compute.dtype
    if dtype == "bfloat16" and algorithm.second_order:
        return Problem(
            "compute.dtype",
            f"bfloat16 keeps too few digits for the second derivatives of {algorithm.title}: choose float32, or a "
            "first-order algorithm such as FOMAML or Reptile",
        )
    if dtype == "bfloat16" and not config.model.mixed_precision:
        return Problem("compute.dtype", f"bfloat16 gains nothing with {config.model.title}: choose float32")
    if device_kind != "mps":
        return None
    if algorithm.second_order:
        return Problem(
            "compute.device",
            f"PyTorch cannot differentiate twice on mps, and {algorithm.title} needs it: choose cpu, or a first-order "
            "algorithm such as FOMAML or Reptile",
        )
    if dtype != "float32":
        return Problem("compute.device", f"mps has no {dtype}: choose float32, or cpu")
    return None


def limits_of(device_kind: str) -> str:
    """What a kind of device cannot do, in words; empty where it can do all."""
    return "first-order algorithms and float32 only" if device_kind == "mps" else ""
