"""The algorithms that train compute what the textbook does, on every model.

float64 gates all of them. float32 gates fully connected networks; batch-norm networks differ by the ReLUs that rounding
flips, so there the difference is recorded instead (``pytest -rP`` shows it).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from metagui.config import algorithms as config
from metagui.engine import textbook
from metagui.engine.algorithms import MetaGradient, build_algorithm
from metagui.engine.banks import bank_of
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.models import MLP, Conv4, Model, Parameters, ParameterSpace, ResNet12
from metagui.engine.models.conv4 import FlatConv4, PooledConv4, PooledMeanConv4

N_WAY, N_TASKS = 3, 3

MLPS = {
    "mlp-relu": MLP(1, (16, 12), 1, "relu"),
    "mlp-tanh": MLP(1, (16, 12), 1, "tanh"),
    "mlp-softplus": MLP(1, (16, 12), 1, "softplus"),
    "mlp-relu-classes": MLP(2, (16,), N_WAY, "relu"),
    "mlp-tanh-classes": MLP(2, (16,), N_WAY, "tanh"),
    "mlp-softplus-classes": MLP(2, (16,), N_WAY, "softplus"),
}
CONVOLUTIONS = {
    "conv4": Conv4(1, 4, N_WAY),
    "conv4-colour": Conv4(3, 4, N_WAY),
    "conv4-pooled": PooledConv4(1, 4, N_WAY, positions=4),
    "conv4-flat": FlatConv4(1, 4, N_WAY, positions=4),
    "conv4-pooled-mean": PooledMeanConv4(1, 4, N_WAY),
    "resnet12": ResNet12(3, 2, N_WAY),
}
MODELS: dict[str, Model] = {**MLPS, **CONVOLUTIONS}
INPUT_SHAPES = {"conv4": (1, 28, 28), "conv4-colour": (3, 21, 21), "conv4-pooled": (1, 32, 32)}
INPUT_SHAPES |= {"conv4-flat": (1, 28, 28), "conv4-pooled-mean": (1, 37, 37), "resnet12": (3, 21, 21)}

ALGORITHMS: dict[str, config.AlgorithmSection] = {
    "maml-1": config.MAML(inner_lr=0.05, inner_steps=1),
    "maml-3": config.MAML(inner_lr=0.05, inner_steps=3),
    "fomaml-3": config.FOMAML(inner_lr=0.05, inner_steps=3),
    "reptile-3": config.Reptile(inner_lr=0.05, inner_steps=3),
    "reptile-3-support": config.Reptile(inner_lr=0.05, inner_steps=3, pool_query=False),
    # A pull strong enough to make H + λI positive definite on all the models.
    "imaml-6": config.IMAML(inner_lr=0.05, inner_steps=6, proximal_lambda=10.0, cg_steps=5),
    "imaml-6-damped": config.IMAML(inner_lr=0.05, inner_steps=6, proximal_lambda=8.0, cg_steps=5, cg_damping=2.0),
}
WEAK_PULL = {"imaml-6-weak": config.IMAML(inner_lr=0.05, inner_steps=6, proximal_lambda=2.0, cg_steps=5)}
"""Indefinite on some models: conjugate gradient then magnifies rounding, in float32 beyond any gate."""


def make_batch(name: str, n_tasks: int = N_TASKS) -> EpisodeBatch:
    """Noise to learn by heart: float64, with the shape the model wants. Support and query differ in size."""
    model, random = MODELS[name], torch.Generator().manual_seed(11)
    labelled = list(model.shapes.values())[-1].numel() == N_WAY
    shape = INPUT_SHAPES.get(name, (2,) if labelled else (1,))

    def draw(examples: int) -> Examples:
        inputs = torch.randn(n_tasks, examples, *shape, generator=random, dtype=torch.float64)
        if labelled:
            return Examples(inputs, torch.arange(examples).remainder(N_WAY).repeat(n_tasks, 1))
        return Examples(inputs, torch.randn(n_tasks, examples, 1, generator=random, dtype=torch.float64))

    return EpisodeBatch(draw(6), draw(9))


def make_theta(name: str) -> Parameters:
    """Initial parameters, shaken so that none sits at a symmetric point (zero biases, unit scales)."""
    random = torch.Generator().manual_seed(12)
    initial = MODELS[name].initial_parameters(random)
    return {key: value + 0.1 * torch.randn(value.shape, generator=random) for key, value in initial.items()}


def batched(model: Model, theta: Parameters, batch: EpisodeBatch, choice: config.AlgorithmSection) -> MetaGradient:
    space = ParameterSpace(model.shapes)
    return build_algorithm(choice, bank_of(model, space)).meta_gradient(space.flatten(theta), batch)


def by_the_book(
    model: Model, theta: Parameters, batch: EpisodeBatch, choice: config.AlgorithmSection
) -> textbook.MetaGradient:
    theta = {name: value.detach().requires_grad_() for name, value in theta.items()}
    rate, steps = choice.inner_lr, choice.inner_steps
    match choice:
        case config.MAML():
            return textbook.maml.meta_gradient(model, theta, batch, rate, steps)
        case config.FOMAML():
            return textbook.fomaml.meta_gradient(model, theta, batch, rate, steps)
        case config.Reptile():
            examples = textbook.reptile.support_and_query if choice.pool_query else textbook.reptile.support_alone
            return textbook.reptile.meta_gradient(model, theta, batch, rate, steps, examples)
        case config.IMAML():
            return textbook.imaml.meta_gradient(
                model,
                theta,
                batch,
                rate,
                steps,
                choice.proximal_lambda,
                choice.cg_steps,
                choice.cg_tolerance,
                choice.cg_damping,
            )


def compare(
    name: str, choice: config.AlgorithmSection, dtype: torch.dtype, batch: EpisodeBatch | None = None
) -> tuple[float, MetaGradient, textbook.MetaGradient]:
    """Relative difference of the two meta-gradients, and both."""
    model = MODELS[name]
    theta = {key: value.to(dtype) for key, value in make_theta(name).items()}
    tasks = (batch or make_batch(name)).to(torch.device("cpu"), dtype)
    fast, slow = batched(model, theta, tasks, choice), by_the_book(model, theta, tasks, choice)
    truth = ParameterSpace(model.shapes).flatten(slow.gradient)
    assert truth.norm() > 0
    return float((fast.gradient - truth).norm() / truth.norm()), fast, slow


@pytest.mark.parametrize("algorithm", ALGORITHMS | WEAK_PULL)
@pytest.mark.parametrize("name", MODELS)
def test_that_a_batched_meta_gradient_is_the_textbooks_in_float64(name: str, algorithm: str) -> None:
    difference, fast, slow = compare(name, (ALGORITHMS | WEAK_PULL)[algorithm], torch.float64)
    assert difference <= 1e-10
    torch.testing.assert_close(fast.series["outer_loss"], slow.outer_loss, rtol=1e-10, atol=0)
    inner = torch.stack([fast.series[f"inner_loss/{k}"] for k in range(slow.inner_losses.shape[1])])
    torch.testing.assert_close(inner, slow.inner_losses.mean(dim=0), rtol=1e-10, atol=0)
    assert f"inner_loss/{len(inner)}" not in fast.series
    assert "outer_accuracy" in fast.series or not make_batch(name).query.is_labelled


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("name", MLPS)
def test_that_a_batched_meta_gradient_is_the_textbooks_in_float32_for_mlps(
    name: str, algorithm: str, record_property: Callable[[str, object], None]
) -> None:
    difference, fast, slow = compare(name, ALGORITHMS[algorithm], torch.float32)
    record_property("relative_difference", difference)
    assert fast.gradient.dtype == torch.float32
    assert difference <= 1e-5
    torch.testing.assert_close(fast.series["outer_loss"], slow.outer_loss, rtol=1e-5, atol=0)


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [(name, algorithm) for name in CONVOLUTIONS for algorithm in ALGORITHMS]
    + [(name, "imaml-6-weak") for name in MODELS],
)
def test_that_the_float32_difference_is_recorded_where_it_is_not_gated(
    name: str, algorithm: str, record_property: Callable[[str, object], None]
) -> None:
    difference, fast, _ = compare(name, (ALGORITHMS | WEAK_PULL)[algorithm], torch.float32)
    record_property("relative_difference", difference)
    print(f"{name} {algorithm}: relative difference in float32 {difference:.1e}")
    assert bool(torch.isfinite(fast.gradient).all())


@pytest.mark.parametrize("algorithm", ["maml-3", "imaml-6"])
@pytest.mark.parametrize("name", ["mlp-softplus", "conv4"])
def test_that_a_single_task_is_a_batch_too(name: str, algorithm: str) -> None:
    difference, _, _ = compare(name, ALGORITHMS[algorithm], torch.float64, make_batch(name, n_tasks=1))
    assert difference <= 1e-10


# --- what only iMAML reports -------------------------------------------------------------------------------------


def implicit(name: str, choice: config.IMAML, batch: EpisodeBatch | None = None) -> textbook.ImplicitMetaGradient:
    """Checks the gradient and all series of the batched iMAML; returns the textbook's for further questions."""
    difference, fast, slow = compare(name, choice, torch.float64, batch)
    assert isinstance(slow, textbook.ImplicitMetaGradient)
    assert difference <= 1e-10
    torch.testing.assert_close(fast.series["stationarity"], slow.stationarity.mean(), rtol=1e-9, atol=0)
    proximal = torch.stack([fast.series[f"proximal/{k}"] for k in range(choice.inner_steps + 1)])
    torch.testing.assert_close(proximal, slow.proximal_losses.mean(dim=0), rtol=1e-10, atol=1e-14)
    residuals = torch.stack([fast.series[f"cg_residual/{i}"] for i in range(choice.cg_steps + 1)])
    torch.testing.assert_close(residuals, mean_residuals(slow, choice.cg_steps), rtol=1e-6, atol=1e-13)
    return slow


def mean_residuals(result: textbook.ImplicitMetaGradient, cg_steps: int) -> Tensor:
    """Mean over the tasks for each iteration; a task that stopped early keeps its last residual."""
    padded = [[*task, *[task[-1]] * (cg_steps + 1 - len(task))] for task in result.cg_residuals]
    return torch.tensor(padded, dtype=torch.float64).mean(dim=0)


@pytest.mark.parametrize("name", ["mlp-softplus", "mlp-tanh-classes", "conv4"])
def test_that_imaml_reports_what_the_textbook_does(name: str) -> None:
    slow = implicit(name, config.IMAML(inner_lr=0.05, inner_steps=4, proximal_lambda=10.0, cg_steps=5))
    assert all(len(residuals) == 6 for residuals in slow.cg_residuals)


def test_that_each_task_stops_at_its_own_tolerance() -> None:
    choice = config.IMAML(inner_lr=0.02, inner_steps=4, proximal_lambda=5.0, cg_steps=12, cg_tolerance=1e-4)
    slow = implicit("mlp-tanh", choice, scaled(make_batch("mlp-tanh"), (0.1, 1.0, 3.0)))
    assert len({len(residuals) for residuals in slow.cg_residuals}) == 3
    assert all(residuals[-1] <= 1e-4 < residuals[-2] for residuals in slow.cg_residuals)


def test_that_negative_curvature_stops_the_same_tasks() -> None:
    choice = config.IMAML(inner_lr=0.05, inner_steps=4, proximal_lambda=0.5, cg_steps=5)
    slow = implicit("mlp-relu", choice)
    assert all(len(residuals) <= 5 and residuals[-1] > 0.1 for residuals in slow.cg_residuals)


def scaled(batch: EpisodeBatch, factors: tuple[float, ...]) -> EpisodeBatch:
    """Tasks of different curvature: the inputs of each are scaled."""
    by_task = torch.tensor(factors, dtype=torch.float64).view(-1, 1, 1)
    return EpisodeBatch(
        Examples(batch.support.inputs * by_task, batch.support.targets),
        Examples(batch.query.inputs * by_task, batch.query.targets),
    )
