"""Meta-learning algorithms and their inner loops: one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metagui.config.algorithms.base import AlgorithmSection, InnerLoop
from metagui.config.algorithms.imaml import IMAML
from metagui.config.algorithms.maml import FOMAML, MAML
from metagui.config.algorithms.reptile import Reptile
from metagui.config.registry import with_plug_ins

__all__ = ["FOMAML", "IMAML", "MAML", "AlgorithmConfig", "AlgorithmSection", "InnerLoop", "Reptile"]

if TYPE_CHECKING:
    AlgorithmConfig = AlgorithmSection
else:
    AlgorithmConfig = with_plug_ins("metagui.algorithms", AlgorithmSection, [MAML, FOMAML, Reptile, IMAML])
