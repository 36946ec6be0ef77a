"""Sums along rows equal their plain forms."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from metagui.engine.rows import added, dot, squared_norm, weighted_square

X, Y = torch.randn(2, 3, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
WEIGHTS = [0.7, torch.tensor(0.7, dtype=torch.float64), torch.linspace(0.1, 2, 7, dtype=torch.float64)]


def test_that_products_and_norms_are_those_of_each_row() -> None:
    torch.testing.assert_close(dot(X, Y), (X * Y).sum(dim=1))
    torch.testing.assert_close(squared_norm(X), X.square().sum(dim=1))


@pytest.mark.parametrize("weights", WEIGHTS, ids=["number", "scalar", "diagonal"])
def test_that_weights_may_be_one_number_or_a_diagonal(weights: float | Tensor) -> None:
    torch.testing.assert_close(weighted_square(X, weights), (X.square() * weights).sum(dim=1))
    torch.testing.assert_close(added(X, weights, Y), X + weights * Y)
