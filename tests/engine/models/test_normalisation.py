"""The norm modes: what an answer may depend on, exact gradients, and running statistics that survive a checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from metagui.config import apply_overrides, load_preset
from metagui.engine.bank import Bank
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.learner import MetaLearner
from metagui.engine.models import Conv4, ParameterSpace
from metagui.engine.models.normalisation import FromSupport, PerStepCollection, RunningStatistics

WAYS, TASKS = 3, 2


def batch(dtype: torch.dtype = torch.float64) -> EpisodeBatch:
    random = torch.Generator().manual_seed(3)

    def examples(n: int) -> Examples:
        inputs = torch.rand(TASKS, n, 1, 16, 16, generator=random, dtype=dtype)
        return Examples(inputs, torch.arange(n).remainder(WAYS).expand(TASKS, -1))

    return EpisodeBatch(examples(WAYS), examples(2 * WAYS))


def bank_and_phi(mode: str) -> tuple[Bank, Tensor]:
    model = Conv4(1, 4, WAYS, mode)
    bank = Bank(model, ParameterSpace(model.shapes), FromSupport())
    random = torch.Generator().manual_seed(5)
    theta = bank.space.flatten(model.initial_parameters(random)).double()
    return bank, theta + 0.05 * torch.randn(TASKS, bank.space.size, generator=random, dtype=torch.float64)


def learner_of(mode: str, *changes: str) -> MetaLearner:
    settings = [f"model.norm_mode={mode}", "model.filters=4", "outer.meta_batch_size=2", "compute.device=cpu"]
    return MetaLearner(apply_overrides(load_preset("glyphs-maml-5w1s").config, [*settings, *changes]))


def answers(learner: MetaLearner, support: Examples, inputs: Tensor) -> Tensor:
    phi = learner.adapt(support, 2)
    return learner.predict(phi, support, inputs, 2)


@pytest.mark.parametrize(("mode", "alone"), [("transductive", False), ("support", True), ("per_step", True)])
def test_that_only_transductive_answers_depend_on_the_other_queries(mode: str, alone: bool) -> None:
    learner = learner_of(mode)
    learner.meta_step(learner.sample_tasks())
    held_out = learner.held_out_tasks(range(2))
    together = answers(learner, held_out.support, held_out.query.inputs)
    by_itself = answers(learner, held_out.support, held_out.query.inputs[:, :4])
    assert torch.allclose(together[:, :4], by_itself, atol=1e-5) is alone


def test_that_gradients_flow_through_the_support_statistics() -> None:
    """Against central differences of the query loss along a random direction, in float64."""
    bank, phi = bank_and_phi("support")
    tasks = batch()
    direction = torch.randn(phi.shape, generator=torch.Generator().manual_seed(9), dtype=torch.float64)
    step = 1e-6
    difference = (
        bank.judge(phi + step * direction, tasks).losses - bank.judge(phi - step * direction, tasks).losses
    ) / (2 * step)
    slope = (bank.query_pass(phi, tasks).gradient * direction).sum(dim=1)
    torch.testing.assert_close(slope, difference, rtol=1e-6, atol=1e-8)


def test_that_task_by_task_equals_the_bank_under_support_statistics() -> None:
    bank, phi = bank_and_phi("support")
    tasks = batch()
    outputs = bank.query_outputs(phi, tasks.support, tasks.query.inputs)
    losses = torch.stack(
        [torch.nn.functional.cross_entropy(outputs[task], tasks.query.targets[task]) for task in range(TASKS)]
    )
    torch.testing.assert_close(bank.judge(phi, tasks).losses, losses, rtol=1e-12, atol=1e-12)


def test_that_running_statistics_are_the_mean_over_the_batches_seen_and_do_not_mind_their_order() -> None:
    def collected(order: list[int]) -> RunningStatistics:
        running = RunningStatistics(torch.zeros(2, 3), torch.ones(2, 3), torch.zeros(()), [3])
        collection = PerStepCollection(running)
        parts = torch.randn(4, 8, 3, 5, 5, generator=torch.Generator().manual_seed(1)) * 2 + 1
        for part in order:
            collection.of_support(1)(0, parts[part], torch.ones(3), torch.zeros(3))
        collection.fold_in()
        expected = parts.mean(dim=(1, 3, 4)).mean(dim=0)
        torch.testing.assert_close(running.mean[1], expected, rtol=1e-5, atol=1e-6)
        return running

    one, other = collected([0, 1, 2, 3]), collected([2, 0, 3, 1])
    assert torch.equal(one.mean, other.mean)
    assert torch.equal(one.variance, other.variance)
    assert torch.equal(one.mean[0], torch.zeros(3)), "nothing was seen at step 0"


def test_that_each_inner_step_has_statistics_of_its_own() -> None:
    learner = learner_of("per_step", "algorithm.inner_steps=2")
    for _ in range(3):
        learner.meta_step(learner.sample_tasks())
    mean = learner.parameters["norm.mean"]
    assert mean.shape == (3, 16)
    assert not torch.equal(mean[0], mean[1])
    assert float(learner.parameters["norm.count"]) == 3


def test_that_running_statistics_are_resumed_bit_for_bit(small, train, tmp_path: Path) -> None:
    config = small("glyphs-maml-5w1s", "model.filters=4", "model.norm_mode=per_step", "outer.meta_batch_size=2")
    whole = train(config, run_dir=tmp_path / "whole")
    train(
        apply_overrides(config, ["compute.checkpoint_every=2"]),
        run_dir=tmp_path / "part",
    )
    resumed = train(
        config, run_dir=tmp_path / "part", resume_from=tmp_path / "part" / "checkpoints" / "step-00000002.safetensors"
    )
    assert resumed.ended.status == "finished"
    expected = whole.last_weights()
    assert "norm.mean" in expected
    for name, value in resumed.last_weights().items():
        assert (value == expected[name]).all(), name
