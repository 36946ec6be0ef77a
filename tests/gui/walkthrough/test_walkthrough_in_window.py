"""The walk-through in the real window, recorded by the real background process."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from PySide6.QtCore import Qt

from metagui.gui.workbench import Workbench
from metagui.walkthroughs.catalogue import WALKTHROUGHS

Open = Callable[..., Workbench]
PATIENCE_MS = 120_000


@pytest.mark.slow
def test_that_every_walk_through_can_be_walked_from_end_to_end(open_workbench: Open, qtbot: Any) -> None:
    bench = open_workbench(worker=True)
    window, walk = bench.window, bench.walkthrough
    with qtbot.waitSignal(walk.shown, timeout=PATIENCE_MS):
        window.actions_["view.walkthrough"].trigger()
    assert window.actions_["walk.forward"].isEnabled()
    focused = window.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, Qt.Key.Key_Right)
    assert walk.player.position == 1, "the command leads to where arrow keys step"
    for name in WALKTHROUGHS:
        with qtbot.waitSignal(walk.shown, timeout=PATIENCE_MS):
            window.walkthrough.setup.kind_chosen.emit(name)
        assert walk.content is not None
        assert walk.content.walkthrough == name
        window.actions_["walk.start"].trigger()
        seen = set()
        while not walk.player.at_end:
            seen |= {(window.walkthrough.source.shown, *window.walkthrough.source.view.current)}
            window.actions_["walk.forward"].trigger()
        assert len(seen) > 10
    window.actions_["view.monitor"].trigger()
    assert not window.actions_["walk.forward"].isEnabled()


@pytest.mark.slow
def test_that_a_worker_that_dies_while_recording_is_replaced_and_the_place_is_kept(
    open_workbench: Open, qtbot: Any
) -> None:
    bench = open_workbench(worker=True)
    walk = bench.walkthrough
    with qtbot.waitSignal(walk.shown, timeout=PATIENCE_MS):
        bench.window.actions_["view.walkthrough"].trigger()
    for _ in range(12):
        bench.window.actions_["walk.forward"].trigger()
    place = walk.player.place
    with qtbot.waitSignals([bench.worker.restarted, walk.shown], timeout=PATIENCE_MS):
        walk.record()
        os.kill(psutil.Process().children()[0].pid, signal.SIGKILL)
    assert walk.player.place == place
    assert walk.can_walk
