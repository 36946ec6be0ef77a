"""The shipped talk, whole, offscreen, on a fresh data folder: what each slide says is there to be seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent

from metagui.events import Insight
from metagui.gui.talk.presentation import Presentation
from metagui.gui.theme import DARK, apply_theme
from metagui.gui.waiting import wait_until
from metagui.gui.walkthrough.content import Variable
from metagui.runs.store import RunStore
from metagui.walkthroughs.script import load_script
from metagui.walkthroughs.sources import load_source, places_of

pytestmark = pytest.mark.slow

Perform = Callable[[], "Room"]


class Room:
    """Somebody who watches the talk, and whoever presses the keys."""

    def __init__(self, presentation: Presentation) -> None:
        self.presentation = presentation
        self.talk = presentation.talk
        self.stage = presentation.stage
        self.page = presentation.stage.walkthrough

    def press(self) -> None:
        """The speaker's key, and all that follows from it."""
        self.presentation.next()
        self.settle()

    def settle(self) -> None:
        wait_until(lambda: self.talk.phase in ("holding", "settled"), 250, f"slide {self.talk.index + 1} did not end")
        assert [failure.message for failure in self.talk.failures_here] == []

    def sees(self, slide: str, page: str) -> None:
        assert self.talk.slide.id == slide
        assert self.presentation.audience.canvas.page == page

    def value(self, name: str) -> Variable:
        """A row of the column of values."""
        return next(variable for variable in self.page.values.variables.variables if variable.name == name)

    def number(self, name: str) -> float:
        return float(self.value(name).figure)

    def is_at(self, marker: str, code: str = "") -> None:
        """The line that is marked in the source belongs to a line of the paper, and says this."""
        place = self.stage.walk.presenter.player.place
        assert place is not None
        assert place in places_of(marker)
        assert self.page.source.shown == place[0]
        assert place[1] in self.page.source.view.current
        assert code in self.line()
        algorithm, _, line = marker.partition(":")
        assert self.page.pseudocode.shown == algorithm
        assert int(line) in self.page.pseudocode.view.current

    def line(self) -> str:
        place = self.stage.walk.presenter.player.place
        assert place is not None
        return load_source(place[0]).text.splitlines()[place[1] - 1]

    def insight(self, title: str) -> dict[str, float]:
        """The figures of an insight, which has to be the one in view."""
        insights = self.page.values.insights
        assert insights.isVisible()
        content = self.stage.walk.presenter.content
        assert content is not None
        found: list[Insight] = [one for one in content.insights if title in one.title]
        card = insights.cards[content.insights.index(found[0])]
        assert not card.visibleRegion().isEmpty()
        return dict(found[0].figures)


@pytest.fixture
def room(qapp: Any, data_dir: Path) -> Iterator[Room]:
    apply_theme(qapp, DARK)
    with RunStore(data_dir) as store:
        presentation = Presentation(load_script("talk"), store, DARK)
        presentation.audience.canvas.animated = False
        presentation.audience.resize(1600, 900)
        presentation.audience.show()
        presentation.stage.open()
        presentation.begin()
        try:
            yield Room(presentation)
        finally:
            presentation.close()
            presentation.deleteLater()
            qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_that_all_seven_slides_show_what_they_say(room: Room) -> None:
    maml_first_then_imaml(room)
    room.press()
    a_batch_of_tasks(room)
    room.press()
    support_and_query(room)
    room.press()
    adapted_parameters(room)
    room.press()
    one_backward_pass(room)
    room.press()
    move_toward_target(room)
    room.press()
    outer_step_with_grad(room)
    assert room.talk.next_slide is None
    assert room.talk.failures == []
    going_back_to_the_first(room)


def maml_first_then_imaml(room: Room) -> None:
    room.settle()
    room.sees("maml-then-imaml", "monitor")
    monitor = room.stage.monitor
    assert [monitor._runs[run].title for run in monitor.runs] == ["MAML", "iMAML"]
    for run in monitor.runs:
        held_out = monitor._runs[run].series["validation_loss"].values
        assert held_out[-1] < 0.6 * held_out[0], "both curves fall"
    room.press()
    room.sees("maml-then-imaml", "adaptation")
    adaptation = room.stage.adaptation
    assert adaptation.scrubber.step == adaptation.scrubber.slider.maximum() == 16
    before, after = adaptation.board.mean_query_loss(16) or (0.0, 0.0)
    assert after < 0.5 * before, "a few gradient steps learn a new task"
    assert "waves that neither has ever seen" in room.presentation.audience.narration.text()


def a_batch_of_tasks(room: Room) -> None:
    room.sees("batch-of-tasks", "walkthrough")
    room.settle()
    room.is_at("maml:3", "family.sample")
    assert room.value("tasks").figure == "3 tasks"
    room.press()
    room.is_at("maml:4", "for task in tasks")
    assert "task 1 of 3" in room.page.values.where.text()


def support_and_query(room: Room) -> None:
    room.sees("support-and-query", "walkthrough")
    room.is_at("maml:5", "model.forward(phi, support.inputs)")
    assert room.value("outputs").form.startswith("15 × 3")
    assert room.page.values.card.isVisible(), "support and query points"
    room.press()
    assert "inner_loss = task_loss(outputs, support.targets)" in room.line()
    assert room.number("inner_loss") == pytest.approx(math.log(3), abs=0.25), "it knows nothing of three classes"


def adapted_parameters(room: Room) -> None:
    room.sees("adapted-parameters", "walkthrough")
    room.is_at("maml:6", "create_graph=create_graph")
    assert room.value("gradients").graph, "the graph is kept"
    room.press()
    room.is_at("maml:7", "phi = {")
    assert room.value("create_graph").figure == "True"
    assert room.value("phi").graph
    room.press()
    room.is_at("fomaml:7", "phi = {")
    assert room.value("create_graph").figure == "False"
    assert not room.value("gradients").graph, "constants"
    figures = room.insight("FOMAML leaves out")
    assert figures["‖MAML − FOMAML‖"] > 0.01 * figures["‖MAML‖"]
    assert "create_graph=False" in room.presentation.audience.narration.text()


def one_backward_pass(room: Room) -> None:
    room.sees("one-backward-pass", "walkthrough")
    room.is_at("maml:10", "total = total + task_loss")
    moment = room.stage.walk.presenter.content.moments[room.stage.walk.presenter.player.position]  # type: ignore[union-attr]
    assert len(moment.losses) == 3
    assert room.number("total") == pytest.approx(sum(moment.losses), rel=1e-3), "the sum, inside the loop"
    assert "divided once by the number of tasks" in room.presentation.audience.narration.text()
    room.press()
    room.is_at("maml:10", "loss.backward()")
    assert room.number("loss") == pytest.approx(sum(moment.losses) / 3, rel=1e-3), "the mean, after it"


def move_toward_target(room: Room) -> None:
    room.sees("move-toward-target", "walkthrough")
    room.is_at("reptile:5")
    room.press()
    room.is_at("move_toward_target:3", "backward()")
    figures = room.insight("doubles the step")
    assert figures["SGD, λ = 2"] == pytest.approx(2 * figures["SGD, λ = 1"], rel=1e-3)
    assert figures["Adam, λ = 2"] == pytest.approx(figures["Adam, λ = 1"], rel=1e-2)


def outer_step_with_grad(room: Room) -> None:
    room.sees("outer-step-with-grad", "walkthrough")
    room.is_at("conjugate_gradient:6", "new_residual")
    residuals = [value for name, value in room.insight("Conjugate gradient").items() if name.startswith("task 1")]
    assert len(residuals) == 6
    assert residuals == sorted(residuals, reverse=True)
    assert residuals[-1] < 0.1
    room.press()
    room.is_at("outer_step:5", "copy_(gradient.detach())")
    figures = room.insight("one flat vector")
    assert figures["step, list"] == pytest.approx(figures["step, flat"], rel=1e-6)


def going_back_to_the_first(room: Room) -> None:
    """Nothing is trained again: the runs are there."""
    runs = room.stage.monitor.runs
    for _ in range(6):
        room.presentation.back()
    assert room.talk.index == 0
    room.settle()
    assert room.talk.phase == "holding"
    assert room.stage.monitor.runs == runs
    assert not room.stage.runs.busy
