"""Questions to the warm worker: what is superseded, and what only waits its turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from metagui.config import apply_overrides, load_preset
from metagui.events import Network, Studied
from metagui.gui.presenters.studio_line import Question, StudyLine
from metagui.session.interactive import InteractiveWorker


@pytest.mark.slow
def test_that_changes_faster_than_answers_are_answered_as_they_go_and_the_last_one_at_the_end(
    qtbot: Any, data_dir: Path
) -> None:
    config = apply_overrides(load_preset("sinusoid-maml").config, ["compute.device=cpu", "compute.threads=1"])
    worker = InteractiveWorker()
    try:
        line = StudyLine(worker, data_dir, "own")
        answers: list[Studied] = []
        line.answered.connect(answers.append)
        with qtbot.waitSignal(worker.ready, timeout=60_000):
            worker.warm_up()
        for steps in range(1, 31):
            line.ask_next(Question((Network(title="", config=config.to_dict()),), (0,), inner_steps=steps))
            if steps % 10 == 1:  # whatever the machine: the first of ten is there before the next come
                qtbot.waitUntil(lambda sent=steps: _steps(answers[-1:]) == [sent], timeout=60_000)
        qtbot.waitUntil(lambda: not line.busy, timeout=60_000)
        assert {1, 11, 21, 30} <= set(_steps(answers))
        assert _steps(answers) == sorted(_steps(answers))
    finally:
        worker.shutdown()


def _steps(answers: list[Studied]) -> list[int]:
    return [answer.columns[0].movement.shape[0] - 1 for answer in answers]
