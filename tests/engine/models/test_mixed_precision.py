"""Mixed precision: bfloat16 inside the network, float32 all around it."""

from __future__ import annotations

import pytest
import torch

from metagui.config import apply_overrides, load_preset
from metagui.engine.learner import MetaLearner


def _learner(dtype: str, *changes: str) -> MetaLearner:
    quick = ["model.filters=8", "outer.meta_batch_size=2", "compute.device=cpu", f"compute.dtype={dtype}"]
    config = apply_overrides(load_preset("glyphs-maml-5w1s").config, ["algorithm.name=reptile", *quick, *changes])
    return MetaLearner(config)


@pytest.mark.parametrize("norm_mode", ["transductive", "support", "per_step"])
def test_that_a_step_rounds_the_arithmetic_and_keeps_the_parameters(norm_mode: str) -> None:
    changes = [f"model.norm_mode={norm_mode}", "algorithm.inner_steps=3"]
    exact, mixed = _learner("float32", *changes), _learner("bfloat16", *changes)
    batch = exact.sample_tasks()
    mine, rounded = exact.meta_gradient(batch), mixed.meta_gradient(batch)
    assert rounded.gradient.dtype == torch.float32
    assert not torch.equal(mine.gradient, rounded.gradient)
    assert torch.cosine_similarity(mine.gradient, rounded.gradient, dim=0) > 0.9
    mixed.outer_step(rounded)
    assert all(value.dtype == torch.float32 for value in mixed.parameters.values())
    assert all(value.isfinite().all() for value in mixed.parameters.values())


def test_that_held_out_tasks_are_judged_in_float32() -> None:
    exact, mixed = _learner("float32"), _learner("bfloat16")
    support = exact.held_out_tasks(range(2)).support
    assert torch.equal(exact.adapt(support), mixed.adapt(support))


def test_that_it_learns() -> None:
    learner = _learner("bfloat16", "outer.meta_batch_size=4")
    losses = [float(learner.meta_step(learner.sample_tasks())["outer_loss"]) for _ in range(30)]
    assert sum(losses[-5:]) < sum(losses[:5])
