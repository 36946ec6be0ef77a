"""Queries that are normalised together with the support set, where batch norm could tell nothing of them alone.

A network whose batch norm takes its statistics from the batch it sees was trained on query sets with every class in
them. One character drawn by hand is no such batch: judged alone it is told apart no better than by chance.
"""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.engine.bank import Bank
from metagui.engine.episode import EpisodeBatch, Examples

NOTE = (
    "This network's batch norm looks at all pictures of a batch together: the queries are judged in the company of the "
    "support pictures, as few pictures alone would not be a batch like those it was trained on."
)


class Accompanied(Bank):
    """A bank that makes its query passes over support and query examples together."""

    def query_outputs(self, phi: Tensor, support: Examples, inputs: Tensor, k: int = 0) -> Tensor:
        together = torch.cat([support.inputs, inputs], dim=1)
        return Bank.query_outputs(self, phi, support, together, k)[:, support.inputs.shape[1] :]


def accompanied(bank: Bank) -> Bank:
    """The same network, judging in company."""
    return Accompanied(bank.model, bank.space, bank.normalisation, bank.n_classes)


def lacks_company(bank: Bank, batch: EpisodeBatch, ways: int) -> bool:
    """Whether the queries of one task are no batch by which a network that normalises by batches can judge: not every
    class is known to be among them."""
    if bank.model.norm_mode != "transductive" or not batch.query.inputs.shape[1]:
        return False
    return not set(range(ways)) <= set(batch.query.targets.flatten().tolist())
