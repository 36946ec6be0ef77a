"""A talk as data: slides in order, what is said on each and what happens there. Read from TOML, checked whole.

Everything that is wrong is told at once, each with file, line and what would be right.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metagui.errors import EnvironmentProblemError, MetaguiError
from metagui.resources import resource
from metagui.walkthroughs.script_actions import AnyAction, Click, PageName
from metagui.walkthroughs.script_positions import line_at, lines_of
from metagui.walkthroughs.script_problems import Located, located_problems

SHIPPED_TALK = "talk"
_LARGEST = 1 << 20
_TOML_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Limits(_Part):
    """What a talk may take. ``wait_seconds`` is the longest any single action is waited for."""

    wait_seconds: float = Field(120.0, gt=0, le=3600)


class Heading(_Part):
    """``seed`` is that of everything the talk trains and records, so that it shows the same numbers each time."""

    title: str = Field(min_length=1)
    subtitle: str = ""
    author: str = ""
    language: str = "en"
    seed: int = Field(0, ge=0)
    limits: Limits = Limits()


class Slide(_Part):
    """``narration`` is what the audience reads, ``notes`` what the speaker does."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    narration: str = ""
    notes: str = ""
    page: PageName = "title"
    actions: tuple[AnyAction, ...] = Field((), alias="action", strict=False)

    @property
    def narrations(self) -> list[str]:
        """All that is said on the slide, in order."""
        said = [self.narration, *(action.narration for action in self.actions if isinstance(action, Click))]
        return [text for text in said if text.strip()]


class Script(_Part):
    """A talk that has been read; use :func:`read_script` or :func:`load_script`."""

    talk: Heading
    slides: tuple[Slide, ...] = Field(alias="slide", strict=False)


@dataclass(frozen=True, slots=True)
class ScriptProblem:
    """``line`` counts from 1; ``message`` says what is wrong and what would be right."""

    line: int
    message: str


class ScriptError(MetaguiError):
    """A script cannot be played: ``problems`` in the order of their lines, one a line of the message."""

    exit_code = 2

    def __init__(self, name: str, problems: list[ScriptProblem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(f"{name}:{one.line}: {one.message}" for one in self.problems))


def script_names() -> list[str]:
    """The scripts that metagui ships, sorted."""
    return sorted(path.stem for path in resource("walkthroughs").glob("*.toml"))


def load_script(given: str) -> Script:
    """A script by the name of a shipped one or by its path.

    Raises ScriptError for a script that is wrong, EnvironmentProblemError for a file that is not there.
    """
    names = script_names()
    if given in names:
        return load_file(resource("walkthroughs", f"{given}.toml"))
    path = Path(given).expanduser()
    if path.is_dir():
        raise EnvironmentProblemError(f"{given} is a folder: give the script's file")
    if not path.is_file():
        near = difflib.get_close_matches(given, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        shipped = ", ".join(names)
        raise EnvironmentProblemError(f"{given}: there is no such file, and the shipped scripts are {shipped}{hint}")
    return load_file(path)


def load_file(path: Path) -> Script:
    """Read and check a file; errors as of :func:`load_script`."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)  # never all of a file that is refused for its size
    except OSError as error:
        raise EnvironmentProblemError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise ScriptError(str(path), [ScriptProblem(1, f"a script has at most {_LARGEST >> 20} MiB")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScriptError(str(path), [ScriptProblem(line, "is not UTF-8 text: save the file as UTF-8")]) from None
    return read_script(text, str(path))


def read_script(text: str, name: str = "script") -> Script:
    """Read and check the text of a script; ``name`` is what errors call it. Raises ScriptError."""
    from metagui.walkthroughs.script_check import problems_in

    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScriptError(name, [_syntax_problem(str(error), text)]) from None
    lines = lines_of(text)
    try:
        script = Script.model_validate(content)
    except ValidationError as error:
        found = located_problems(error)
    else:
        found = problems_in(script)
        if not found:
            return script
    raise ScriptError(name, [_placed(problem, lines) for problem in found])


def _placed(problem: Located, lines: dict[tuple[str | int, ...], int]) -> ScriptProblem:
    return ScriptProblem(line_at(lines, problem.path), problem.message)


def _syntax_problem(message: str, text: str) -> ScriptProblem:
    """The reader's words end with the place, or with "end of document" where it waited for more."""
    match = _TOML_PLACE.fullmatch(message)
    words = match[1] if match else message
    line = int(match[2]) if match and match[2] else len(text.rstrip().splitlines()) or 1
    return ScriptProblem(line, f"is no valid TOML: {words[:1].lower()}{words[1:]}")
