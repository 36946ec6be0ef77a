"""The algorithms that train: one file each, batched over tasks, equal to the textbook's to rounding."""

from __future__ import annotations

from metagui.config import algorithms as config
from metagui.engine.algorithms.base import Algorithm, MetaGradient
from metagui.engine.algorithms.fomaml import FOMAML
from metagui.engine.algorithms.imaml import IMAML
from metagui.engine.algorithms.maml import MAML
from metagui.engine.algorithms.reptile import Reptile
from metagui.engine.inner_loop import Bank

__all__ = ["FOMAML", "IMAML", "MAML", "Algorithm", "MetaGradient", "Reptile", "build_algorithm"]


def build_algorithm(choice: config.AlgorithmConfig, bank: Bank) -> Algorithm:
    """The algorithm of a configuration, working on this model."""
    match choice:
        case config.MAML():
            return MAML(bank, choice)
        case config.FOMAML():
            return FOMAML(bank, choice)
        case config.Reptile():
            return Reptile(bank, choice)
        case config.IMAML():
            return IMAML(bank, choice)
