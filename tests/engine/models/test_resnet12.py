"""ResNet-12 is the network of the papers, written a second time here with torch's own layers."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from metagui.config import apply_overrides, choices, load_preset
from metagui.config.models import ResNet12Model
from metagui.engine.evaluation import score
from metagui.engine.learner import MetaLearner
from metagui.engine.memory import estimate
from metagui.engine.models import ParameterSpace, ResNet12, build_model
from metagui.errors import InvalidValueError

WAYS = 5
ALGORITHMS = [
    name
    for name, section in choices("algorithm").items()
    if section.implementation.startswith("metagui.") and "images" in getattr(section, "fits", ())
]


class Block(nn.Module):
    def __init__(self, incoming: int, outgoing: int) -> None:
        super().__init__()
        widths = [incoming, outgoing, outgoing, outgoing]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, after, 3, padding=1, bias=False) for before, after in itertools.pairwise(widths)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(outgoing, track_running_stats=False) for _ in range(3))
        self.shortcut = nn.Conv2d(incoming, outgoing, 1, bias=False)
        self.shortcut_norm = nn.BatchNorm2d(outgoing, track_running_stats=False)

    def forward(self, image: Tensor) -> Tensor:
        hidden = functional.leaky_relu(self.norms[0](self.convolutions[0](image)), 0.1)
        hidden = functional.leaky_relu(self.norms[1](self.convolutions[1](hidden)), 0.1)
        hidden = self.norms[2](self.convolutions[2](hidden)) + self.shortcut_norm(self.shortcut(image))
        return functional.max_pool2d(functional.leaky_relu(hidden, 0.1), 2)


class Reference(nn.Module):
    """Parameters in the engine's order."""

    def __init__(self, width: int) -> None:
        super().__init__()
        widths = [3, width, 2 * width, 4 * width, 8 * width]
        self.blocks = nn.ModuleList(Block(a, b) for a, b in itertools.pairwise(widths))
        self.head = nn.Linear(8 * width, WAYS)

    def load(self, values: list[Tensor]) -> None:
        rest = iter(values)
        for block in self.blocks:
            pairs = [*zip(block.convolutions, block.norms, strict=True), (block.shortcut, block.shortcut_norm)]
            for convolution, norm in pairs:
                convolution.weight.data, norm.weight.data, norm.bias.data = next(rest), next(rest), next(rest)
        self.head.weight.data, self.head.bias.data = next(rest), next(rest)
        assert next(rest, None) is None

    def forward(self, image: Tensor) -> Tensor:
        for block in self.blocks:
            image = block(image)
        return self.head(image.mean(dim=(2, 3)))


def test_that_it_computes_what_torchs_layers_do() -> None:
    model, random = ResNet12(3, 4, WAYS), torch.Generator().manual_seed(0)
    parameters = {
        name: value.double() + 0.1 * torch.randn(value.shape, generator=random, dtype=torch.float64)
        for name, value in model.initial_parameters(random).items()
    }
    reference = Reference(4).double()
    reference.load(list(parameters.values()))
    images = torch.randn(6, 3, 35, 24, generator=random, dtype=torch.float64)
    torch.testing.assert_close(model.forward(parameters, images), reference(images), rtol=1e-10, atol=1e-10)


def test_that_it_has_the_papers_size() -> None:
    model = build_model(ResNet12Model(), (3, 84, 84), 5)
    assert model.shapes["head.weight"] == (5, 512)
    convolutions = sum(shape.numel() for shape in model.shapes.values() if len(shape) == 4)
    assert convolutions == 7_989_120  # 64-128-256-512, shortcuts included
    assert list(model.normalised_channels) == [64] * 4 + [128] * 4 + [256] * 4 + [512] * 4
    assert ResNet12Model().least_parameters() < convolutions


def test_that_it_begins_with_activations_neither_vanishing_nor_exploding() -> None:
    model = build_model(ResNet12Model(width=8), (3, 32, 32), 5)
    random = torch.Generator().manual_seed(0)
    parameters = {name: value.unsqueeze(0) for name, value in model.initial_parameters(random).items()}
    features = model.features_bank(parameters, torch.rand(1, 10, 3, 32, 32, generator=random))
    assert 0.1 < float(features.std()) < 10


@pytest.mark.parametrize("shape", [(3, 84, 15), (2,)])
def test_that_it_needs_images_that_can_be_halved_four_times(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValueError, match=r"model\.name"):
        build_model(ResNet12Model(), shape, 5)


@pytest.mark.parametrize("norm_mode", ["transductive", "support", "per_step"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_that_every_algorithm_trains_and_adapts_it(algorithm: str, norm_mode: str) -> None:
    chosen = ["model.name=resnet12", "model.width=2", f"model.norm_mode={norm_mode}", f"algorithm.name={algorithm}"]
    # A pull strong enough for the implicit system of a network that has just begun.
    steady = ["algorithm.proximal_lambda=100", "algorithm.inner_lr=0.01"] if algorithm == "imaml" else []
    small = ["task.n_way=2", "task.k_shot=2", "task.n_query=2", "outer.meta_batch_size=2", "compute.device=cpu"]
    learner = MetaLearner(apply_overrides(load_preset("glyphs-maml-5w1s").config, [*chosen, *small, *steady]))
    before = learner.theta.detach().clone()
    series = learner.meta_step(learner.sample_tasks())
    assert all(value.isfinite().all() for value in series.values())
    assert not torch.equal(before, learner.theta)
    assert torch.isfinite(torch.from_numpy(score(learner, learner.held_out_tasks(range(2)), 2).losses)).all()


def test_that_it_learns(tmp_path) -> None:
    changes = ["model.name=resnet12", "model.width=4", "outer.meta_batch_size=4", "compute.device=cpu"]
    config = apply_overrides(load_preset("glyphs-protonet-5w1s").config, changes)
    learner = MetaLearner(config)
    losses = [float(learner.meta_step(learner.sample_tasks())["outer_loss"]) for _ in range(25)]
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    # Known before the start: at least its parameters with gradient and moments.
    assert estimate(config, tmp_path).state > 5 * 4 * ParameterSpace(learner.bank.model.shapes).size
