import pytest

from metagui.events import Paused
from metagui.gui.words import bytes_text, duration_text, paused_text, rate_text, state_text, step_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (80, "1 min 20 s"), (7500, "2 h 05 min"), (275_000, "3 days 4 h")],
)
def test_that_durations_are_said_in_the_units_people_use(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_that_figures_are_short() -> None:
    assert bytes_text(412_300_000) == "412 MB"
    assert bytes_text(1_340_000_000) == "1.3 GB"
    assert rate_text(41.23) == "41.2 tasks/s"
    assert rate_text(1240.4) == "1,240 tasks/s"
    assert step_text(1240, 10_000) == "meta-step 1,240 of 10,000"


@pytest.mark.parametrize("state", ["idle", "starting", "running", "pausing", "paused", "stopping"])
def test_that_every_state_has_words(state: str) -> None:
    assert state_text(state, "r-0007")


def test_that_a_pause_says_where_it_holds() -> None:
    inner = Paused(step=119, unit="inner_step", inner_step=3, task=0)
    task = Paused(step=119, unit="task", inner_step=5, task=4)
    update = Paused(step=120, unit="meta_update", inner_step=0, task=0)
    assert paused_text(inner, 5, 25) == "Paused after inner step 3 of 5 of meta-step 120"
    assert paused_text(task, 5, 25) == "Paused after task 4 of 25 of meta-step 120"
    assert paused_text(update, 5, 25) == "Paused after meta-step 120"
