"""Looking inside a network: each picture against what it claims to show."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from metagui.config import parse
from metagui.engine.learner import MetaLearner
from metagui.engine.studio import look_inside
from metagui.engine.studio.landscape import Plane, axes_around, plane_of
from metagui.engine.studio.layer_outputs import layer_outputs
from metagui.engine.studio.projection import principal_plane
from metagui.engine.studio.similarity import linear_cka
from metagui.errors import MetaguiError
from metagui.events import Array, decode_event, encode
from metagui.studio import LookInside, Network


def _inside(network: Network, superseded=lambda: False, **fields):
    request = LookInside(**({"request": 4, "data_dir": "", "network": network, "resolution": 9} | fields))
    return look_inside(request, superseded)


def _learner(network: Network) -> MetaLearner:
    return MetaLearner(parse(network.config))


def test_that_principal_axes_are_numpys() -> None:
    points = torch.randn(40, 7, generator=torch.Generator().manual_seed(0)).double() * torch.arange(1, 8)
    coordinates, shares = principal_plane(points)
    values, vectors = np.linalg.eigh(np.cov(points.numpy().T))
    np.testing.assert_allclose(shares.numpy(), values[::-1][:2] / values.sum(), rtol=1e-8)
    expected = (points.numpy() - points.numpy().mean(axis=0)) @ vectors[:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(coordinates.numpy()), np.abs(expected), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("points", [torch.zeros(4, 3), torch.randn(4, 1), torch.randn(1, 5), torch.zeros(2, 2)])
def test_that_points_without_two_dimensions_are_drawn_all_the_same(points) -> None:
    coordinates, shares = principal_plane(points)
    assert coordinates.shape == (len(points), 2)
    assert torch.isfinite(coordinates).all()
    assert 0 <= float(shares.sum()) <= 1 + 1e-9


def test_that_a_layer_is_like_itself_and_like_its_rotation_and_unlike_noise() -> None:
    random = torch.Generator().manual_seed(0)
    outputs = torch.randn(30, 8, generator=random)
    rotation, _ = torch.linalg.qr(torch.randn(8, 8, generator=random))
    assert linear_cka(outputs, outputs) == pytest.approx(1, abs=1e-6)
    assert linear_cka(outputs, 3 * outputs @ rotation + 5) == pytest.approx(1, abs=1e-5)
    assert linear_cka(outputs, torch.randn(30, 8, generator=random)) < 0.6
    assert math.isnan(linear_cka(outputs[:1], outputs[:1]))
    assert math.isnan(linear_cka(torch.ones(5, 3), outputs[:5]))


def test_that_cka_is_that_of_the_papers_feature_form() -> None:
    random = torch.Generator().manual_seed(1)
    x, y = (torch.randn(12, d, generator=random).double() for d in (5, 7))
    x, y = x - x.mean(dim=0), y - y.mean(dim=0)
    expected = (y.T @ x).norm() ** 2 / ((x.T @ x).norm() * (y.T @ y).norm())
    assert linear_cka(x, y) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("changes", [(), ("model.norm_mode=support",), ("model.norm_mode=per_step",)])
def test_that_every_layer_of_a_convolutional_network_is_heard(changes, network) -> None:
    learner = _learner(network("glyphs-maml-5w1s", "model.filters=4", *changes))
    batch = learner.held_out_tasks([0])
    phi = learner.theta.detach().expand(1, -1)
    heard = layer_outputs(learner.bank, phi, batch.support, batch.query.inputs, 0)
    names = [f"{kind}{block}" for block in range(4) for kind in ("conv", "norm")]
    assert list(heard) == [*names, "head"]
    assert heard["conv0"].shape == heard["norm0"].shape == (batch.query.inputs.shape[1], 4, 14, 14)
    torch.testing.assert_close(heard["head"], learner.predict(phi, batch.support, batch.query.inputs, 0)[0])
    weight, bias = learner.parameters["conv0.weight"], learner.parameters["conv0.bias"]
    first = torch.nn.functional.conv2d(batch.query.inputs[0], weight, bias, stride=2, padding=1)
    torch.testing.assert_close(heard["conv0"], first)


def test_that_every_layer_of_every_model_is_heard(network) -> None:
    for preset in ("sinusoid-maml", "points-maml"):
        learner = _learner(network(preset))
        batch = learner.held_out_tasks([0])
        phi = learner.theta.detach().expand(1, -1)
        heard = layer_outputs(learner.bank, phi, batch.support, batch.query.inputs, 0)
        assert set(heard) == {name.rpartition(".")[0] for name in learner.bank.space.shapes}


def test_that_the_plane_holds_the_first_path_and_the_second_end() -> None:
    random = torch.Generator().manual_seed(0)
    paths = torch.randn(3, 5, 20, generator=random).cumsum(dim=1)
    paths[:, 0] = paths[0, 0]
    plane = plane_of(paths)
    torch.testing.assert_close(plane.axes @ plane.axes.T, torch.eye(2), atol=1e-5, rtol=0)
    for end in (paths[0, -1], paths[1, -1]):
        on_plane = plane.origin + plane.coordinates(end) @ plane.axes
        torch.testing.assert_close(on_plane, end, atol=1e-4, rtol=1e-4)
    assert plane.coordinates(paths[0, -1])[1].abs() < 1e-4
    assert 0 < plane.share_of(paths[0]) < 1


@pytest.mark.parametrize(
    "paths",
    [
        torch.zeros(1, 1, 6),  # no step was made
        torch.zeros(2, 4, 6),  # nothing moves
        torch.arange(4.0)[None, :, None] * torch.ones(1, 4, 6),  # one straight path
        torch.arange(4.0)[None, :, None] * torch.ones(2, 4, 6),  # two that lead the same way
    ],
)
def test_that_there_is_a_plane_where_paths_give_no_second_direction(paths) -> None:
    plane = plane_of(paths)
    torch.testing.assert_close(plane.axes @ plane.axes.T, torch.eye(2), atol=1e-5, rtol=0)
    assert plane.share_of(paths[0]) == pytest.approx(1, abs=1e-5)
    axes = axes_around(plane.coordinates(paths), 7)
    assert torch.isfinite(axes).all()
    assert (axes == 0).sum(dim=1).tolist() == [1, 1]


@pytest.mark.parametrize("resolution", [3, 4, 9, 21])
def test_that_the_axes_take_in_every_path(resolution) -> None:
    trajectories = torch.tensor([[[0.0, 0.0], [5.0, 0.0]], [[0.0, 0.0], [-1.0, 2.0]]])
    axes = axes_around(trajectories, resolution)
    assert axes.shape == (2, resolution)
    assert (axes.diff(dim=1) > 0).all()
    assert (axes[:, 0] <= torch.tensor([-1.0, 0.0])).all()
    if resolution > 4:
        assert (axes[:, -1] >= torch.tensor([5.0, 2.0])).all()
    plane = Plane(torch.zeros(2), torch.eye(2))
    torch.testing.assert_close(plane.coordinates(trajectories), trajectories)


@pytest.mark.parametrize(
    ("preset", "changes"), [("sinusoid-maml", ()), ("points-maml", ()), ("glyphs-maml-5w1s", ("model.filters=4",))]
)
def test_that_the_slice_is_the_support_loss_around_theta(preset, changes, network) -> None:
    given = network(preset, *changes)
    shown = decode_event(encode(_inside(given)))
    learner = _learner(given)
    batch = learner.held_out_tasks([0, 1, 2])
    paths = torch.stack(list(learner.adaptation_path(batch.support, 3)), dim=1)
    axes, losses = shown.slice_axes.numpy(), shown.slice_loss.numpy()
    column, row = (int(np.flatnonzero(axis == 0)[0]) for axis in axes)
    at_theta = learner.bank.losses(learner.theta.detach()[None], batch.support[:1], 0)
    assert losses[row, column] == pytest.approx(float(at_theta), rel=1e-4)
    assert shown.path_loss.numpy()[0] == pytest.approx(float(at_theta), rel=1e-4)
    plane = plane_of(paths)
    corner = plane.origin + torch.tensor(axes[:, -1]) @ plane.axes
    assert losses[-1, -1] == pytest.approx(float(learner.bank.losses(corner[None], batch.support[:1], 0)), rel=1e-3)
    assert shown.trajectories.shape == (3, 4, 2)
    distance = float((paths[0, -1] - paths[0, 0]).norm())
    np.testing.assert_allclose(shown.trajectories.numpy()[0, -1], [distance, 0], rtol=1e-3, atol=1e-4 * distance)
    assert not shown.trajectories.numpy()[:, 0].any()


def test_that_features_are_what_reaches_the_last_layer(network) -> None:
    given = network("points-maml")
    shown = _inside(given)
    learner = _learner(given)
    batch = learner.held_out_tasks([0])
    path = list(learner.adaptation_path(batch.support, 3))
    features = torch.cat(
        [
            learner.bank.model.features_bank(learner.bank.space.unflatten(phi), part.inputs)[0]
            for phi in (path[0], path[-1])
            for part in (batch.support, batch.query)
        ]
    )
    coordinates, shares = principal_plane(features)
    support = batch.support.inputs.shape[1]
    np.testing.assert_allclose(shown.support_features.numpy()[0], coordinates[:support].detach().numpy(), atol=1e-4)
    np.testing.assert_allclose(
        shown.query_features.numpy()[1], coordinates[len(coordinates) // 2 + support :].detach().numpy(), atol=1e-4
    )
    np.testing.assert_allclose(shown.explained.numpy(), shares.detach().numpy(), rtol=1e-4)
    np.testing.assert_array_equal(shown.support_labels.numpy(), batch.support.targets[0])


def test_that_anil_changes_its_head_alone_and_boil_its_body(network) -> None:
    head = _inside(network("points-anil"))
    body = _inside(network("points-anil", "algorithm.name=boil"))
    assert head.layers == ("linear0", "linear1", "linear2")
    assert not head.change.numpy()[:2].any()
    assert head.change.numpy()[2] > 0
    np.testing.assert_allclose(head.similarity.numpy()[:2], 1, atol=1e-5)
    assert head.similarity.numpy()[2] < 0.999
    assert body.change.numpy()[2] == 0
    assert body.change.numpy()[1] > 0


def test_that_a_task_of_ones_own_is_looked_into_also_without_queries(network, own) -> None:
    task = own("regression", [-2, 0, 1], [0.5, 1, -1])
    shown = _inside(network("sinusoid-maml"), own=task)
    assert shown.support_features.shape == (2, 3, 2)
    assert shown.query_features.shape == (2, 0, 2)
    assert shown.trajectories.shape == (1, 4, 2)
    assert np.isfinite(shown.slice_loss.numpy()).all()
    np.testing.assert_allclose(shown.support_labels.numpy(), [0.5, 1, -1])


def test_that_what_cannot_be_looked_into_is_said(network, own) -> None:
    given = network("sinusoid-maml")
    for fields, words in (
        ({"resolution": 1}, "resolution"),
        ({"tasks": ()}, "at least one task"),
        ({"own": own("regression", [], [])}, "at least one support point"),
        ({"own": own("points", [[0, 0]], [0])}, "made for curves"),
        ({"inner_steps": 9_999, "tasks": tuple(range(100))}, "fewer steps or tasks"),
        ({"network": network("sinusoid-maml", inner_lr=10.0), "inner_steps": 60}, "lower the inner rate"),
        ({"network": network("sinusoid-maml", weights={"x": Array.of(np.zeros(1))})}, "another network"),
    ):
        with pytest.raises(MetaguiError, match=words):
            _inside(**({"network": given} | fields))


def test_that_a_superseded_look_is_dropped(network) -> None:
    asked: list[int] = []

    def superseded() -> bool:
        asked.append(1)
        return len(asked) > 8

    assert _inside(network("sinusoid-maml"), superseded) is None
    assert len(asked) == 9


def test_that_a_drawing_is_looked_into_in_the_company_it_is_judged_in(network, own) -> None:
    pictures = np.random.default_rng(0).random((6, 28, 28))
    task = own("images", pictures[:5], np.arange(5), pictures[5:], [-1])
    shown = _inside(network("glyphs-maml-5w1s", "model.filters=4"), own=task)
    assert shown.query_features.shape == (2, 1, 2)
    assert np.isfinite(shown.similarity.numpy()).all()  # of one picture alone nothing could be said
    assert shown.query_labels.numpy().tolist() == [-1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_that_every_layer_of_a_residual_network_is_heard(dtype, network) -> None:
    learner = _learner(network("glyphs-maml-5w1s", "model.name=resnet12", "model.width=4", f"compute.dtype={dtype}"))
    batch = learner.held_out_tasks([0])
    phi = learner.theta.detach().expand(1, -1)
    heard = layer_outputs(learner.bank, phi, batch.support, batch.query.inputs, 0)
    assert set(heard) == {name.rpartition(".")[0] for name in learner.bank.space.shapes}
    torch.testing.assert_close(heard["head"], learner.predict(phi, batch.support, batch.query.inputs, 0)[0])
