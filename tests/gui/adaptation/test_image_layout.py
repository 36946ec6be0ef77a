"""Pictures never overlap or leave their card, and what is left out is said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QRect

from metagui.events import Adaptation
from metagui.gui.adaptation.content import Images, read
from metagui.gui.adaptation.image_layout import arrange


def _content(make: Callable[..., Adaptation], n_way: int, shots: int, queries: int) -> Images:
    labels = np.repeat(np.arange(n_way), queries)
    content = read(
        make(
            class_names=tuple(str(label) for label in range(n_way)),
            predictions=np.full((2, len(labels), n_way), 1 / n_way),
            support_x=np.zeros((n_way * shots, 4, 4)),
            support_y=np.repeat(np.arange(n_way), shots),
            query_x=np.zeros((len(labels), 4, 4)),
            query_y=labels,
            support_loss=np.ones(2),
            query_loss=np.ones(2),
            query_accuracy=np.ones(2),
        )
    )
    assert isinstance(content, Images)
    return content


@pytest.mark.parametrize("size", [(130, 100), (180, 130), (300, 100), (380, 220), (600, 340), (1200, 700)])
@pytest.mark.parametrize("shape", [(2, 1, 1), (5, 1, 5), (5, 5, 15), (20, 1, 5), (20, 5, 15)])
def test_that_nothing_overlaps_or_leaves_the_card(
    images: Callable[..., Adaptation], size: tuple[int, int], shape: tuple[int, int, int]
) -> None:
    layout = arrange(_content(images, *shape), *size)
    places: list[QRect] = []
    for row in layout.rows:
        places += [row.chip, *(place for _, place in row.support)]
        for query in row.queries:
            places += [query.picture, query.bars]
    card = QRect(0, 0, *size)
    assert all(card.contains(place) for place in places)
    for index, place in enumerate(places):
        assert not any(place.intersects(other) for other in places[index + 1 :])
    assert all(row.support and row.queries for row in layout.rows)


def test_that_what_is_left_out_is_said(images: Callable[..., Adaptation]) -> None:
    assert arrange(_content(images, 5, 1, 5), 600, 340).note == ""
    note = arrange(_content(images, 20, 1, 15), 380, 220).note
    assert "of 20 classes" in note
    assert "of 15 queries" in note


def test_that_a_low_wide_card_stands_classes_side_by_side(images: Callable[..., Adaptation]) -> None:
    content = _content(images, 5, 1, 1)
    low, wide = arrange(content, 130, 100), arrange(content, 300, 100)
    assert low.note == wide.note == ""
    assert len(low.rows) == len(wide.rows) == 5
    assert wide.rows[0].support[0][1].width() > 1.5 * low.rows[0].support[0][1].width()
    assert len(low.dividers) == 1
    assert len(wide.dividers) > 1
