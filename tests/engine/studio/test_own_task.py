"""Tasks made by hand: the same numbers as for held-out ones, and a sentence for everything that is no task."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from metagui.config import parse
from metagui.datasets.omniglot_install import install_omniglot
from metagui.engine.learner import MetaLearner
from metagui.engine.tasks.omniglot import Omniglot
from metagui.events import Array

X = np.linspace(-4, 4, 6)
LABELS = np.arange(5)
GLYPHS = ("model.filters=4",)


def _characters(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 28, 28))


@pytest.mark.parametrize(
    ("preset", "changes"),
    [
        ("sinusoid-maml", ()),
        ("points-maml", ()),
        ("glyphs-maml-5w1s", GLYPHS),
        ("glyphs-protonet-5w1s", GLYPHS),
        ("glyphs-maml-5w1s", (*GLYPHS, "model.norm_mode=support")),
        ("glyphs-maml-5w1s", (*GLYPHS, "model.norm_mode=per_step")),
    ],
)
def test_that_the_very_examples_of_a_held_out_task_give_its_very_numbers(
    preset, changes, network, studied, remade
) -> None:
    (column,) = studied(network(preset, *changes), tasks=(5,))
    (mine,) = studied(network(preset, *changes), own=remade(column.tasks[0]))
    shown, again = column.tasks[0], mine.tasks[0]
    assert mine.problem == ""
    for field in ("predictions", "support_loss", "query_loss", "query_accuracy", "support_x", "query_x", "grid"):
        one, other = getattr(shown, field), getattr(again, field)
        assert one.shape == other.shape
        np.testing.assert_allclose(other.numpy(), one.numpy(), rtol=1e-5, atol=1e-6)
    assert (again.class_names, again.title, again.kind) == (shown.class_names, shown.title, shown.kind)


def test_that_points_may_lie_above_each_other_and_queries_be_missing(network, studied, own) -> None:
    (column,) = studied(network("sinusoid-maml"), own=own("regression", [1, 1, 2], [0, 3, 1]))
    shown = column.tasks[0]
    assert column.problem == ""
    assert np.isfinite(shown.predictions.numpy()).all()
    assert np.isnan(shown.query_loss.numpy()).all()
    assert shown.grid.numpy()[[0, -1]].tolist() == [-5, 5]
    (wide,) = studied(network("sinusoid-maml"), own=own("regression", [1, 9], [0, 3]))
    assert wide.tasks[0].grid.numpy()[[0, -1]].tolist() == [-5, 9]


def test_that_the_truth_is_shown_where_it_is_known(network, studied, own) -> None:
    grid = np.linspace(-3, 3, 50, dtype=np.float32)
    task = own("regression", X, np.sin(X), grid=Array.of(grid), truth=Array.of(np.sin(grid)))
    shown = studied(network("sinusoid-maml"), own=task)[0].tasks[0]
    np.testing.assert_array_equal(shown.truth.numpy(), np.sin(grid))
    assert shown.predictions.shape == (4, 50)


def test_that_queries_nobody_knows_have_probabilities_and_no_loss(network, studied, own) -> None:
    pictures, asked = _characters(5), _characters(3, seed=1)
    given = network("glyphs-maml-5w1s", *GLYPHS)
    (unknown,) = studied(given, own=own("images", pictures, LABELS, asked, [-1, -1, -1]))
    (partly,) = studied(given, own=own("images", pictures, LABELS, asked, [-1, 2, -1]))
    assert unknown.tasks[0].predictions.shape == (4, 3, 5)
    assert np.isnan(unknown.tasks[0].query_loss.numpy()).all()
    assert np.isnan(unknown.tasks[0].query_accuracy.numpy()).all()
    assert partly.tasks[0].predictions == unknown.tasks[0].predictions
    expected = -np.log(partly.tasks[0].predictions.numpy()[:, 1, 2])
    np.testing.assert_allclose(partly.tasks[0].query_loss.numpy(), expected, rtol=1e-4)
    assert partly.tasks[0].query_y.numpy().tolist() == [-1, 2, -1]


def test_that_fewer_classes_leave_outputs_unused(network, studied, own) -> None:
    task = own("images", _characters(3), [0, 1, 2], _characters(2, 1), [0, 1], class_names=("a", "b", "c"))
    (column,) = studied(network("glyphs-maml-5w1s", *GLYPHS), own=task)
    shown = column.tasks[0]
    assert shown.predictions.shape == (4, 2, 3)
    np.testing.assert_allclose(shown.predictions.numpy().sum(axis=-1), 1, rtol=1e-5)
    assert shown.support_loss.numpy()[-1] < shown.support_loss.numpy()[0] < 1.3  # log 3, not log 5
    assert shown.class_names == ("a", "b", "c")
    assert "2 of the last layer's 5 outputs" in column.note


def test_that_unused_outputs_do_not_move(network, own) -> None:
    from metagui.engine.studio.fitting import fit

    learner = MetaLearner(parse(network("points-maml").config))
    fitted = fit(learner, 2)
    batch = learner.held_out_tasks([0])
    support = type(batch.support)(batch.support.inputs[:, :10], batch.support.targets[:, :10])
    *_, phi = fitted.adapter.adapt(fitted.theta, support, 3)
    moved = fitted.bank.space.unflatten((phi - fitted.theta)[0])
    assert moved["linear2.bias"][:2].all()
    assert not moved["linear2.bias"][2].any()
    assert not moved["linear2.weight"][2].any()


@pytest.mark.parametrize("ways", [2, 5, 9])
def test_that_a_prototypical_network_takes_any_number_of_classes(ways, network, studied, own) -> None:
    pictures = _characters(ways)
    task = own("images", pictures, np.arange(ways), pictures, np.arange(ways))
    (column,) = studied(network("glyphs-protonet-5w1s", *GLYPHS), own=task, inner_steps=1)
    assert column.problem == ""
    assert column.tasks[0].predictions.shape == (2, ways, ways)
    assert column.tasks[0].query_accuracy.numpy()[-1] == 1  # each is its own prototype


def test_that_more_classes_than_outputs_are_refused_with_what_is_possible(network, studied, own) -> None:
    task = own("images", _characters(7), np.arange(7))
    maml, proto = studied(
        network("glyphs-maml-5w1s", *GLYPHS), network("glyphs-protonet-5w1s", *GLYPHS), own=task, inner_steps=1
    )
    assert "at most 5 classes" in maml.problem
    assert "prototypical" in maml.problem
    assert proto.problem == ""


@pytest.mark.parametrize(
    ("kind", "arguments", "fields", "words"),
    [
        ("regression", ([], []), {}, "at least one support point"),
        ("regression", ([1.0, np.nan], [0, 0]), {}, "no numbers"),
        ("regression", ([1.0, 2.0], [0, np.nan]), {}, "target that is a number"),
        ("regression", ([1.0, 2.0], [0]), {}, "2 examples and targets of shape"),
        ("regression", ([[1.0, 2.0]], [0]), {}, "one x each"),
        ("points", ([[0, 0], [1, 1]], [0, 0]), {}, "at least two classes"),
        ("points", ([[0, 0], [1, 1]], [0, 2]), {}, "'class 2' has no support point: add"),
        ("points", ([[0, 0], [1, 1]], [0, 3]), {}, "no support point, nor has one more class: add"),
        ("points", ([[0, 0], [1, 1]], [0, 1]), {"class_names": ("x", "y", "z")}, "'z' has no support point"),
        ("points", ([[0, 0], [1, 1]], [0, -1]), {"class_names": ("x", "y")}, "from 0 to 1"),
        ("points", ([[0, 0], [1, 1]], [0, 1], [[0, 0]], [5]), {}, "from 0 to 1"),
        ("points", ([[0, 0, 0], [1, 1, 1]], [0, 1]), {}, "shape [2]"),
        ("points", (np.zeros((2001, 2)), np.arange(2001) % 2), {}, "at most 2,000"),
        ("images", (np.zeros((2, 20, 20)), [0, 1]), {}, "28 x 28 pixels, grey; these have 20 x 20"),
        ("images", (np.zeros((2, 28, 28, 3)), [0, 1]), {}, "in colour"),
        ("images", (np.zeros((2, 784)), [0, 1]), {}, "dimensions"),
        ("images", (np.zeros((0, 28, 28)), []), {"class_names": ("a", "b")}, "at least one support picture"),
        ("points", ([[0, 0], [1, 1]], [0, 1]), {"support_y": Array("int64", (5,), b"")}, "cannot be read"),
    ],
)
def test_that_what_is_no_task_is_said_in_a_sentence(kind, arguments, fields, words, network, studied, own) -> None:
    preset = {"regression": "sinusoid-maml", "points": "points-maml", "images": "glyphs-maml-5w1s"}[kind]
    changes = GLYPHS if kind == "images" else ()
    (column,) = studied(network(preset, *changes), own=own(kind, *arguments, **fields))
    assert words in column.problem
    assert column.problem.endswith(".")
    assert column.tasks == ()


def test_that_a_task_of_another_kind_is_refused_where_it_does_not_fit_alone(network, studied, own) -> None:
    columns = studied(network("points-maml"), network("sinusoid-maml"), own=own("regression", X, np.sin(X)))
    assert "made for points in the plane" in columns[0].problem
    assert columns[1].problem == ""


def test_that_an_omniglot_network_adapts_to_drawings_without_the_data_set(
    network, studied, own, tmp_path, real_data
) -> None:
    given = network("omniglot-maml-5w1s", *GLYPHS)
    task = own("images", _characters(5), LABELS, _characters(2, 1), [0, 3])
    (without,) = studied(given, own=task, data_dir=str(tmp_path / "empty"))
    assert without.problem == ""
    small = real_data / "omniglot" / "images_evaluation.zip"
    background = real_data / "omniglot" / "images_background.zip"
    if not (small.is_file() and background.is_file()):
        pytest.skip("needs Omniglot's zips")
    for archive in (small, background):
        install_omniglot(archive, tmp_path / "datasets", lambda done, total: None)
    (installed,) = studied(given, own=task, data_dir=str(tmp_path))
    assert installed.tasks == without.tasks
    assert Omniglot.input_shape == (1, 28, 28)
    (held_out,) = studied(
        given, data_dir=str(tmp_path / "empty"), own=None, networks=(given, network("sinusoid-maml"))
    )[:1]
    assert "not installed" in held_out.problem


def test_that_own_pictures_and_curves_whose_data_are_gone_are_still_adapted_to(network, studied, own) -> None:
    images = network("glyphs-maml-5w1s", "task.name=images", "task.dataset=gone", *GLYPHS)
    task = own("images", np.random.default_rng(0).random((5, 32, 32, 3)), LABELS)
    assert studied(images, own=task, data_dir="nowhere")[0].problem == ""
    curves = network("sinusoid-maml", "task.name=curves", "task.dataset=gone")
    (column,) = studied(curves, own=own("regression", X, np.sin(X)), data_dir="nowhere")
    assert column.problem == ""
    assert column.tasks[0].grid.numpy()[0] == pytest.approx(-4.8)


@pytest.mark.parametrize("preset", ["glyphs-maml-5w1s", "glyphs-protonet-5w1s"])
def test_that_one_drawing_alone_is_judged_in_the_company_of_the_support_set(preset, network, studied, own) -> None:
    pictures, asked = _characters(5), _characters(1, seed=1)
    given = network(preset, *GLYPHS)
    (column,) = studied(given, own=own("images", pictures, LABELS, asked, [-1]), inner_steps=1)
    assert "company" in column.note
    learner = MetaLearner(parse(given.config))
    batch = learner.held_out_tasks([0])
    support = type(batch.support)(torch.tensor(pictures).float().view(1, 5, 1, 28, 28), torch.arange(5)[None])
    *_, phi = learner.adaptation_path(support, 1)
    together = torch.cat([support.inputs, torch.tensor(asked).float().view(1, 1, 1, 28, 28)], dim=1)
    expected = learner.predict(phi, support, together, 1)[0, -1].softmax(dim=-1)
    np.testing.assert_allclose(column.tasks[0].predictions.numpy()[-1, 0], expected.numpy(), rtol=1e-4, atol=1e-6)

    (by_support,) = studied(
        network(preset, *GLYPHS, "model.norm_mode=support"), own=own("images", pictures, LABELS, asked, [-1])
    )
    assert by_support.note == ""
    (whole,) = studied(given, own=own("images", pictures, LABELS, _characters(5, 1), LABELS))
    assert whole.note == ""
