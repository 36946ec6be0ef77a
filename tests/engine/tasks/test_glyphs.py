import pytest
import torch

from metagui.config.tasks import GlyphTasks
from metagui.engine.seeding import generator
from metagui.engine.tasks.glyph_drawing import draw
from metagui.engine.tasks.glyph_programs import glyph_programs, hashed_uniform
from metagui.engine.tasks.glyphs import CLASSES_PER_SPLIT, Glyphs


def sample(n_tasks=4, index=0, split="train", **settings):
    return Glyphs(GlyphTasks(**settings)).sample(n_tasks, generator(0, split, index), split)


def test_that_shapes_are_right_and_labels_balanced():
    batch = sample(3, n_way=4, k_shot=2, n_query=3)
    assert batch.support.inputs.shape == (3, 8, 1, 28, 28)
    assert batch.query.inputs.shape == (3, 12, 1, 28, 28)
    assert batch.support.inputs.dtype == torch.float32
    assert batch.support.targets.dtype == torch.int64
    assert batch.support.targets.tolist() == [[0, 0, 1, 1, 2, 2, 3, 3]] * 3
    assert batch.query.targets.tolist() == [[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]] * 3
    family = Glyphs(GlyphTasks(n_way=4))
    assert (family.kind, family.input_shape, family.output_size) == ("images", (1, 28, 28), 4)


def test_that_every_drawing_is_ink_on_an_empty_page():
    images = sample(40, n_query=5).query.inputs
    assert images.min() == 0
    assert images.max() == 1
    share = (images > 0.5).float().mean((-1, -2, -3))
    assert share.min() > 0.01  # a few pixels at least
    assert 0.05 < share.mean() < 0.12  # Omniglot: 0.08
    assert share.max() < 0.4
    border = torch.cat([images[..., 0, :], images[..., -1, :], images[..., 0], images[..., -1]], dim=-1)
    assert (border > 0.5).float().mean() < 0.02  # characters stay on the page


def test_that_a_class_number_alone_decides_the_character():
    numbers = torch.tensor([5, 77, 2**33 + 1])
    random = generator(0, "any")
    together = draw(glyph_programs(numbers), 2, random, jitter=0.0)
    alone = draw(glyph_programs(numbers[1:2]), 1, random, jitter=0.0)
    torch.testing.assert_close(together[1, :1], alone[0])
    torch.testing.assert_close(together[:, 0], together[:, 1])  # without jitter all drawings are one
    assert (together[0] - together[1]).abs().max() > 0.5


def test_that_the_hash_is_splitmix64():
    def expected(number, slot):
        mask = 2**64 - 1
        z = (number * 128 + slot + 1) * 0x9E3779B97F4A7C15 & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        return ((z ^ z >> 31) >> 40) / 2**24

    numbers = torch.tensor([0, 1, 123456789, 3 * 2**32 - 1])
    hashed = hashed_uniform(numbers, 65)
    assert hashed.tolist() == [[expected(int(number), slot) for slot in range(65)] for number in numbers]


def test_that_hashed_numbers_are_uniform_and_unrelated():
    hashed = hashed_uniform(torch.arange(20_000), 8)
    assert hashed.min() >= 0
    assert hashed.max() < 1
    torch.testing.assert_close(hashed.mean(0), torch.full((8,), 0.5), atol=0.01, rtol=0)
    correlation = torch.corrcoef(hashed.T) - torch.eye(8)
    assert correlation.abs().max() < 0.03


def test_that_no_class_is_in_two_splits():
    for place, split in enumerate(("train", "validation", "test")):
        numbers = sample(50, split=split, n_query=1, n_way=20).identity["classes"]
        assert (numbers // CLASSES_PER_SPLIT == place).all()


@pytest.mark.parametrize("n_way", [2, 5, 100])
def test_that_the_classes_of_a_task_differ(n_way):
    for numbers in sample(10, n_way=n_way, n_query=1).identity["classes"].tolist():
        assert len(set(numbers)) == n_way


def test_that_tasks_bring_new_classes():
    numbers = sample(200, n_query=1).identity["classes"].flatten()
    assert len(numbers.unique()) == len(numbers)


def test_that_support_and_query_never_share_a_drawing():
    batch = sample(10, k_shot=3, n_query=3)
    gaps = torch.cdist(batch.support.inputs.flatten(2), batch.query.inputs.flatten(2))
    assert gaps.min() > 0.1


def test_that_the_generator_alone_decides_the_draw():
    first, again, other = sample(), sample(), sample(index=1)
    assert torch.equal(first.support.inputs, again.support.inputs)
    assert torch.equal(first.query.inputs, again.query.inputs)
    assert not torch.equal(first.identity["classes"], other.identity["classes"])


def test_that_rendering_in_chunks_changes_nothing():
    numbers = torch.arange(150)
    whole = draw(glyph_programs(numbers), 1, generator(0, "any"), jitter=0.0)
    for row in (0, 63, 64, 149):
        one = draw(glyph_programs(numbers[row : row + 1]), 1, generator(0, "any"), jitter=0.0)
        torch.testing.assert_close(whole[row], one[0])


def test_that_more_jitter_makes_drawings_less_alike():
    programs = glyph_programs(torch.arange(60))
    spreads = []
    for jitter in (0.0, 0.5, 1.0, 2.0):
        drawings = draw(programs, 4, generator(0, "any"), jitter)
        spreads.append(drawings.std(1).mean().item())
    assert spreads[0] == pytest.approx(0, abs=1e-6)
    assert spreads == sorted(spreads)
    assert spreads[1] < spreads[2] < spreads[3]


def test_that_raw_pixels_recognise_some_but_far_from_all():
    # The nearest class mean on pixels: 45 % here, 43 % on Omniglot.
    batch = sample(150, split="test", n_query=15)
    distances = torch.cdist(batch.query.inputs.flatten(2), batch.support.inputs.flatten(2))
    accuracy = (distances.argmin(-1) == batch.query.targets).float().mean()
    assert 0.35 < accuracy < 0.60


def test_that_the_portrait_names_the_characters():
    family, batch = Glyphs(GlyphTasks()), sample(2)
    portrait = family.portrait(batch, 1)
    assert portrait.title == "5 invented characters"
    assert len(set(portrait.class_names)) == 5
    assert portrait.class_names[0] == f"glyph {batch.identity['classes'][1, 0].item():x}"
    assert portrait.grid is None
    assert portrait.truth is None
