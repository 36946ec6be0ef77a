"""The algorithms as the papers write them: one task at a time, dictionaries of parameters, autograd and nothing else.

Slow on purpose: to be read, and to test the fast ones in :mod:`metagui.engine.algorithms` against. Each algorithm is a
module with ``meta_gradient`` (what it computes for a batch of tasks) and ``meta_step`` (what it does with it). The
initial parameters ``theta`` are leaves that require gradients, by name.
"""

from metagui.engine.textbook import anil, fomaml, imaml, joint, maml, meta_sgd, protonet, reptile
from metagui.engine.textbook.conjugate_gradient import conjugate_gradient
from metagui.engine.textbook.inner_loop import adapted_parameters
from metagui.engine.textbook.meta_training import meta_train
from metagui.engine.textbook.optimizer_steps import move_toward_target, outer_step_with_grad
from metagui.engine.textbook.results import ImplicitMetaGradient, MetaGradient

__all__ = [
    "ImplicitMetaGradient",
    "MetaGradient",
    "adapted_parameters",
    "anil",
    "conjugate_gradient",
    "fomaml",
    "imaml",
    "joint",
    "maml",
    "meta_sgd",
    "meta_train",
    "move_toward_target",
    "outer_step_with_grad",
    "protonet",
    "reptile",
]
