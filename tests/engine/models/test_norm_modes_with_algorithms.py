"""Every algorithm in every norm mode: statistics of every inner step, folded once a meta-step, and kept exactly."""

from __future__ import annotations

import pytest
import torch

from metagui.config import ExperimentConfig, apply_overrides, choices, load_preset
from metagui.engine.diagnosis import diagnose
from metagui.engine.evaluation import score
from metagui.engine.learner import MetaLearner

ALGORITHMS = [name for name, section in choices("algorithm").items() if section.implementation.startswith("metagui.")]


def config(algorithm: str, mode: str, *changes: str) -> ExperimentConfig:
    small = ["model.filters=4", "task.n_way=2", "task.n_query=2", "outer.meta_batch_size=2", "compute.device=cpu"]
    steps = ["algorithm.inner_steps=2"] if "inner_steps" in choices("algorithm")[algorithm].model_fields else []
    chosen = [f"algorithm.name={algorithm}", f"model.norm_mode={mode}"]
    return apply_overrides(load_preset("glyphs-maml-5w1s").config, [*chosen, *small, *steps, *changes])


def train(learner: MetaLearner, steps: int) -> MetaLearner:
    for _ in range(steps):
        learner.meta_step(learner.sample_tasks())
    return learner


@pytest.mark.parametrize("memory", ["fast", "lean"])
@pytest.mark.parametrize("mode", ["transductive", "support", "per_step"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_that_a_run_that_goes_on_is_the_run_it_was(algorithm: str, mode: str, memory: str) -> None:
    settings = config(algorithm, mode, f"compute.memory={memory}")
    whole, first = train(MetaLearner(settings), 3), train(MetaLearner(settings), 2)
    second = MetaLearner(settings)
    second.load_parameters({name: value.clone() for name, value in first.parameters.items()})
    second.load_optimizer_state({name: value.clone() for name, value in first.optimizer_state().items()})
    second.step = first.step
    train(second, 1)
    for name, value in whole.parameters.items():
        assert torch.equal(value, second.parameters[name]), name
    beyond = score(whole, whole.held_out_tasks(range(2)), 4)  # twice as many steps as in training
    assert torch.isfinite(torch.from_numpy(beyond.losses)).all()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_that_every_step_is_seen_and_looking_at_a_bad_step_folds_nothing(algorithm: str) -> None:
    learner = train(MetaLearner(config(algorithm, "per_step")), 2)
    state = learner.norm.state
    assert float(state["count"]) == 2
    assert (state["mean"].abs().sum(dim=1) > 0).all(), "an inner step whose statistics were never collected"
    before = {name: value.clone() for name, value in state.items()}
    diagnose(learner, 1.0)
    learner.norm.fold_in()
    for name in ("mean", "variance"):
        assert torch.equal(state[name], before[name])
