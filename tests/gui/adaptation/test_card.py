"""A card shows what its message says at every inner step, updates in place, and survives nonsense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from metagui.events import Adaptation
from metagui.gui.adaptation.card import AdaptationCard
from metagui.gui.adaptation.images import ImagesPicture
from metagui.gui.adaptation.points import PointsPicture, enlarged, region_image
from metagui.gui.adaptation.regression import MOST_CURVES, RegressionPicture, shown_steps
from metagui.gui.theme import DARK, LIGHT, Theme

MakeTask = Callable[..., Adaptation]


@pytest.fixture
def card(qtbot: Any) -> AdaptationCard:
    widget = AdaptationCard()
    qtbot.addWidget(widget)
    widget.resize(420, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _visible_curves(picture: RegressionPicture) -> list[np.ndarray]:
    return [curve.getData()[1] for curve in picture.curves if curve.isVisible()]


def test_that_a_regression_shows_the_steps_up_to_the_chosen_one(card: AdaptationCard, regression: MakeTask) -> None:
    task = regression(steps=4)
    card.show_adaptation(task, 4)
    picture = card.picture
    assert isinstance(picture, RegressionPicture)
    predictions = task.predictions.numpy()
    for step in range(5):
        card.show_step(step)
        drawn = _visible_curves(picture)
        assert len(drawn) == step + 1
        for shown, curve in enumerate(drawn):
            assert np.allclose(curve, predictions[shown])
        widths = [curve.opts["pen"].widthF() for curve in picture.curves if curve.isVisible()]
        assert widths[-1] == max(widths)
        assert widths.count(widths[-1]) == 1
    assert np.allclose(picture.truth.getData()[1], task.truth.numpy())
    assert np.allclose(picture.support.getData()[1], task.support_y.numpy())


def test_that_the_title_tells_the_loss_before_and_after(card: AdaptationCard, regression: MakeTask) -> None:
    card.show_adaptation(regression(steps=4), 4)
    assert card.title.text() == "task 0"
    assert "3.00" in card.change.text()
    assert "0.500" in card.change.text()
    card.show_step(0)
    assert "→" not in card.change.text()


def test_that_updates_keep_the_items(card: AdaptationCard, regression: MakeTask) -> None:
    card.show_adaptation(regression(steps=3), 3)
    picture = card.picture
    assert isinstance(picture, RegressionPicture)
    items = list(picture.curves)
    again = regression(steps=3, predictions=np.ones((4, 50), dtype=np.float32))
    card.show_adaptation(again, 3)
    assert card.picture is picture
    assert picture.curves == items
    assert np.allclose(_visible_curves(picture)[-1], 1.0)


def test_that_the_scale_holds_still_under_small_changes(card: AdaptationCard, regression: MakeTask) -> None:
    card.show_adaptation(regression(), 4)
    picture = card.picture
    assert isinstance(picture, RegressionPicture)
    before = picture.plot.getPlotItem().getViewBox().viewRange()
    card.show_adaptation(regression(predictions=0.95 * regression().predictions.numpy()), 4)
    assert picture.plot.getPlotItem().getViewBox().viewRange() == before


def test_that_many_steps_draw_few_curves() -> None:
    assert shown_steps(5) == [0, 1, 2, 3, 4, 5]
    many = shown_steps(1000)
    assert len(many) == MOST_CURVES
    assert (many[0], many[-1]) == (0, 1000)


def test_that_points_show_regions_of_the_chosen_step(card: AdaptationCard, points: MakeTask) -> None:
    card.show_adaptation(points(steps=2), 2)
    picture = card.picture
    assert isinstance(picture, PointsPicture)
    sure = picture.regions.image.copy()
    middle, quarter = sure.shape[0] // 2, sure.shape[1] // 8
    left, right = sure[middle, quarter].astype(int), sure[middle, -quarter].astype(int)
    assert np.abs(left - right).sum() > 60  # blue on one side, orange on the other
    card.show_step(0)
    unsure = picture.regions.image
    assert not np.array_equal(unsure, sure)
    x, y = picture.support.getData()
    assert np.allclose(x, [-0.5, 0.5])
    assert np.allclose(y, [0.0, 0.2])
    brushes = [spot.brush().color().name() for spot in picture.support.points()]
    assert brushes == list(DARK.cycle[:2])


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_that_the_boundary_is_visible(theme: Theme) -> None:
    line = np.linspace(0, 1, 21)
    probabilities = np.stack([np.tile(1 - line, (21, 1)), np.tile(line, (21, 1))], axis=-1)
    picture = region_image(probabilities, theme, pixels=101).astype(float)
    on, beside = picture[50, 50], picture[50, 30]
    text = np.array(QColor(theme.text).getRgb()[:3], dtype=float)
    assert np.abs(on - text).sum() < 0.5 * np.abs(beside - text).sum()


def test_that_enlarging_keeps_the_corners_and_sums() -> None:
    random = np.random.default_rng(0).uniform(size=(5, 5, 3))
    random /= random.sum(axis=-1, keepdims=True)
    fine = enlarged(random, 41)
    assert np.allclose(fine[[0, 0, -1, -1], [0, -1, 0, -1]], random[[0, 0, -1, -1], [0, -1, 0, -1]])
    assert np.allclose(fine.sum(axis=-1), 1.0)
    assert np.allclose(fine[::10, ::10], random)


def test_that_images_show_verdicts_of_the_chosen_step(card: AdaptationCard, images: MakeTask) -> None:
    card.show_adaptation(images(steps=2, queries=2), 2)
    picture = card.picture
    assert isinstance(picture, ImagesPicture)
    assert picture.right == [True] * 6
    after = _frames_drawn(card)
    card.show_step(0)
    assert picture.right == [True, True, False, False, False, False]
    before = _frames_drawn(card)
    assert after[DARK.bad] == 0
    assert before[DARK.bad] > 100
    assert before[DARK.good] > 30


def test_that_ink_takes_the_colours_of_the_theme(card: AdaptationCard, images: MakeTask) -> None:
    ink = np.zeros((3, 8, 8))
    ink[:, 2:6, 2:6] = 1.0
    card.show_adaptation(images(support_x=ink), 2)
    for theme in (DARK, LIGHT):
        card.set_theme(theme)
        assert _frames_drawn(card, theme.text)[theme.text] > 50


def test_that_a_malformed_task_is_said_not_raised(card: AdaptationCard, regression: MakeTask) -> None:
    card.show_adaptation(regression(grid=np.zeros(3)), 2)
    assert card.picture is None
    assert "predictions" in card.problem.text()
    assert card.problem.isVisible()
    card.show_adaptation(regression(), 2)
    assert isinstance(card.picture, RegressionPicture)


def test_that_predictions_that_are_not_finite_are_gaps(card: AdaptationCard, regression: MakeTask) -> None:
    predictions = regression(steps=1).predictions.numpy().copy()
    predictions[1, 10:20] = np.nan
    predictions[1, 30] = np.inf
    card.show_adaptation(regression(steps=1, predictions=predictions), 1)
    card.grab()
    picture = card.picture
    assert isinstance(picture, RegressionPicture)
    assert np.isfinite(picture.plot.getPlotItem().getViewBox().viewRange()).all()


def test_that_the_card_can_be_read_aloud(card: AdaptationCard, points: MakeTask) -> None:
    card.show_adaptation(points(), 2)
    assert "Accuracy 50%, then 100%" in card.accessibleDescription()


def _frames_drawn(card: AdaptationCard, *more: str) -> dict[str, int]:
    """How many pixels of the card have one of these colours."""
    image: QImage = card.grab().toImage()
    counts = dict.fromkeys((DARK.good, DARK.bad, *more), 0)
    for y in range(image.height()):
        for x in range(image.width()):
            name = image.pixelColor(x, y).name()
            if name in counts:
                counts[name] += 1
    return counts
