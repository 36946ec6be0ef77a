"""The legend names every curve and covers little of them."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRectF

from metagui.gui.monitor.legend import Entry, Legend

_ENTRIES = [Entry(f"step {k}", "#445566") for k in range(6)]


@pytest.fixture
def legend(qapp: Any) -> Legend:
    return Legend()


def test_that_rows_are_stacked_where_there_is_height(legend: Legend) -> None:
    legend.set_entries(_ENTRIES)
    legend.place(QRectF(0, 0, 800, 400))
    box = legend.boundingRect()
    assert box.height() > box.width()
    assert legend.pos().x() + box.width() < 800


def test_that_rows_lie_side_by_side_in_a_low_plot(legend: Legend) -> None:
    legend.place(QRectF(0, 0, 800, 150))
    legend.set_entries(_ENTRIES)
    assert legend.boundingRect().height() < 30
    legend.set_bar("inner step", ["#000000", "#ffffff"], ("0", "16"))
    assert legend.boundingRect().height() < 30
    legend.set_entries(_ENTRIES)
    legend.place(QRectF(0, 0, 320, 150))
    box = legend.boundingRect()
    assert box.width() < 320
    assert box.height() < 100


def test_that_no_entries_take_no_room(legend: Legend) -> None:
    legend.set_entries(_ENTRIES)
    legend.set_entries([])
    assert legend.boundingRect().isEmpty()
