"""Meta-learning algorithms and their inner loops: one file each."""

from __future__ import annotations

from metagui.config.algorithms.anil import ANIL, BOIL
from metagui.config.algorithms.base import AlgorithmSection, InnerLoop
from metagui.config.algorithms.imaml import IMAML
from metagui.config.algorithms.joint import Joint
from metagui.config.algorithms.maml import FOMAML, MAML
from metagui.config.algorithms.meta_sgd import MetaSGD
from metagui.config.algorithms.protonet import ProtoNet
from metagui.config.algorithms.reptile import Reptile

__all__ = [
    "ANIL",
    "BOIL",
    "BUILT_IN",
    "FOMAML",
    "IMAML",
    "MAML",
    "AlgorithmSection",
    "InnerLoop",
    "Joint",
    "MetaSGD",
    "ProtoNet",
    "Reptile",
]

BUILT_IN: tuple[type[AlgorithmSection], ...] = (MAML, FOMAML, Reptile, IMAML, ANIL, BOIL, MetaSGD, ProtoNet, Joint)
