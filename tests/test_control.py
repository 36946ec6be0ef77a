"""Commands arrive from any thread; the trainer polls."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from metagui.control import Control
from metagui.events import Pause, Resume, Step, StepUnit, Stop


def test_that_nothing_holds_a_run_nobody_steers() -> None:
    control = Control()
    assert not control.stopping
    assert not control.pauses_at("inner_step")


def test_that_a_pause_holds_at_the_next_boundary_of_any_kind() -> None:
    control = Control()
    control.send(Pause())
    assert control.pauses_at("inner_step")
    assert control.pauses_at("meta_update")


@pytest.mark.parametrize(
    ("unit", "holds"),
    [
        ("inner_step", {"inner_step": True, "task": True, "meta_update": True}),
        ("task", {"inner_step": False, "task": True, "meta_update": True}),
        ("meta_update", {"inner_step": False, "task": False, "meta_update": True}),
    ],
)
def test_that_a_step_ends_at_its_own_unit_or_a_larger_one(unit: StepUnit, holds: dict[StepUnit, bool]) -> None:
    control = Control()
    control.send(Pause())
    control.send(Step(unit=unit))
    assert control.wait() is False
    assert {boundary: control.pauses_at(boundary) for boundary in holds} == holds


def test_that_resume_lets_a_waiting_trainer_run_freely() -> None:
    control = Control()
    control.send(Pause())
    assert control.pauses_at("inner_step")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(control.wait)
        control.send(Resume())
        assert waiting.result(timeout=5) is True
    assert not control.pauses_at("meta_update")


def test_that_a_second_pause_does_not_count_as_a_step() -> None:
    control = Control()
    control.send(Pause())
    assert control.pauses_at("inner_step")
    control.send(Pause())
    passed = threading.Event()
    waiter = threading.Thread(target=lambda: (control.wait(), passed.set()))
    waiter.start()
    assert not passed.wait(0.1)
    control.send(Resume())
    assert passed.wait(5)
    waiter.join()


def test_that_stop_is_final() -> None:
    control = Control()
    control.send(Pause())
    control.send(Stop())
    control.send(Resume())
    assert control.wait() is False
    assert control.stopping
    assert not control.pauses_at("inner_step")
