import pytest
import torch

from metagui.config.tasks import PointTasks
from metagui.engine.seeding import generator
from metagui.engine.tasks.points import Points, likeliest_class


def draw(n_tasks=200, index=0, **settings):
    return Points(PointTasks(**settings)).sample(n_tasks, generator(0, "train", index))


def test_that_shapes_are_right_and_labels_balanced():
    batch = draw(6, n_way=4, k_shot=3, n_query=7)
    assert batch.support.inputs.shape == (6, 12, 2)
    assert batch.query.inputs.shape == (6, 28, 2)
    assert batch.support.targets.dtype == torch.int64
    for labels, shots in ((batch.support.targets, 3), (batch.query.targets, 7)):
        assert labels.shape == (6, 4 * shots)
        assert all(torch.equal(torch.bincount(row), torch.full((4,), shots)) for row in labels)
    assert Points(PointTasks(n_way=4)).output_size == 4


def test_that_examples_lie_about_their_classs_clouds():
    batch = draw(50, n_way=3, k_shot=4, clusters=2, spread=0.01)
    centres = batch.identity["centres"]
    assert centres.shape == (50, 3, 2, 2)
    for task in range(50):
        for x, label in zip(batch.support.inputs[task], batch.support.targets[task], strict=True):
            assert (centres[task, label] - x).norm(dim=-1).min() < 0.06


def test_that_every_cloud_gets_its_share_of_the_examples():
    batch = draw(20, n_way=2, k_shot=4, clusters=2, spread=0.001)
    distances = torch.cdist(batch.support.inputs, batch.identity["centres"].flatten(1, 2))
    for nearest in distances.argmin(-1):
        assert torch.equal(torch.bincount(nearest, minlength=4), torch.full((4,), 2))


def test_that_the_spread_is_a_standard_deviation():
    batch = draw(500, clusters=1, spread=0.3)
    own = batch.identity["centres"][:, :, 0].repeat_interleave(5, dim=1)
    assert (batch.support.inputs - own).std().item() == pytest.approx(0.3, rel=0.05)


def test_that_clouds_stay_in_the_square_and_classes_apart():
    batch = draw(300)
    centres = batch.identity["centres"]
    assert centres.abs().max() <= 1
    gaps = torch.cdist(centres.flatten(1, 2), centres.flatten(1, 2))
    owner = torch.arange(3).repeat_interleave(2)
    gaps.masked_fill_(owner[:, None] == owner, torch.inf)
    # Three standard deviations of both clouds together; layouts drawn once reach it in one of twelve tasks.
    assert (gaps.amin((1, 2)) > 3 * 0.18).float().mean() > 0.6


def test_that_no_class_has_a_favourite_place():
    mean = draw(4000, clusters=1).identity["centres"].mean(0)
    assert mean.abs().max() < 0.05


def test_that_the_family_can_be_learnt_but_is_not_trivial():
    family, batch = Points(PointTasks()), draw(300)
    right = []
    for task in range(300):
        guess = likeliest_class(batch.query.inputs[task], batch.identity["centres"][task], family.config.spread)
        right.append((guess == batch.query.targets[task]).float().mean())
    assert 0.9 < torch.stack(right).mean() < 0.99


def test_that_the_generator_alone_decides_the_draw():
    first, again, other = draw(5), draw(5), draw(5, index=1)
    assert torch.equal(first.support.inputs, again.support.inputs)
    assert torch.equal(first.query.inputs, again.query.inputs)
    assert not torch.equal(first.support.inputs, other.support.inputs)


def test_that_the_portrait_has_the_grid_row_by_row_and_the_best_possible_labels():
    family, batch = Points(PointTasks(spread=0.05)), draw(3, spread=0.05)
    portrait = family.portrait(batch, 1)
    assert portrait.class_names == ("class 1", "class 2", "class 3")
    assert portrait.title == "3 classes, 2 clouds"
    grid = portrait.grid.view(48, 48, 2)
    assert torch.equal(grid[0, :, 0], grid[5, :, 0])  # x runs along a row
    assert torch.equal(grid[:, 0, 1], grid[:, 5, 1])  # y from row to row
    assert grid.min().item() == pytest.approx(-1.2)
    assert grid.max().item() == pytest.approx(1.2)
    centres = batch.identity["centres"][1]
    for label in range(3):
        for centre in centres[label]:
            at = (portrait.grid - centre).norm(dim=-1).argmin()
            assert portrait.truth[at] == label


def test_that_the_likeliest_class_is_that_of_the_summed_densities():
    # One cloud right at hand against two a little further off: the two together are likelier.
    centres = torch.tensor([[[1.0, 0.0], [9.0, 9.0]], [[-1.02, 0.0], [0.0, 1.02]]])
    assert likeliest_class(torch.zeros(1, 2), centres, 1.0).tolist() == [1]
    assert likeliest_class(torch.tensor([[1.0, 0.0]]), centres, 1.0).tolist() == [0]
