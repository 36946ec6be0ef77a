"""Talks of a test: short ones, on a data folder of their own, closed behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent

from metagui.gui.talk.presentation import Presentation
from metagui.gui.theme import DARK, apply_theme
from metagui.runs.store import RunStore
from metagui.walkthroughs.script import read_script

Give = Callable[..., Presentation]

WORDS = """
[talk]
title = "Three slides"
subtitle = "of words"
author = "Somebody"

[[slide]]
id = "one"
title = "One & only"
narration = "The first."
notes = "Say hello."

[[slide]]
id = "two"
title = "Two"
narration = "The second."
page = "monitor"
action = [{ do = "highlight", region = "inner" }, { do = "zoom", region = "inner", factor = 2 }]

[[slide]]
id = "three"
title = "Three"
"""


@pytest.fixture
def give(qapp: Any, data_dir: Path) -> Iterator[Give]:
    """Gives a talk in windows of a size, without the warm worker unless ``worker=True``."""
    stores: list[RunStore] = []
    given: list[Presentation] = []
    apply_theme(qapp, DARK)

    def give_one(text: str = WORDS, *, worker: bool = False, size: tuple[int, int] = (1280, 720)) -> Presentation:
        store = RunStore(data_dir)
        stores.append(store)
        presentation = Presentation(read_script(text), store, DARK)
        given.append(presentation)
        presentation.audience.canvas.animated = False
        if worker:
            presentation.stage.open()
        else:
            presentation.stage.worker.shutdown()
        presentation.audience.resize(*size)
        presentation.audience.show()
        presentation.begin()
        return presentation

    yield give_one
    for presentation in given:
        presentation.close()
        presentation.deleteLater()
    for store in stores:
        store.close()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
