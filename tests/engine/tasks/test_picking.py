"""Drawing without replacement, from few and from many: different, in range, all alike likely, repeatable."""

from __future__ import annotations

import torch

from metagui.engine.seeding import generator
from metagui.engine.tasks.images import pick


def test_that_what_is_picked_is_different_and_in_range_whatever_the_counts() -> None:
    counts = torch.tensor([[16, 17, 2048, 2049], [5000, 100_000, 10_000_000, 40]])
    picked = pick(counts, 16, generator(0, "train"))
    assert picked.shape == (2, 4, 16)
    assert (picked >= 0).all()
    assert (picked < counts.unsqueeze(-1)).all()
    for row in picked.flatten(0, 1).tolist():
        assert len(set(row)) == 16


def test_that_many_are_picked_from_many() -> None:
    picked = pick(torch.full((3,), 4000), 400, generator(0, "train"))
    assert all(len(set(row)) == 400 for row in picked.tolist())


def test_that_all_are_alike_likely_in_every_place() -> None:
    n, rows = 3000, 20_000
    picked = pick(torch.full((rows,), n), 4, generator(0, "train"))
    for place in range(4):
        tenths = torch.bincount(picked[:, place] * 10 // n, minlength=10).double() / rows
        assert (tenths - 0.1).abs().max() < 0.01  # about five standard deviations
    assert (picked[:, 0] < picked[:, 1]).double().mean().sub(0.5).abs() < 0.02


def test_that_the_generator_alone_decides() -> None:
    counts = torch.tensor([30, 100_000])
    first, again, other = (pick(counts, 5, generator(0, "train", index)) for index in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_that_a_row_that_came_out_short_is_drawn_again() -> None:
    """Forty thousand draws of 2,000 from 16,400 hold rows with more numbers twice than are drawn to spare."""
    picked = pick(torch.full((6,), 16_400), 2000, generator(3, "train"))
    assert all(len(set(row)) == 2000 for row in picked.tolist())
