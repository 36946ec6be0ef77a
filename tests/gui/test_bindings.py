"""The Qt binding itself: a version known to lose references aborts the program within seconds of plotting."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QWidget


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="needs Python 3.11: later ones do not count None's references")
def test_that_qt_calls_lose_no_reference_to_none(qapp: object) -> None:
    widget = QWidget()
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()
    assert abs(sys.getrefcount(None) - before) < 100
