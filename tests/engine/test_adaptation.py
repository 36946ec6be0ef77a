"""What the adaptation page is told is what the network does."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from metagui.engine.adaptation import adapt
from metagui.engine.learner import MetaLearner
from metagui.errors import CheckpointError
from metagui.events import Adapt, Array, decode_event, encode


def _request(config, **changes) -> Adapt:
    return Adapt(**({"request": 3, "config": config.to_dict(), "data_dir": "", "step": 9, "tasks": (0, 4)} | changes))


def _never() -> bool:
    return False


def test_that_a_regression_task_is_shown_before_and_after_every_step(small) -> None:
    config = small("sinusoid-maml", "algorithm.evaluation_steps=3")
    answer = decode_event(encode(adapt(_request(config), _never)))
    assert (answer.request, answer.step, [task.task for task in answer.tasks]) == (3, 9, [0, 4])
    shown = answer.tasks[1]
    learner = MetaLearner(config)
    batch = learner.held_out_tasks([4])
    grid = torch.tensor(shown.grid.numpy()).view(1, -1, 1)
    path = learner.adaptation_path(batch.support, 3)
    for k, phi in enumerate(path):
        expected = learner.predict(phi, batch.support, grid, k)[0, :, 0].numpy()
        np.testing.assert_allclose(shown.predictions.numpy()[k], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(shown.support_x.numpy(), batch.support.inputs[0, :, 0].numpy())
    assert shown.truth.numpy().shape == shown.grid.numpy().shape
    assert shown.support_loss.numpy().shape == shown.query_loss.numpy().shape == (4,)
    assert shown.support_loss.numpy()[-1] < shown.support_loss.numpy()[0]


def test_that_points_get_probabilities_over_a_square(small) -> None:
    shown = adapt(_request(small("points-maml")), _never).tasks[0]
    grid, predictions = shown.grid.numpy(), shown.predictions.numpy()
    side = round(len(grid) ** 0.5)
    assert side * side == len(grid)
    assert predictions.shape == (3, len(grid), 3)
    np.testing.assert_allclose(predictions.sum(axis=-1), 1, rtol=1e-5)
    assert shown.support_y.numpy().dtype == np.int64


def test_that_images_get_probabilities_for_every_query(small) -> None:
    shown = adapt(_request(small("glyphs-maml-5w1s", "model.filters=4", "task.n_query=2")), _never).tasks[0]
    assert shown.kind == "images"
    assert shown.support_x.numpy().shape == (5, 28, 28)
    assert shown.query_x.numpy().shape == (10, 28, 28)
    assert shown.predictions.numpy().shape == (3, 10, 5)
    right = (shown.predictions.numpy()[-1].argmax(-1) == shown.query_y.numpy()).mean()
    assert shown.query_accuracy.numpy()[-1] == pytest.approx(right)
    assert len(shown.class_names) == 5


def test_that_the_weights_of_a_request_do_not_stay_behind(small) -> None:
    config = small("sinusoid-maml")
    learner = MetaLearner(config)
    zeros = {name: Array.of(np.zeros(value.shape, np.float32)) for name, value in learner.parameters.items()}
    random = adapt(_request(config), _never)
    blank = adapt(_request(config, weights=zeros), _never)
    again = adapt(_request(config), _never)
    assert not blank.tasks[0].predictions.numpy()[0].any()
    assert random.tasks == again.tasks


def test_that_a_superseded_request_is_dropped(small) -> None:
    assert adapt(_request(small("sinusoid-maml")), lambda: True) is None


def test_that_a_missing_checkpoint_is_named(small, tmp_path) -> None:
    with pytest.raises(CheckpointError, match="nowhere"):
        adapt(_request(small("sinusoid-maml"), checkpoint=str(tmp_path / "nowhere.safetensors")), _never)
