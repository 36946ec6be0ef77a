"""Which bank computes the passes of a model: the fastest that knows it."""

from __future__ import annotations

from metagui.engine.analytic_bank import AnalyticBank
from metagui.engine.bank import Bank
from metagui.engine.models.base import Model, ParameterSpace
from metagui.engine.models.mlp import MLP
from metagui.engine.models.normalisation import TRANSDUCTIVE, Normalisation


def bank_of(
    model: Model, space: ParameterSpace, normalisation: Normalisation = TRANSDUCTIVE, n_classes: int = 0
) -> Bank:
    """The bank for a model: derivatives written out for fully connected networks, autograd's for all others."""
    # Not for what is derived from MLP: it may compute something else.
    if type(model) is MLP:
        return AnalyticBank(model, space, normalisation, n_classes)
    return Bank(model, space, normalisation, n_classes)
