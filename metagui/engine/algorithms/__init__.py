"""The algorithms that train: one file each, batched over tasks, equal to the textbook's to rounding."""

from __future__ import annotations

from metagui.config.algorithms import AlgorithmSection
from metagui.engine.algorithms.base import Algorithm, MetaGradient
from metagui.engine.bank import Bank
from metagui.engine.implementation import implementation_of

__all__ = ["Algorithm", "MetaGradient", "build_algorithm"]


def build_algorithm(config: AlgorithmSection, bank: Bank) -> Algorithm:
    """The algorithm of a configuration, working on this bank."""
    algorithm: Algorithm = implementation_of("algorithm.name", config)(bank, config)
    return algorithm
