"""An answer is taken apart into arrays that belong together, or refused with a sentence that names the wrong one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from metagui.events import Adaptation, Array
from metagui.gui.adaptation.content import Images, MalformedAdaptationError, Points, Regression, read

MakeTask = Callable[..., Adaptation]


def test_that_a_regression_is_read(regression: MakeTask) -> None:
    content = read(regression(steps=4))
    assert isinstance(content, Regression)
    assert content.steps == 4
    assert content.predictions.shape == (5, 50)
    assert content.query_accuracy is None


def test_that_a_truth_may_be_unknown(regression: MakeTask) -> None:
    content = read(regression(truth=np.zeros(0)))
    assert isinstance(content, Regression)
    assert content.truth is None


def test_that_probabilities_lie_on_the_plane_as_their_grid_says(points: MakeTask) -> None:
    content = read(points(side=5))
    assert isinstance(content, Points)
    assert content.bounds == (-1.0, -1.0, 1.0, 1.0)
    last = content.probabilities[-1]
    assert last[0, -1, 1] > 0.9  # columns run along x: the right edge is class 1
    assert last[-1, 0, 1] < 0.1


def test_that_a_grid_with_y_fastest_gives_the_same_picture(points: MakeTask) -> None:
    straight = points(side=5)
    order = np.arange(25).reshape(5, 5).T.ravel()
    turned = msgspec.structs.replace(
        straight,
        grid=Array.of(straight.grid.numpy()[order]),
        predictions=Array.of(straight.predictions.numpy()[:, order]),
    )
    one, other = read(straight), read(turned)
    assert isinstance(one, Points)
    assert isinstance(other, Points)
    assert np.allclose(one.probabilities, other.probabilities)


def test_that_pictures_may_have_colours(images: MakeTask) -> None:
    coloured = images(support_x=np.zeros((3, 8, 8, 3)), query_x=np.zeros((6, 8, 8, 3)))
    content = read(coloured)
    assert isinstance(content, Images)
    assert content.query_x.shape == (6, 8, 8, 3)


@pytest.mark.parametrize(
    ("kind", "changed", "named"),
    [
        ("regression", {"grid": np.zeros(49)}, "predictions"),
        ("regression", {"truth": np.zeros(3)}, "truth"),
        ("regression", {"support_y": np.zeros(4)}, "support_y"),
        ("regression", {"query_loss": np.zeros(2)}, "query_loss"),
        ("regression", {"predictions": np.zeros(5)}, "predictions"),
        ("points", {"grid": np.zeros((120, 2))}, "grid"),
        ("points", {"grid": np.zeros((121, 2))}, "grid"),
        ("points", {"support_y": np.array([0, 7])}, "support_y"),
        ("points", {"query_x": np.zeros((3, 3))}, "query_x"),
        ("points", {"class_names": ("one",)}, "class_names"),
        ("images", {"query_x": np.zeros((5, 8, 8))}, "query_y"),
        ("images", {"support_x": np.zeros((3, 64))}, "support_x"),
        ("images", {"predictions": np.zeros((3, 4, 3))}, "predictions"),
        ("images", {"query_accuracy": np.zeros(1)}, "query_accuracy"),
    ],
)
def test_that_arrays_that_do_not_fit_are_named(
    kind: str, changed: dict[str, Any], named: str, request: pytest.FixtureRequest
) -> None:
    make: MakeTask = request.getfixturevalue(kind)
    with pytest.raises(MalformedAdaptationError, match=named):
        read(make(**changed))


def test_that_bytes_that_do_not_fill_their_shape_are_refused(regression: MakeTask) -> None:
    broken = msgspec.structs.replace(regression(), grid=Array("float32", (50,), b"1234"))
    with pytest.raises(MalformedAdaptationError, match="grid"):
        read(broken)
