"""ANIL and BOIL: MAML with an inner rate of zero for one half of the network.

Raghu, Raghu, Bengio, Vinyals, "Rapid Learning or Feature Reuse?", 2020: the head alone adapts. Oh, Yoo, Kim, Yun,
"BOIL: Towards Representation Change for Few-shot Learning", 2021: the body alone adapts.
"""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.config.algorithms.base import InnerLoop
from metagui.engine.algorithms.unrolled import Unrolled
from metagui.engine.bank import Bank
from metagui.engine.gradient_step import Rate


class _Part(Unrolled):
    """Adapts some of the parameters; ``mask`` [P] is 1 for those."""

    def __init__(self, bank: Bank, config: InnerLoop, mask: Tensor) -> None:
        super().__init__(bank, config)
        self._mask = mask

    def rate(self, k: int, theta: Tensor) -> Rate:
        """[P], zero for what stays."""
        self._mask = self._mask.to(theta)
        return self.inner_lr * self._mask


class ANIL(_Part):
    """The last layer adapts, the body is meta-learned alone."""

    def __init__(self, bank: Bank, config: InnerLoop) -> None:
        super().__init__(bank, config, head_mask(bank))


class BOIL(_Part):
    """The body adapts, the last layer is meta-learned alone."""

    def __init__(self, bank: Bank, config: InnerLoop) -> None:
        super().__init__(bank, config, 1 - head_mask(bank))


def head_mask(bank: Bank) -> Tensor:
    """[P]: 1 for the parameters of the last layer, 0 for the others."""
    parts = [torch.full(shape, float(name in bank.model.head)) for name, shape in bank.space.shapes.items()]
    return torch.cat([part.flatten() for part in parts])
