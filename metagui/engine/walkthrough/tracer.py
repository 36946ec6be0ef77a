"""Watches the textbook's files run, statement by statement, with Python's own tracing."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from metagui.engine import textbook
from metagui.walkthroughs.sources import load_source, source_names, statement_starts

_FOLDER = Path(textbook.__file__).parent

Locals = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the loops: all count from 0, -1 outside."""

    task: int = -1
    inner_step: int = -1
    iteration: int = -1


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that is about to call more of the textbook (``calling``) or has run."""

    file: str
    line: int
    function: str
    depth: int
    calling: bool
    position: Position


Watch = Callable[[Statement, Locals], None]
"""Told of every statement, in order, with the variables of its function."""


@dataclass(frozen=True, slots=True)
class _Loop:
    """A ``for`` that a person wants counted; ``lines`` of its body."""

    counts: str
    head: int
    lines: range


@dataclass(slots=True)
class _Call:
    """A running function of the textbook."""

    file: str
    function: str
    depth: int
    position: Position
    line: int | None = None
    said: bool = False
    rounds: dict[int, int] = field(default_factory=dict)


class Tracer:
    """While this context is open, ``watch`` hears of every statement of the textbook that this thread runs."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._calls: list[_Call] = []
        self._files = {str(_FOLDER / name): name for name in source_names()}
        self._starts = {name: statement_starts(load_source(name).text) for name in source_names()}
        self._loops = {name: _loops(load_source(name).text) for name in source_names()}
        self._before: Any = None

    def __enter__(self) -> Tracer:
        self._before = sys.gettrace()
        sys.settrace(self._enter)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.settrace(self._before)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        """Called for each new frame of any code."""
        file = self._files.get(frame.f_code.co_filename)
        name = frame.f_code.co_name
        if file is None or name.startswith("<"):  # comprehensions belong to their statement
            return None
        caller = self._calls[-1] if self._calls else None
        if caller is not None and not caller.said:
            caller.said = True
            above = frame.f_back
            while above is not None and above.f_code.co_filename not in self._files:
                above = above.f_back
            self._tell(caller, above.f_locals if above is not None else {}, calling=True)
        self._calls.append(_Call(file, name, len(self._calls), caller.position if caller else Position()))
        return self._step

    def _step(self, frame: FrameType, event: str, argument: object) -> Any:
        """Called for each line and the end of a function of the textbook."""
        call = self._calls[-1]
        if event == "line":
            line = self._starts[call.file].get(frame.f_lineno, frame.f_lineno)
            if line != call.line:
                self._finish(call, frame, line)
                call.line, call.said = line, False
        elif event == "return":
            self._finish(call, frame, None)
            self._calls.pop()
        return self._step

    def _finish(self, call: _Call, frame: FrameType, following: int | None) -> None:
        """The statement before has run; ``following`` is the line that comes next."""
        if call.line is not None:
            self._count(call, following)
            self._tell(call, frame.f_locals, calling=False)

    def _count(self, call: _Call, following: int | None) -> None:
        for loop in self._loops[call.file]:
            if call.line == loop.head:
                goes_on = following in loop.lines
                call.rounds[loop.head] = call.rounds.get(loop.head, -1) + 1 if goes_on else -1
                call.position = replace(call.position, **{loop.counts: call.rounds[loop.head]})

    def _tell(self, call: _Call, variables: Locals, calling: bool) -> None:
        assert call.line is not None
        statement = Statement(call.file, call.line, call.function, call.depth, calling, call.position)
        self._watch(statement, variables)


@contextmanager
def unwatched() -> Iterator[None]:
    """Run some of the textbook without being seen."""
    watching = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(watching)


def _loops(text: str) -> list[_Loop]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.For):
            target, over = ast.unparse(node.target), ast.unparse(node.iter)
            counts = "task" if target == "task" else "inner_step" if "inner_steps" in over else None
            counts = "iteration" if "iterations" in over else counts
            if counts:
                found.append(_Loop(counts, node.lineno, range(node.body[0].lineno, (node.end_lineno or 0) + 1)))
    return found
