"""The two steps of the outer optimizer that need no loss of the network (slides 6 and 7)."""

from __future__ import annotations

import pytest
import torch

from metagui.engine.models import Parameters
from metagui.engine.textbook import move_toward_target, outer_step_with_grad


def make_theta() -> Parameters:
    random = torch.Generator().manual_seed(1)
    shapes = {"weight": (3, 2), "bias": (3,), "scale": ()}
    return {
        name: torch.randn(shape, generator=random, dtype=torch.float64).requires_grad_()
        for name, shape in shapes.items()
    }


def make_target() -> Parameters:
    return {name: value.detach() * 0.5 - 1.0 for name, value in make_theta().items()}


@pytest.mark.parametrize("lam", [1.0, 2.0, 0.5])
def test_that_an_sgd_step_toward_the_target_moves_lam_times_the_learning_rate(lam: float) -> None:
    theta, start, target = make_theta(), make_theta(), make_target()
    move_toward_target(theta, target, torch.optim.SGD(theta.values(), lr=0.1), lam=lam)
    for name in theta:
        torch.testing.assert_close(theta[name], start[name] + 0.1 * lam * (target[name] - start[name]))


def test_that_the_default_pull_moves_twice_as_far_as_reptile_under_sgd() -> None:
    default, reptile, start, target = make_theta(), make_theta(), make_theta(), make_target()
    move_toward_target(default, target, torch.optim.SGD(default.values(), lr=0.1))
    move_toward_target(reptile, target, torch.optim.SGD(reptile.values(), lr=0.1), lam=1.0)
    for name in start:
        torch.testing.assert_close(default[name] - start[name], 2 * (reptile[name] - start[name]))


def test_that_adam_divides_the_factor_two_out_of_its_first_step() -> None:
    default, reptile, start, target = make_theta(), make_theta(), make_theta(), make_target()
    move_toward_target(default, target, torch.optim.Adam(default.values(), lr=0.1))
    move_toward_target(reptile, target, torch.optim.Adam(reptile.values(), lr=0.1), lam=1.0)
    for name in start:
        torch.testing.assert_close(default[name], reptile[name], rtol=0, atol=1e-7)
        torch.testing.assert_close(
            (default[name] - start[name]).abs(), torch.full_like(start[name], 0.1), rtol=1e-6, atol=0
        )


def test_that_the_pull_forgets_an_older_gradient_and_leaves_the_target_alone() -> None:
    theta, clean, target = make_theta(), make_theta(), {n: t.requires_grad_() for n, t in make_target().items()}
    for value in theta.values():
        value.grad = torch.full_like(value, 7.0)
    move_toward_target(theta, target, torch.optim.SGD(theta.values(), lr=0.1))
    move_toward_target(clean, target, torch.optim.SGD(clean.values(), lr=0.1))
    for name in theta:
        torch.testing.assert_close(theta[name], clean[name], rtol=0, atol=0)
        assert target[name].grad is None


@pytest.mark.parametrize("optimizer_class", [torch.optim.SGD, torch.optim.Adam])
def test_that_a_listed_and_a_flat_gradient_make_the_same_step(optimizer_class: type[torch.optim.Optimizer]) -> None:
    listed, flat = make_theta(), make_theta()
    gradients = [torch.full_like(value, 1.0 + i) for i, value in enumerate(listed.values())]
    gradients[0] = torch.arange(6, dtype=torch.float64).view(3, 2)
    optimizers = optimizer_class(listed.values(), lr=0.1), optimizer_class(flat.values(), lr=0.1)  # type: ignore[call-arg]
    for _ in range(3):
        outer_step_with_grad(optimizers[0], listed, gradients)
        outer_step_with_grad(optimizers[1], flat, torch.cat([g.flatten() for g in gradients]), flat_grad=True)
    for name in listed:
        torch.testing.assert_close(listed[name], flat[name], rtol=0, atol=0)
        assert not torch.equal(listed[name], make_theta()[name])


def test_that_the_step_is_the_one_a_backward_pass_makes() -> None:
    given, backward = make_theta(), make_theta()
    loss = sum((value**3).sum() for value in backward.values())
    optimizer = torch.optim.SGD(backward.values(), lr=0.1, momentum=0.9)
    assert isinstance(loss, torch.Tensor)
    loss.backward()
    optimizer.step()
    gradients = [3 * value.detach() ** 2 for value in given.values()]
    outer_step_with_grad(torch.optim.SGD(given.values(), lr=0.1, momentum=0.9), given, gradients)
    for name in given:
        torch.testing.assert_close(given[name], backward[name])


def test_that_gradient_fields_are_created_and_an_older_gradient_is_replaced() -> None:
    fresh, used = make_theta(), make_theta()
    for value in used.values():
        value.grad = torch.full_like(value, 7.0)
    gradients = [torch.ones_like(value) for value in fresh.values()]
    outer_step_with_grad(torch.optim.SGD(fresh.values(), lr=0.1), fresh, gradients)
    outer_step_with_grad(torch.optim.SGD(used.values(), lr=0.1), used, gradients)
    for name, gradient in zip(fresh, gradients, strict=True):
        torch.testing.assert_close(fresh[name], used[name], rtol=0, atol=0)
        field = fresh[name].grad
        assert field is not None
        assert field is not gradient
        torch.testing.assert_close(field, gradient)


def test_that_a_float32_gradient_steps_float64_parameters() -> None:
    theta = make_theta()
    outer_step_with_grad(torch.optim.SGD(theta.values(), lr=0.5), theta, [torch.ones(v.shape) for v in theta.values()])
    for name, value in theta.items():
        assert value.dtype == torch.float64
        torch.testing.assert_close(value, make_theta()[name] - 0.5)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(3, 2), (3,)], r"2 tensors for 3 parameters: none for 'scale'"),
        ([(3, 2), (3,), (), (1,)], r"4 tensors for 3 parameters: it goes on after 'scale'"),
        ([(2, 3), (3,), ()], r"grad of 'weight' has shape \[2, 3\]; the parameter has \[3, 2\]"),
        ([(3, 2), (3, 1), ()], r"grad of 'bias' has shape \[3, 1\]; the parameter has \[3\]"),
    ],
)
def test_that_a_list_that_does_not_fit_names_the_parameter(shapes: list[tuple[int, ...]], message: str) -> None:
    theta = make_theta()
    with pytest.raises(ValueError, match=message):
        outer_step_with_grad(torch.optim.SGD(theta.values(), lr=0.1), theta, [torch.ones(shape) for shape in shapes])
    for name, value in theta.items():
        assert torch.equal(value, make_theta()[name])


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (torch.ones(8), r"8 numbers and ends within 'bias'; the parameters have 10"),
        (torch.ones(11), r"11 numbers and goes on after 'scale'; the parameters have 10"),
        (torch.ones(5, 2), r"grad has shape \[5, 2\]; with flat_grad it must be one vector"),
        ([torch.ones(10)], r"grad is a list; with flat_grad it must be one vector"),
    ],
)
def test_that_a_vector_that_does_not_fit_names_the_parameter(
    vector: torch.Tensor | list[torch.Tensor], message: str
) -> None:
    theta = make_theta()
    with pytest.raises(ValueError, match=message):
        outer_step_with_grad(torch.optim.SGD(theta.values(), lr=0.1), theta, vector, flat_grad=True)
    for name, value in theta.items():
        assert torch.equal(value, make_theta()[name])
