"""Meta-gradients of every algorithm that has a loss, against central differences of that loss, in float64."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from metagui.config import algorithms as config
from metagui.engine import textbook
from metagui.engine.algorithms import Algorithm, build_algorithm
from metagui.engine.algorithms.maml import MAML
from metagui.engine.algorithms.reptile import pooled
from metagui.engine.bank import Bank
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.losses import bank_loss
from metagui.engine.models import MLP, Conv4, Model, ParameterSpace
from metagui.errors import InvalidValueError

TASKS, WAYS = 3, 3

CURVES: Model = MLP(1, (12, 9), 1, "tanh")
POINTS: Model = MLP(2, (12,), WAYS, "softplus")
PICTURES: Model = Conv4(1, 3, WAYS)


def batch_for(model: Model) -> EpisodeBatch:
    random = torch.Generator().manual_seed(11)
    shape = {id(CURVES): (1,), id(POINTS): (2,), id(PICTURES): (1, 16, 16)}[id(model)]

    def examples(n: int) -> Examples:
        inputs = torch.randn(TASKS, n, *shape, generator=random, dtype=torch.float64)
        if model is CURVES:
            return Examples(inputs, torch.sin(2 * inputs))
        return Examples(inputs, torch.arange(n).remainder(WAYS).expand(TASKS, -1))

    identity = {"class_number": torch.tensor([[4, 0, 2], [1, 3, 5], [2, 6, 0]])}
    return EpisodeBatch(examples(6), examples(9), identity)


def set_up(choice: config.AlgorithmSection, model: Model, n_classes: int = 0) -> tuple[Algorithm, Bank, Tensor]:
    bank = Bank(model, ParameterSpace(model.shapes), n_classes=n_classes)
    algorithm = build_algorithm(choice, bank)
    random = torch.Generator().manual_seed(2)
    theta = bank.space.flatten(model.initial_parameters(random)).double()
    algorithm.learned = {
        name: (value.double() * (1 + 0.3 * torch.randn(value.shape, generator=random, dtype=torch.float64)))
        for name, value in algorithm.initial_learned().items()
    }
    return algorithm, bank, theta


def after_adapting(algorithm: Algorithm, bank: Bank, batch: EpisodeBatch, weights: list[float]) -> Callable:
    """Mean query loss after the inner steps, weighted step by step (w_1 .. w_K)."""

    def loss(theta: Tensor) -> float:
        path = list(algorithm.adapt(theta, batch.support, len(weights)))[1:]
        judged = [bank.judge(phi, batch, k).losses.mean() for k, phi in enumerate(path, start=1)]
        return float(sum(weight * loss for weight, loss in zip(weights, judged, strict=True)))

    return loss


def check(algorithm: Algorithm, theta: Tensor, batch: EpisodeBatch, loss: Callable[[Tensor], float], step: int = 0):
    """Along random directions in theta and in everything that is learned."""
    meta = algorithm.meta_gradient(theta, batch, step=step)
    random, h = torch.Generator().manual_seed(4), 1e-6
    direction = torch.randn(theta.shape, generator=random, dtype=torch.float64)
    difference = (loss(theta + h * direction) - loss(theta - h * direction)) / (2 * h)
    assert float(meta.gradient @ direction) == pytest.approx(difference, rel=2e-6, abs=1e-9)
    assert set(meta.learned) == set(algorithm.learned)
    start = dict(algorithm.learned)
    for name, value in start.items():
        direction = torch.randn(value.shape, generator=random, dtype=torch.float64)
        ends = []
        for sign in (1, -1):
            algorithm.learned = start | {name: value + sign * h * direction}
            ends.append(loss(theta))
        algorithm.learned = start
        expected = (ends[0] - ends[1]) / (2 * h)
        assert float((meta.learned[name] * direction).sum()) == pytest.approx(expected, rel=2e-6, abs=1e-9), name


INNER = {"inner_lr": 0.05, "inner_steps": 3}


@pytest.mark.parametrize("model", [CURVES, POINTS, PICTURES], ids=["curves", "points", "pictures"])
@pytest.mark.parametrize(
    "choice",
    [
        config.MAML(**INNER),
        config.ANIL(**INNER),
        config.BOIL(**INNER),
        config.MetaSGD(**INNER),
        config.MAML(**INNER, learned_rates=True),
    ],
    ids=["maml", "anil", "boil", "meta-sgd", "learned rates"],
)
def test_that_it_is_the_gradient_of_the_loss_after_adapting(choice: config.AlgorithmSection, model: Model) -> None:
    algorithm, bank, theta = set_up(choice, model)
    batch = batch_for(model)
    check(algorithm, theta, batch, after_adapting(algorithm, bank, batch, [0.0, 0.0, 1.0]))


@pytest.mark.parametrize("step", [0, 40, 100])
def test_that_the_multi_step_loss_is_differentiated_with_its_weights(step: int) -> None:
    algorithm, bank, theta = set_up(config.MAML(**INNER, multi_step_loss=100, learned_rates=True), CURVES)
    assert isinstance(algorithm, MAML)
    weights = algorithm.loss_weights(step)
    batch = batch_for(CURVES)
    check(algorithm, theta, batch, after_adapting(algorithm, bank, batch, weights), step)


def test_that_loss_weights_move_to_the_last_step_and_are_recorded() -> None:
    algorithm, _, theta = set_up(config.MAML(**INNER, multi_step_loss=100), CURVES)
    assert isinstance(algorithm, MAML)
    for step in (0, 25, 99, 100, 5000):
        assert sum(algorithm.loss_weights(step)) == pytest.approx(1)
    assert algorithm.loss_weights(0) == pytest.approx([1 / 3] * 3)
    assert algorithm.loss_weights(100) == [0, 0, 1]
    series = algorithm.meta_gradient(theta, batch_for(CURVES), step=50).series
    assert [float(series[f"loss_weight/{k}"]) for k in (1, 2, 3)] == pytest.approx([1 / 6, 1 / 6, 2 / 3])


def test_that_second_derivatives_come_in_when_their_time_has_come() -> None:
    batch = batch_for(CURVES)
    annealed, _, theta = set_up(config.MAML(**INNER, first_order_steps=10), CURVES)
    first, _, _ = set_up(config.FOMAML(**INNER), CURVES)
    second, _, _ = set_up(config.MAML(**INNER), CURVES)

    def gradient(algorithm: Algorithm, step: int) -> Tensor:
        return algorithm.meta_gradient(theta, batch, step=step).gradient

    torch.testing.assert_close(gradient(annealed, 9), gradient(first, 9), rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(gradient(annealed, 10), gradient(second, 10), rtol=1e-12, atol=1e-14)
    assert [float(annealed.meta_gradient(theta, batch, step=s).series["second_order"]) for s in (9, 10)] == [0, 1]


def test_that_the_comparison_with_first_order_is_that_of_the_two_gradients() -> None:
    batch = batch_for(CURVES)
    compared, _, theta = set_up(config.MAML(**INNER, compare_first_order=True), CURVES)
    series = compared.meta_gradient(theta, batch).series
    one = EpisodeBatch(batch.support[:1], batch.query[:1])
    gaps = []
    for task in range(TASKS):
        one = EpisodeBatch(batch.support[task : task + 1], batch.query[task : task + 1])
        first = set_up(config.FOMAML(**INNER), CURVES)[0].meta_gradient(theta, one).gradient
        second = set_up(config.MAML(**INNER), CURVES)[0].meta_gradient(theta, one).gradient
        gaps.append((second - first).norm())
    assert float(series["order_gap"]) == pytest.approx(float(torch.stack(gaps).mean()), rel=1e-9)
    assert -1 <= float(series["order_cosine"]) < 1


@pytest.mark.parametrize("model", [POINTS, PICTURES], ids=["points", "pictures"])
def test_that_prototypes_are_the_papers_distances_and_differentiated_through(model: Model) -> None:
    algorithm, bank, theta = set_up(config.ProtoNet(), model)
    batch = batch_for(model)
    *_, phi = algorithm.adapt(theta, batch.support, 1)
    logits = bank.query_outputs(phi, batch.support, batch.query.inputs)
    support = bank.support_features(theta.expand(TASKS, -1), batch.support)
    query = bank.support_features(theta.expand(TASKS, -1), batch.query)
    centres = torch.stack([support[:, way::WAYS].mean(dim=1) for way in range(WAYS)], dim=1)
    distances = (query.unsqueeze(2) - centres.unsqueeze(1)).square().sum(dim=-1)
    torch.testing.assert_close(logits.softmax(dim=-1), (-distances).softmax(dim=-1), rtol=1e-9, atol=1e-12)
    check(algorithm, theta, batch, after_adapting(algorithm, bank, batch, [1.0]))


@pytest.mark.parametrize("n_classes", [0, 7])
def test_that_joint_pretraining_is_the_gradient_of_the_pooled_loss(n_classes: int) -> None:
    algorithm, bank, theta = set_up(config.Joint(), POINTS, n_classes)
    batch = batch_for(POINTS)
    examples = pooled(batch)

    def loss(at: Tensor) -> float:
        phi = at.expand(TASKS, -1)
        if not n_classes:
            return float(bank.losses(phi, examples).mean())
        outputs = torch.nn.functional.linear(bank.support_features(phi, examples), *algorithm.learned.values())
        numbers = batch.identity["class_number"].gather(1, examples.targets)
        return float(bank_loss(outputs, numbers).mean())

    check(algorithm, theta, batch, loss)


def test_that_only_their_half_of_the_network_adapts() -> None:
    for choice, moves_head in ((config.ANIL(**INNER), True), (config.BOIL(**INNER), False)):
        algorithm, bank, theta = set_up(choice, POINTS)
        *_, phi = algorithm.adapt(theta, batch_for(POINTS).support, 2)
        before, after = bank.space.unflatten(theta), bank.space.unflatten(phi[0])
        for name in before:
            moved = not torch.equal(before[name], after[name])
            assert moved is (moves_head == (name in POINTS.head)), (choice.name, name)


def test_that_learned_rates_beyond_the_trained_steps_are_those_of_the_last() -> None:
    algorithm, _, theta = set_up(config.MAML(**INNER, learned_rates=True), CURVES)
    assert isinstance(algorithm, MAML)
    assert torch.equal(algorithm.rate(9, theta), algorithm.rate(2, theta))
    assert not torch.equal(algorithm.rate(1, theta), algorithm.rate(2, theta))


# --- the same numbers as the papers' lines, one task at a time -------------------------------------------------------


def leaves(bank: Bank, theta: Tensor) -> dict[str, Tensor]:
    return {name: value.clone().requires_grad_() for name, value in bank.space.unflatten(theta).items()}


def same(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("model", [CURVES, POINTS, PICTURES], ids=["curves", "points", "pictures"])
def test_that_anil_and_boil_equal_the_textbook(model: Model) -> None:
    for choice, part in ((config.ANIL(**INNER), textbook.anil.head), (config.BOIL(**INNER), textbook.anil.body)):
        algorithm, bank, theta = set_up(choice, model)
        batch = batch_for(model)
        meta = algorithm.meta_gradient(theta, batch)
        expected = textbook.anil.meta_gradient(model, leaves(bank, theta), batch, 0.05, 3, part(model))
        same(meta.gradient, bank.space.flatten(expected.gradient))
        same(meta.series["outer_loss"], expected.outer_loss)
        for k in range(4):
            same(meta.series[f"inner_loss/{k}"], expected.inner_losses[:, k].mean())


@pytest.mark.parametrize("model", [CURVES, POINTS, PICTURES], ids=["curves", "points", "pictures"])
def test_that_meta_sgd_equals_the_textbook(model: Model) -> None:
    algorithm, bank, theta = set_up(config.MetaSGD(**INNER), model)
    batch = batch_for(model)
    meta = algorithm.meta_gradient(theta, batch)
    alpha = leaves(bank, algorithm.learned["inner_lr"])
    expected = textbook.meta_sgd.meta_gradient(
        model, leaves(bank, theta), batch, [{n: v.view_as(v) for n, v in alpha.items()} for _ in range(3)], [0, 0, 1]
    )
    same(meta.gradient, bank.space.flatten(expected.theta))
    same(meta.learned["inner_lr"], torch.stack([bank.space.flatten(step) for step in expected.rates]).sum(dim=0))


@pytest.mark.parametrize("step", [3, 60])
def test_that_mamls_switches_together_equal_the_textbook(step: int) -> None:
    choice = config.MAML(**INNER, learned_rates=True, multi_step_loss=50, first_order_steps=10)
    algorithm, bank, theta = set_up(choice, CURVES)
    assert isinstance(algorithm, MAML)
    batch = batch_for(CURVES)
    meta = algorithm.meta_gradient(theta, batch, step=step)
    rates = algorithm.learned["layer_rates"]  # [K, layers]
    names = list(bank.space.shapes)
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
    alphas = [
        {name: rates[k, layers.index(name.rpartition(".")[0])].clone().requires_grad_() for name in names}
        for k in range(3)
    ]
    expected = textbook.meta_sgd.meta_gradient(
        CURVES, leaves(bank, theta), batch, alphas, algorithm.loss_weights(step), second_order=step >= 10
    )
    same(meta.gradient, bank.space.flatten(expected.theta))
    for k in range(3):
        for column, layer in enumerate(layers):
            shared = [gradient for name, gradient in expected.rates[k].items() if name.rpartition(".")[0] == layer]
            same(meta.learned["layer_rates"][k, column], torch.stack(shared).sum())


@pytest.mark.parametrize("model", [POINTS, PICTURES], ids=["points", "pictures"])
def test_that_protonet_equals_the_textbook(model: Model) -> None:
    algorithm, bank, theta = set_up(config.ProtoNet(), model)
    batch = batch_for(model)
    meta = algorithm.meta_gradient(theta, batch)
    expected, loss = textbook.protonet.meta_gradient(model, leaves(bank, theta), batch)
    same(meta.gradient, bank.space.flatten(expected))
    same(meta.series["outer_loss"], loss)


@pytest.mark.parametrize("model", [CURVES, POINTS, PICTURES], ids=["curves", "points", "pictures"])
def test_that_joint_pretraining_equals_the_textbook(model: Model) -> None:
    algorithm, bank, theta = set_up(config.Joint(), model)
    batch = batch_for(model)
    meta = algorithm.meta_gradient(theta, batch)
    expected, loss = textbook.joint.meta_gradient(model, leaves(bank, theta), batch)
    same(meta.gradient, bank.space.flatten(expected))
    same(meta.series["outer_loss"], loss)


def test_that_meta_sgd_refuses_a_model_without_parameters() -> None:
    class Nothing(MLP):
        def __init__(self) -> None:
            super().__init__(1, (2,), 1)
            self.shapes = {}

    model = Nothing()
    with pytest.raises(InvalidValueError, match=r"algorithm\.name: Meta-SGD learns a rate a parameter"):
        build_algorithm(config.MetaSGD(), Bank(model, ParameterSpace(model.shapes)))
