"""Meta-learning algorithms and their inner loops: one file each."""

from __future__ import annotations

from metagui.config.algorithms.base import AlgorithmSection, InnerLoop
from metagui.config.algorithms.imaml import IMAML
from metagui.config.algorithms.maml import FOMAML, MAML
from metagui.config.algorithms.reptile import Reptile

__all__ = ["BUILT_IN", "FOMAML", "IMAML", "MAML", "AlgorithmSection", "InnerLoop", "Reptile"]

BUILT_IN: tuple[type[AlgorithmSection], ...] = (MAML, FOMAML, Reptile, IMAML)
