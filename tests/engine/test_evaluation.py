"""Held-out tasks: the same for everybody, judged at every inner step, with an honest interval."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from metagui.engine.evaluation import CHUNK, evaluate, held_out_batches, join, mean_and_interval, score
from metagui.engine.learner import MetaLearner
from metagui.errors import CheckpointError
from metagui.events import Array, Evaluate


def _never() -> bool:
    return False


def _request(config, **changes) -> Evaluate:
    return Evaluate(**({"request": 5, "config": config.to_dict(), "data_dir": "unused", "n_tasks": 30} | changes))


def test_that_the_numbers_are_those_of_adapting_task_by_task(small) -> None:
    config = small("sinusoid-maml", "algorithm.evaluation_steps=3")
    answer = evaluate(_request(config, n_tasks=6), _never)
    learner = MetaLearner(config)
    losses = []
    for task in range(6):
        batch = learner.held_out_tasks([task])
        phi = learner.adapt(batch.support, steps=3)
        outputs = learner.predict(phi, batch.support, batch.query.inputs)
        losses.append(float((outputs - batch.query.targets).square().mean()))
    assert answer.metric == "mse"
    assert answer.mean == pytest.approx(np.mean(losses), rel=1e-5)
    assert answer.ci95 == pytest.approx(1.96 * np.std(losses, ddof=1) / np.sqrt(6), rel=1e-4)
    assert answer.median == pytest.approx(np.median(losses), rel=1e-5)
    assert answer.mean_by_step.numpy().shape == answer.ci95_by_step.numpy().shape == (4,)


def test_that_what_a_number_depends_on_is_reported_with_it(small) -> None:
    config = small("glyphs-maml-5w1s", "model.filters=4", "task.n_query=2")
    answer = evaluate(_request(config, n_tasks=4, inner_steps=1), _never)
    assert (answer.request, answer.metric, answer.n_tasks) == (5, "accuracy", 4)
    assert (answer.inner_steps, answer.norm_mode, answer.n_query) == (1, "transductive", 2)
    assert 0 <= answer.mean <= 1


def test_that_the_first_tasks_do_not_depend_on_how_many_follow(small) -> None:
    learner = MetaLearner(small("sinusoid-maml"))
    few, many = (
        join([score(learner, batch, 2) for batch in held_out_batches(learner, n_tasks)]) for n_tasks in (3, CHUNK + 2)
    )
    assert many.losses.shape == (3, CHUNK + 2)
    np.testing.assert_allclose(many.losses[:, :3], few.losses, rtol=1e-5)


def test_that_training_validation_and_test_tasks_differ(small) -> None:
    learner = MetaLearner(small("sinusoid-maml"))
    inputs = [
        learner.sample_tasks(1).support.inputs,
        learner.held_out_tasks([0], "validation").support.inputs,
        learner.held_out_tasks([0], "test").support.inputs,
    ]
    assert not torch.equal(inputs[0], inputs[1])
    assert not torch.equal(inputs[1], inputs[2])


def test_that_given_weights_are_used(small) -> None:
    config = small("sinusoid-maml")
    learner = MetaLearner(config)
    zeros = {name: Array.of(np.zeros(value.shape, np.float32)) for name, value in learner.parameters.items()}
    answer = evaluate(_request(config, weights=zeros, inner_steps=0), _never)
    batch = learner.held_out_tasks(range(30))
    assert answer.mean == pytest.approx(float(batch.query.targets.square().mean()), rel=1e-5)


def test_that_weights_of_another_network_are_refused(small) -> None:
    config = small("sinusoid-maml")
    with pytest.raises(CheckpointError, match="another network"):
        evaluate(_request(config, weights={"linear0.weight": Array.of(np.zeros((2, 2), np.float32))}), _never)


def test_that_a_superseded_evaluation_is_given_up(small) -> None:
    seen: list[int] = []
    answer = evaluate(
        _request(small("sinusoid-maml"), n_tasks=5 * CHUNK), lambda: bool(seen), lambda done, total: seen.append(done)
    )
    assert answer is None
    assert seen == [CHUNK]


def test_that_one_task_has_no_interval() -> None:
    mean, ci95 = mean_and_interval(np.array([[2.0]]))
    assert mean[0] == 2.0
    assert np.isnan(ci95[0])
