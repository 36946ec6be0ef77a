import math

import pytest
import torch

from metagui.config.tasks import SinusoidTasks
from metagui.engine.seeding import generator
from metagui.engine.tasks.base import fixed_tasks
from metagui.engine.tasks.sinusoid import Sinusoid


def draw(n_tasks=400, index=0, **settings):
    return Sinusoid(SinusoidTasks(**settings)).sample(n_tasks, generator(0, "train", index))


def test_that_shapes_and_types_are_those_of_a_regression():
    batch = draw(3, k_shot=4, n_query=6)
    assert batch.support.inputs.shape == batch.support.targets.shape == (3, 4, 1)
    assert batch.query.inputs.shape == batch.query.targets.shape == (3, 6, 1)
    assert {batch.support.inputs.dtype, batch.query.targets.dtype} == {torch.float32}
    assert len(batch) == 3
    family = Sinusoid(SinusoidTasks())
    assert (family.kind, family.input_shape, family.output_size) == ("regression", (1,), 1)


def test_that_targets_are_the_wave_of_the_amplitude_and_phase_drawn():
    batch = draw(50)
    amplitude = batch.identity["amplitude"][:, None, None]
    phase = batch.identity["phase"][:, None, None]
    for examples in (batch.support, batch.query):
        torch.testing.assert_close(examples.targets, amplitude * torch.sin(examples.inputs - phase))


@pytest.mark.parametrize(("name", "low", "high"), [("amplitude", 0.1, 5.0), ("phase", 0.0, math.pi)])
def test_that_amplitude_and_phase_are_uniform(name, low, high):
    values = draw(20_000).identity[name]
    assert values.min() >= low
    assert values.max() <= high
    quartiles = torch.quantile(values, torch.tensor([0.25, 0.5, 0.75]))
    torch.testing.assert_close(quartiles, low + (high - low) * torch.tensor([0.25, 0.5, 0.75]), atol=0.08, rtol=0)


def test_that_x_is_uniform_between_minus_five_and_five():
    x = draw(2_000).support.inputs.flatten()
    assert x.abs().max() <= 5
    quartiles = torch.quantile(x, torch.tensor([0.25, 0.5, 0.75]))
    torch.testing.assert_close(quartiles, torch.tensor([-2.5, 0.0, 2.5]), atol=0.15, rtol=0)


def test_that_the_configured_ranges_are_kept():
    batch = draw(500, amplitude_min=2.0, amplitude_max=2.5, phase_max=0.5)
    assert 2.0 <= batch.identity["amplitude"].min() < batch.identity["amplitude"].max() <= 2.5
    assert 0 <= batch.identity["phase"].min() < batch.identity["phase"].max() <= 0.5


def test_that_noise_reaches_the_support_alone():
    batch = draw(2_000, noise=0.5)
    amplitude = batch.identity["amplitude"][:, None, None]
    phase = batch.identity["phase"][:, None, None]
    error = batch.support.targets - amplitude * torch.sin(batch.support.inputs - phase)
    assert error.std().item() == pytest.approx(0.5, rel=0.03)
    assert error.mean().item() == pytest.approx(0, abs=0.02)
    torch.testing.assert_close(batch.query.targets, amplitude * torch.sin(batch.query.inputs - phase))


def test_that_the_generator_alone_decides_the_draw():
    torch.manual_seed(1)
    first = draw(5)
    torch.manual_seed(2)
    again, other = draw(5), draw(5, index=1)
    assert torch.equal(first.support.inputs, again.support.inputs)
    assert torch.equal(first.query.targets, again.query.targets)
    assert not torch.equal(first.support.inputs, other.support.inputs)


def test_that_a_fixed_task_is_the_same_in_any_company():
    family = Sinusoid(SinusoidTasks())
    alone = fixed_tasks(family, [7], 3, "test")
    among = fixed_tasks(family, [1, 7, 2], 3, "test")
    assert torch.equal(alone.query.targets[0], among.query.targets[1])
    assert torch.equal(alone.identity["phase"][0], among.identity["phase"][1])


def test_that_the_portrait_shows_the_true_wave():
    family = Sinusoid(SinusoidTasks(noise=1.0))
    batch = draw(4, noise=1.0)
    portrait = family.portrait(batch, 2)
    amplitude, phase = batch.identity["amplitude"][2].item(), batch.identity["phase"][2].item()
    assert portrait.title == f"A = {amplitude:.2f}, φ = {phase:.2f}"
    assert portrait.grid.shape == (200, 1)
    assert (portrait.grid[0].item(), portrait.grid[-1].item()) == (-5, 5)
    torch.testing.assert_close(portrait.truth, amplitude * torch.sin(portrait.grid[:, 0] - phase))
