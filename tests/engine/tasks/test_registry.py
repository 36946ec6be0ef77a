import pytest
import torch

from metagui.config import load_presets
from metagui.config.tasks import GlyphTasks, OmniglotTasks, PointTasks, SinusoidTasks
from metagui.engine.seeding import generator
from metagui.engine.tasks import build_family
from metagui.engine.tasks.base import fixed_tasks

CONFIGS = [SinusoidTasks(), PointTasks(), GlyphTasks(), OmniglotTasks()]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_that_every_configuration_has_a_family_that_keeps_the_contract(config, stamped_omniglot):
    family = build_family(config, stamped_omniglot)
    assert family.kind == config.kind
    assert family.output_size == getattr(config, "n_way", 1)
    batch = fixed_tasks(family, [0, 5, 2], 1, "test")
    assert len(batch) == 3
    for examples in (batch.support, batch.query):
        assert examples.inputs.dtype == torch.float32
        assert tuple(examples.inputs.shape[2:]) == family.input_shape
        assert examples.is_labelled == (family.kind != "regression")
    for values in batch.identity.values():
        assert len(values) == 3
    portrait = family.portrait(batch, 1)
    assert portrait.title
    if portrait.grid is not None and portrait.truth is not None:
        assert tuple(portrait.grid.shape[1:]) == family.input_shape
        assert len(portrait.grid) == len(portrait.truth)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_that_tasks_do_not_depend_on_torchs_own_generator(config, stamped_omniglot):
    family = build_family(config, stamped_omniglot)
    before = torch.random.get_rng_state()
    family.sample(2, generator(0, "train"))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_that_every_preset_has_its_family(stamped_omniglot):
    for preset in load_presets():
        assert build_family(preset.config.task, stamped_omniglot).kind == preset.config.task.kind
