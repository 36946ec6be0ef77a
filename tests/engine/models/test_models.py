"""A bank of tasks computes for each task what the textbook's forward pass does."""

from __future__ import annotations

import pytest
import torch

from metagui.config.models import Conv4Model, MLPModel
from metagui.engine.bank import Bank
from metagui.engine.episode import Examples
from metagui.engine.models import (
    MLP,
    ChannelsInnermost,
    Conv4,
    Model,
    ParameterSpace,
    ResNet12,
    build_model,
    space_of,
)
from metagui.engine.models.conv4 import FlatConv4, PooledConv4, PooledMeanConv4
from metagui.errors import InvalidValueError

MODELS = [
    pytest.param(MLP(1, (40, 40), 1), (1,), id="mlp-relu"),
    pytest.param(MLP(2, (8,), 3, "tanh"), (2,), id="mlp-tanh"),
    pytest.param(MLP(784, (16,), 5, "softplus"), (1, 28, 28), id="mlp-softplus-images"),
    pytest.param(Conv4(1, 8, 5), (1, 28, 28), id="conv4"),
    pytest.param(Conv4(3, 4, 2), (3, 20, 20), id="conv4-colour"),
    pytest.param(PooledConv4(3, 4, 2, positions=2), (3, 16, 33), id="conv4-pooled"),
    pytest.param(FlatConv4(1, 4, 5, positions=4), (1, 28, 28), id="conv4-flat"),
    pytest.param(PooledMeanConv4(3, 4, 2), (3, 37, 52), id="conv4-pooled-mean"),
    pytest.param(ResNet12(3, 2, 5), (3, 20, 33), id="resnet12"),
]


def _random_bank(model: Model, tasks: int) -> torch.Tensor:
    space = ParameterSpace(model.shapes)
    return torch.stack(
        [space.flatten(model.initial_parameters(torch.Generator().manual_seed(task))).double() for task in range(tasks)]
    )


@pytest.mark.parametrize(("model", "shape"), MODELS)
def test_that_the_bank_equals_one_task_after_another(model: Model, shape: tuple[int, ...]) -> None:
    tasks, space = 3, ParameterSpace(model.shapes)
    bank = _random_bank(model, tasks)
    inputs = torch.randn(tasks, 7, *shape, generator=torch.Generator().manual_seed(9), dtype=torch.float64)
    together = model.forward_bank(space.unflatten(bank), inputs)
    for task in range(tasks):
        alone = model.forward(space.unflatten(bank[task]), inputs[task])
        torch.testing.assert_close(together[task], alone, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("layout", [ParameterSpace, ChannelsInnermost])
@pytest.mark.parametrize(("model", "shape"), MODELS)
def test_that_flattening_and_unflattening_are_inverse(
    model: Model, shape: tuple[int, ...], layout: type[ParameterSpace]
) -> None:
    space = layout(model.shapes)
    parameters = model.initial_parameters(torch.Generator().manual_seed(0))
    vector = space.flatten(parameters)
    assert vector.shape == (space.size,)
    for name, value in space.unflatten(vector).items():
        assert torch.equal(value, parameters[name])
    shuffled = dict(reversed(parameters.items()))
    assert torch.equal(space.flatten(shuffled), vector)
    bank = vector.expand(4, -1)
    assert torch.equal(space.flatten(space.unflatten(bank)), bank)


def test_that_parameters_are_views_into_the_vector() -> None:
    space = ChannelsInnermost(Conv4(3, 4, 2).shapes)
    bank = torch.zeros(2, space.size)
    for value in space.unflatten(bank).values():
        value.fill_(1)
    assert bank.all()


def test_that_only_networks_with_convolutions_keep_channels_innermost() -> None:
    assert type(space_of(MLP(1, (40, 40), 1).shapes)) is ParameterSpace
    assert type(space_of(Conv4(1, 4, 5).shapes)) is type(space_of(ResNet12(3, 2, 5).shapes)) is ChannelsInnermost


@pytest.mark.parametrize("tasks", [(), (3,)])
def test_that_row_major_is_the_same_order_in_every_layout(tasks: tuple[int, ...]) -> None:
    model = Conv4(3, 4, 2)
    plain, innermost = ParameterSpace(model.shapes), ChannelsInnermost(model.shapes)
    vector = torch.randn(*tasks, plain.size, generator=torch.Generator().manual_seed(1))
    turned = innermost.from_row_major(vector)
    assert not torch.equal(turned, vector)
    assert torch.equal(innermost.row_major(turned), vector)
    assert torch.equal(plain.from_row_major(vector), vector)
    for name, value in plain.unflatten(vector).items():
        assert torch.equal(innermost.unflatten(turned)[name], value)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(
    "model", [Conv4(3, 4, 2), PooledConv4(3, 4, 2), ResNet12(3, 2, 2)], ids=lambda m: type(m).__name__
)
def test_that_the_layout_of_the_vector_changes_no_derivative(model: Model, dtype: torch.dtype) -> None:
    random = torch.Generator().manual_seed(2)
    support = Examples(
        torch.randn(2, 4, 3, 20, 20, generator=random).to(dtype), torch.arange(4).remainder(2).expand(2, -1)
    )
    vectors = [_random_bank(model, 2).to(dtype), torch.randn(_random_bank(model, 2).shape, generator=random).to(dtype)]
    results = []
    for space in (ParameterSpace(model.shapes), ChannelsInnermost(model.shapes)):
        phi, direction = (space.from_row_major(vector) for vector in vectors)
        bank = Bank(model, space)
        linearization = bank.linearize(phi, support)
        found = [bank.slope(phi, support).gradient, linearization.gradient, linearization.product(direction, last=True)]
        results.append([space.row_major(value) for value in found])
    tolerance = 1e-11 if dtype == torch.float64 else 1e-3
    for one, other in zip(*results, strict=True):
        assert (one - other).norm() <= tolerance * one.norm()


def test_that_initial_parameters_depend_on_the_generator_alone() -> None:
    model = Conv4(1, 8, 5)
    first, again, other = (model.initial_parameters(torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["conv0.weight"], other["conv0.weight"])


def test_that_conv4_normalises_by_the_batch_it_sees() -> None:
    model = Conv4(1, 4, 2)
    parameters = model.initial_parameters(torch.Generator().manual_seed(0))
    inputs = torch.randn(6, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    together = model.forward(parameters, inputs)
    apart = model.forward(parameters, inputs[:3])
    assert model.norm_mode == "transductive"
    assert not torch.allclose(together[:3], apart)


def test_that_a_convolution_needs_images() -> None:
    with pytest.raises(InvalidValueError, match=r"model\.name.*images"):
        build_model(Conv4Model(), (1,), 1)
    assert isinstance(build_model(MLPModel(), (1, 28, 28), 5), MLP)


def test_that_max_pooling_halves_four_times_and_hands_on_every_position() -> None:
    config = Conv4Model(filters=4, downsampling="pool")
    model = build_model(config, (3, 84, 84), 5)
    assert model.shapes["head.weight"] == (5, 4 * 5 * 5)
    assert (
        sum(
            shape.numel()
            for shape in build_model(Conv4Model(filters=32, downsampling="pool"), (3, 84, 84), 5).shapes.values()
        )
        == 32_901
    )  # of the network in the MAML paper on mini-ImageNet
    with pytest.raises(InvalidValueError, match=r"model\.downsampling.*16x16"):
        build_model(config, (1, 15, 40), 5)


@pytest.mark.parametrize(
    ("form", "side", "features"),
    [
        ("stride", 28, 1),
        ("stride-flatten", 28, 2 * 2),
        ("stride-flatten", 84, 6 * 6),
        ("stride-flatten", 33, 3 * 3),
        ("pool", 28, 1),
        ("pool", 84, 5 * 5),
        ("pool-mean", 84, 1),
    ],
)
def test_that_each_form_hands_on_what_its_name_says(form: str, side: int, features: int) -> None:
    model = build_model(Conv4Model(filters=3, downsampling=form), (1, side, side), 2)
    assert model.shapes["head.weight"] == (2, 3 * features)
    parameters = {name: value.unsqueeze(0) for name, value in model.initial_parameters(torch.Generator()).items()}
    assert model.features_bank(parameters, torch.zeros(1, 2, 1, side, side)).shape == (1, 2, 3 * features)


@pytest.mark.parametrize("form", ["pool", "pool-mean"])
def test_that_small_images_are_no_matter_for_pooling(form: str) -> None:
    with pytest.raises(InvalidValueError, match=r"model\.downsampling.*16x16.*stride"):
        build_model(Conv4Model(downsampling=form), (1, 28, 12), 2)
