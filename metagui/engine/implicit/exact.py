"""The exact solution, with the Hessian written out: the truth that iterations are held against, for small networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from metagui.engine.implicit.system import Answer, System


@dataclass(frozen=True, slots=True)
class Exact:
    """Solves (H + Lambda) x = v by a factorisation of the dense matrix [T, P, P], one product a column."""

    alarm: ClassVar[str] = ""

    def solve(self, system: System, right_side: Tensor) -> Answer:
        tasks, size = right_side.shape
        matrix = right_side.new_empty(tasks, size, size)
        unit = torch.zeros_like(right_side)
        for column in range(size):
            unit[:, column] = 1
            matrix[:, :, column] = system.product(unit)
            unit[:, column] = 0
        x, _ = torch.linalg.solve_ex(matrix, right_side)  # unlike solve, it does not wait for the device to check
        residual = (right_side - (matrix @ x.unsqueeze(-1)).squeeze(-1)).norm(dim=1)
        tiny = torch.finfo(right_side.dtype).tiny
        return Answer(x, {"exact_residual": (residual / right_side.norm(dim=1).clamp_min(tiny)).mean()})

    def concern(self, values: Mapping[str, float]) -> str:
        return ""
