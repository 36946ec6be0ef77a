"""A player among the moments of a small made-up run: a step that loops over two tasks and calls a function in each."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from metagui.walkthroughs.player import Player


@dataclass(frozen=True)
class Ran:
    file: str
    line: int
    depth: int
    calling: bool = False


def run(inner_steps: int = 2, tasks: int = 2) -> list[Ran]:
    """step.py: 1 the loop, 2 calls inner.py's loop (5, 6 once a step) and returns, 3 adds up; 4 ends."""
    moments: list[Ran] = []
    for _ in range(tasks):
        moments += [Ran("step.py", 1, 0), Ran("step.py", 2, 0, calling=True)]
        moments += [Ran("inner.py", line, 1) for _ in range(inner_steps) for line in (5, 6)]
        moments += [Ran("step.py", 2, 0), Ran("step.py", 3, 0)]
    return [*moments, Ran("step.py", 4, 0)]


@pytest.fixture
def player() -> Player:
    return Player(run())


def test_that_forward_and_back_visit_every_moment_and_stop_at_the_ends(player: Player) -> None:
    assert player.at_start
    assert not player.back()
    seen = [player.position]
    while player.forward():
        seen.append(player.position)
    assert seen == list(range(len(player)))
    assert player.at_end
    assert player.back()
    assert player.position == len(player) - 2


def test_that_an_empty_recording_has_nowhere_to_go() -> None:
    player = Player()
    moves = (player.forward, player.back, player.over, player.back_over, player.into, player.out, player.run)
    assert not any(move() for move in (*moves, player.to_start, player.to_end))
    assert not player.run_to({("step.py", 1)})
    assert not player.visit({("step.py", 1)}, 1)
    assert player.place is None
    assert player.position == -1


def test_that_over_skips_what_the_line_calls_and_shows_its_return(player: Player) -> None:
    player.go_to(1)
    assert player.over()
    assert player.position == 6
    assert player.place == ("step.py", 2)
    assert player.over()
    assert player.place == ("step.py", 3)
    assert player.back_over()
    assert player.back_over()
    assert player.position == 1


def test_that_over_at_the_end_of_a_function_comes_back_to_its_caller(player: Player) -> None:
    player.go_to(5)
    assert player.over()
    assert player.position == 6


def test_that_into_goes_to_the_next_call_of_this_function_and_stays_where_there_is_none(player: Player) -> None:
    assert player.into()
    assert player.position == 2
    assert not player.into()
    player.to_end()
    assert not player.into()


def test_that_out_ends_the_function(player: Player) -> None:
    player.go_to(3)
    assert player.out()
    assert player.position == 6
    assert player.out()
    assert player.at_end


def test_that_run_to_a_line_goes_on_to_it_and_round_again_to_its_first_time(player: Player) -> None:
    line = {("inner.py", 6)}
    positions = []
    for _ in range(5):
        player.run_to(line)
        positions.append(player.position)
    assert positions == [3, 5, 11, 13, 3]
    assert not player.run_to({("inner.py", 99)})
    assert player.position == 3


def test_that_run_back_to_a_line_finds_the_time_before(player: Player) -> None:
    player.go_to(11)
    assert player.run_back_to({("inner.py", 6)})
    assert player.position == 5
    player.to_start()
    assert not player.run_back_to({("inner.py", 6)})


def test_that_running_holds_at_breakpoints_and_else_at_the_end(player: Player) -> None:
    assert player.toggle_breakpoint(("step.py", 3))
    assert player.run()
    assert player.place == ("step.py", 3)
    player.run()
    assert player.place == ("step.py", 3)
    assert not player.toggle_breakpoint(("step.py", 3))
    player.run()
    assert player.at_end


def test_that_a_call_that_comes_back_to_its_breakpoint_is_not_held_again(player: Player) -> None:
    player.toggle_breakpoint(("step.py", 2))
    positions = []
    for _ in range(3):
        player.run()
        positions.append((player.position, player.on_breakpoint))
    assert positions == [(1, True), (9, True), (len(player) - 1, False)]


def test_that_lines_of_one_function_in_a_row_are_one_visit(player: Player) -> None:
    assert player.visits({("inner.py", 5)}) == [2, 4, 10, 12]
    assert player.visits({("inner.py", 5), ("inner.py", 6)}) == [2, 4, 10, 12]
    assert player.visits({("step.py", 1), ("step.py", 2)}) == [0, 8]
    assert player.visits({("step.py", 2), ("step.py", 3)}) == [1, 9]


def test_that_the_first_and_the_last_visit_of_a_line_are_found(player: Player) -> None:
    line = {("inner.py", 5)}
    assert player.visit(line, 1)
    assert player.position == 2
    assert player.visit(line, -1)
    assert player.position == 12
    for missing in (5, -5, 0):
        assert not player.visit(line, missing)
    assert player.position == 12


def test_that_callers_are_the_lines_whose_calls_are_open(player: Player) -> None:
    assert player.callers() == []
    player.go_to(4)
    assert player.callers() == [1]
    player.go_to(12)
    assert player.callers() == [9]


def test_that_another_recording_is_entered_at_the_same_time_of_the_same_line(player: Player) -> None:
    player.go_to(10)  # line 5 for the third time
    player.replace(run(inner_steps=3))
    assert player.place == ("inner.py", 5)
    assert player.visits({("inner.py", 5)}).index(player.position) == 2


def test_that_a_call_and_its_return_are_told_apart_in_another_recording(player: Player) -> None:
    player.go_to(14)
    assert player.place == ("step.py", 2)
    player.replace(run(inner_steps=3))
    assert player.position == 18


def test_that_a_shorter_recording_is_entered_at_the_last_time_of_the_line(player: Player) -> None:
    player.go_to(12)
    player.replace(run(inner_steps=1, tasks=1))
    assert player.place == ("inner.py", 5)


def test_that_a_recording_without_the_line_is_entered_at_the_same_share_of_the_way(player: Player) -> None:
    player.to_end()
    player.toggle_breakpoint(("step.py", 3))
    player.replace([Ran("other.py", number, 0) for number in range(1, 6)])
    assert player.position == 4
    assert player.breakpoints == {("step.py", 3)}
    player.replace([])
    assert player.position == -1
