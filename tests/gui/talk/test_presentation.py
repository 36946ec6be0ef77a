"""Presenter mode by its keys: slides, black, pointer, zoom, the speaker's window, and trainings of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from metagui.gui.talk.audience import CALM_SENTENCE
from metagui.gui.talk.commands import TALK_COMMANDS
from metagui.gui.talk.presentation import Presentation
from metagui.gui.waiting import wait_until

Give = Callable[..., Presentation]
Key = Qt.Key


def press(presentation: Presentation, *keys: Qt.Key) -> None:
    """As a clicker or a keyboard does it, in the audience's window."""
    audience = presentation.audience
    audience.activateWindow()
    assert QTest.qWaitForWindowActive(audience)
    for key in keys:
        QTest.keyClick(audience, key)


def settle(presentation: Presentation, seconds: float = 60.0) -> None:
    wait_until(lambda: presentation.talk.phase in ("settled", "holding"), seconds, "the slide did not end")


def test_that_a_talk_begins_with_its_first_slide(give: Give) -> None:
    talk = give()
    assert talk.stage.title.title.text() == "One & only"
    assert talk.audience.canvas.page == "title"
    assert talk.audience.narration.text() == "The first."
    assert talk.speaker.notes.toPlainText() == "Say hello."
    assert talk.speaker.coming.text() == "Next: Two"


@pytest.mark.parametrize("forth", [Key.Key_Right, Key.Key_PageDown, Key.Key_Space, Key.Key_Down])
@pytest.mark.parametrize("back", [Key.Key_Left, Key.Key_PageUp])
def test_that_keys_and_clickers_lead_on_and_back(give: Give, forth: Qt.Key, back: Qt.Key) -> None:
    talk = give()
    press(talk, forth, forth)
    assert talk.talk.slide.id == "three"
    press(talk, forth)
    assert talk.talk.slide.id == "three", "nothing comes after the last"
    press(talk, back)
    assert talk.talk.slide.id == "two"
    assert talk.audience.title.text() == "Two"
    assert talk.audience.dots.index == 1
    press(talk, Key.Key_Home)
    assert talk.talk.slide.id == "one"
    press(talk, back)
    assert talk.talk.slide.id == "one"


def test_that_a_slide_marks_and_zooms_and_the_next_one_is_plain_again(give: Give) -> None:
    talk = give()
    canvas = talk.audience.canvas
    press(talk, Key.Key_Right)
    assert len(canvas.marks) == 1
    assert canvas.marks[0].size() == talk.stage.monitor.inner.size().toSizeF()
    assert not talk.stage.monitor.outer.isVisible(), "the plot has the page to itself"
    scale = canvas.scale_shown
    press(talk, Key.Key_Left)
    assert canvas.marks == []
    press(talk, Key.Key_Right, Key.Key_0, Key.Key_End)
    assert (canvas.marks, canvas.zoom) == ([], 1.0)
    canvas.show_page("monitor")
    assert scale == pytest.approx(2 * canvas.scale_shown, rel=0.01)


def test_that_b_blackens_the_screen_and_any_step_lights_it(give: Give) -> None:
    talk = give()
    press(talk, Key.Key_B)
    assert talk.audience.black.isVisible()
    assert talk.audience.black.size() == talk.audience.size()
    press(talk, Key.Key_B)
    assert not talk.audience.black.isVisible()
    press(talk, Key.Key_Period, Key.Key_Right)
    assert not talk.audience.black.isVisible()


def test_that_the_pointer_follows_the_mouse_while_it_is_on(give: Give) -> None:
    talk = give()
    view = talk.audience.canvas.viewport()
    QTest.mouseMove(view, view.rect().center())
    assert talk.audience.laser.place is None
    press(talk, Key.Key_L)
    talk.audience.canvas.pointed.emit(QPointF(100, 50))
    place = talk.audience.laser.place
    assert place == QPointF(view.mapTo(talk.audience, QPointF(100, 50).toPoint()))
    image = talk.audience.grab().toImage()
    dot = image.pixelColor(place.toPoint())
    assert (dot.red(), dot.green(), dot.blue()) == (255, 255, 255), "the middle of the dot"
    press(talk, Key.Key_L)
    assert not talk.audience.laser.isVisible()


def test_that_zoom_keys_bring_the_page_closer_and_back(give: Give) -> None:
    talk = give()
    canvas = talk.audience.canvas
    press(talk, Key.Key_Plus, Key.Key_Plus)
    assert canvas.zoom == pytest.approx(1.25**2)
    press(talk, Key.Key_Minus)
    assert canvas.zoom == pytest.approx(1.25)
    press(talk, Key.Key_0)
    assert canvas.zoom == 1.0


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (2560, 1440)])
def test_that_all_type_grows_with_the_screen(give: Give, size: tuple[int, int]) -> None:
    talk = give(size=size)
    press(talk, Key.Key_Right)
    audience = talk.audience
    shown = talk.stage.monitor.inner
    letters = shown.fontMetrics().height() * audience.canvas._base_scale()
    assert letters >= size[1] * 0.02, "readable from the back"
    assert audience.title.fontMetrics().height() >= size[1] * 0.04
    right = shown.mapTo(talk.stage.monitor, shown.rect().bottomRight())
    assert talk.stage.monitor.rect().contains(right), "nothing is cut off"


def test_that_s_shows_the_speakers_window_and_hides_it(give: Give) -> None:
    talk = give()
    assert not talk.speaker.isVisible()
    press(talk, Key.Key_S)
    assert talk.speaker.isVisible()
    press(talk, Key.Key_S)
    assert not talk.speaker.isVisible()


def test_that_escape_ends_the_talk(give: Give, qtbot: Any) -> None:
    talk = give()
    with qtbot.waitSignal(talk.ended, timeout=5000):
        press(talk, Key.Key_Escape)
    assert not talk.audience.isVisible()


def test_that_no_key_of_a_talk_is_given_twice() -> None:
    keys = [key for command in TALK_COMMANDS for key in command.shortcut.split()]
    assert len(keys) == len(set(keys))


def test_that_a_failure_is_calm_in_the_room_and_exact_for_the_speaker(give: Give) -> None:
    text = """
    [talk]
    title = "Trouble"
    [[slide]]
    id = "one"
    title = "One"
    page = "monitor"
    action = [
      { do = "train", preset = "omniglot-maml-5w1s" },
      { do = "wait", step = 5 },
      { do = "highlight", region = "outer" },
    ]
    [[slide]]
    id = "two"
    title = "Two"
    """
    talk = give(text)
    settle(talk)
    assert talk.audience.note.text() == CALM_SENTENCE
    assert "omniglot" in talk.speaker.trouble.text().lower()
    assert len(talk.audience.canvas.marks) == 1, "the rest of the slide is played"
    press(talk, Key.Key_Right)
    assert talk.audience.note.text() == ""
    assert not talk.speaker.trouble.isVisibleTo(talk.speaker)


TRAINING = """
[talk]
title = "Training"
seed = 11

[[slide]]
id = "train"
title = "It learns"
page = "monitor"
action = [
  { do = "train", preset = "sinusoid-maml", set = { "outer.steps" = 30 }, name = "a small run" },
  { do = "wait", finished = true },
]

[[slide]]
id = "other"
title = "So does another"
page = "monitor"
action = [
  { do = "train", preset = "sinusoid-reptile", set = { "outer.steps" = 100000 } },
  { do = "wait", step = 2 },
]

[[slide]]
id = "adapt"
title = "It adapts"
page = "adaptation"
action = [{ do = "stop" }, { do = "scrub", inner_step = 4 }]
"""


@pytest.mark.slow
def test_that_a_talk_trains_waits_goes_back_and_adapts(give: Give) -> None:
    talk = give(TRAINING, worker=True)
    monitor, runs = talk.stage.monitor, talk.stage.runs
    settle(talk)
    first = monitor.current
    assert first is not None
    assert first.title == "a small run"
    assert first.series["outer_loss"].steps[-1] == 30
    losses = list(first.series["outer_loss"].values)
    talk.next()
    settle(talk)
    assert len(monitor.runs) == 2, "both can be compared"
    talk.back()
    settle(talk)
    assert talk.talk.failures == []
    again = monitor.current
    assert again is not None
    assert (monitor.runs, again.run_id) == ((first.run_id,), first.run_id), "the run of this slide alone, not a new one"
    assert list(again.series["outer_loss"].values) == losses
    talk.next()
    settle(talk)
    talk.next()
    settle(talk)
    assert talk.talk.failures == []
    assert not runs.busy
    assert talk.stage.adaptation.scrubber.step == 4
    assert talk.stage.adaptation.board.shown == 4
    (stored, reptile) = sorted(talk.stage.runs._store.list(), key=lambda record: record.id)
    assert stored.name == "talk: a small run"
    assert stored.config["compute"]["seed"] == 11
    assert (stored.status, reptile.status) == ("finished", "stopped")


REPEATED = """
[talk]
title = "The same each time"
seed = 11

[[slide]]
id = "train"
title = "It learns"
page = "monitor"
action = [
  { do = "train", preset = "sinusoid-maml", set = { "outer.steps" = 20 } },
  { do = "wait", finished = true },
]

[[slide]]
id = "walk"
title = "It is gone through"
page = "walkthrough"
action = [
  { do = "walkthrough", name = "maml", preset = "points-maml", parameters = { inner_steps = 1, tasks = 2 } },
  { do = "go_to", line = 10, code = "total = total", visit = -1 },
  { do = "highlight", lines = [10], variables = ["total"], region = "values" },
]
"""


@pytest.mark.slow
def test_that_a_talk_shows_the_same_numbers_each_time(give: Give) -> None:
    seen = []
    for _ in range(2):
        talk = give(REPEATED, worker=True)
        settle(talk)
        run = talk.stage.monitor.current
        assert run is not None
        losses = list(run.series["outer_loss"].values)
        talk.next()
        settle(talk)
        assert talk.talk.failures == []
        values = talk.stage.walkthrough.values.variables.variables
        seen.append((losses, [(value.name, value.figure) for value in values]))
        talk.close()
    assert len(seen[0][0]) == 20
    assert dict(seen[0][1])["total"]
    assert seen[0] == seen[1]


@pytest.mark.slow
def test_that_a_walk_through_that_cannot_be_had_is_told_and_the_talk_goes_on(give: Give) -> None:
    text = """
    [talk]
    title = "Trouble"
    [[slide]]
    id = "one"
    title = "One"
    page = "walkthrough"
    action = [
      { do = "walkthrough", name = "maml", preset = "omniglot-maml-5w1s" },
      { do = "go_to", line = 4 },
      { do = "walkthrough", name = "maml", parameters = { inner_steps = 1, tasks = 1 } },
      { do = "go_to", line = 4, visit = 77 },
      { do = "go_to", line = 4 },
      { do = "highlight", region = "insights", insight = "no such insight" },
    ]
    """
    talk = give(text, worker=True)
    settle(talk)
    doing = [(failure.doing, failure.key[1]) for failure in talk.talk.failures]
    assert doing == [("walkthrough", 0), ("go_to", 1), ("go_to", 3), ("highlight", 5)]
    messages = [failure.message for failure in talk.talk.failures]
    assert "omniglot" in messages[0].lower(), "its data is not here"
    assert messages[2] == "this line does not run 77 times"
    assert "no insight is called 'no such insight'" in messages[3]
    assert talk.audience.note.text() == CALM_SENTENCE
