"""What a slide can do: one class an action, chosen by ``do``, each with the keys it takes."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from metagui.config import ExperimentConfig, apply_overrides, load_preset

PageName = Literal["title", "monitor", "adaptation", "walkthrough"]
Region = Literal["outer", "inner", "figures", "cards", "scrubber", "pseudocode", "source", "values", "task", "insights"]

REGION_PAGES: dict[Region, PageName] = {
    "outer": "monitor",
    "inner": "monitor",
    "figures": "adaptation",
    "cards": "adaptation",
    "scrubber": "adaptation",
    "pseudocode": "walkthrough",
    "source": "walkthrough",
    "values": "walkthrough",
    "task": "walkthrough",
    "insights": "walkthrough",
}
"""On which page each region can be pointed at."""

Words = Annotated[tuple[str, ...], Field(strict=False)]
Lines = Annotated[tuple[Annotated[int, Field(strict=True, ge=1)], ...], Field(strict=False)]


class Action(BaseModel):
    """One thing that happens on a slide. ``pages`` are those it makes sense on; empty: on all."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    pages: ClassVar[tuple[PageName, ...]] = ()
    do: str

    @property
    def region_named(self) -> Region | None:
        """The part of a page that the action points at, if any."""
        return None


class Train(Action):
    """Train a preset as a run of its own; the talk goes on meanwhile."""

    do: Literal["train"]
    preset: str
    changes: dict[str, Any] = Field(default_factory=dict, alias="set")
    seed: int | None = Field(None, ge=0)
    name: str = ""

    def experiment(self, seed: int) -> ExperimentConfig:
        """The experiment to train, with the talk's seed where the action has none; raises InvalidValueError."""
        assignments = [f"{path}={json.dumps(value, ensure_ascii=False)}" for path, value in self.changes.items()]
        if "compute.seed" not in self.changes:
            assignments.append(f"compute.seed={seed if self.seed is None else self.seed}")
        return apply_overrides(load_preset(self.preset).config, assignments)


class Wait(Action):
    """Hold until the run of this talk has got somewhere, ``seconds`` at most; ``seconds`` alone is a rest."""

    do: Literal["wait"]
    step: int | None = Field(None, ge=1)
    loss_below: float | None = Field(None, gt=0, allow_inf_nan=False)
    finished: bool = False
    seconds: float | None = Field(None, gt=0, le=3600)

    @model_validator(mode="after")
    def _for_one_thing(self) -> Wait:
        given = [self.step is not None, self.loss_below is not None, self.finished]
        if sum(given) > 1:
            raise ValueError("wait for one thing: step, loss_below or finished")
        if not any(given) and self.seconds is None:
            raise ValueError("say what to wait for: step = 200, loss_below = 0.5, finished = true or seconds = 5")
        return self

    @property
    def for_a_run(self) -> bool:
        return self.finished or self.step is not None or self.loss_below is not None


class Pause(Action):
    """Hold the run of this talk at the next inner step."""

    do: Literal["pause"]


class Resume(Action):
    """Let the run that was held go on."""

    do: Literal["resume"]


class Stop(Action):
    """End the run of this talk."""

    do: Literal["stop"]


class ShowPage(Action):
    """Turn to another page."""

    do: Literal["page"]
    page: PageName


class Scrub(Action):
    """Show the held-out tasks after an inner step; without one after the last. ``play`` goes there step by step."""

    pages = ("adaptation",)
    do: Literal["scrub"]
    inner_step: int | None = Field(None, ge=0)
    play: bool = False


class OpenWalkthrough(Action):
    """Record a walk-through with these parameters and show it from its beginning.

    ``preset`` gives tasks and network; without it those of the walk-through's own sinusoid experiment are taken.
    """

    pages = ("walkthrough",)
    do: Literal["walkthrough"]
    name: str
    preset: str = ""
    parameters: dict[str, int | float] = Field(default_factory=dict)


class GoTo(Action):
    """Move the walk-through to where a line of the pseudo-code, or a marker such as maml:6, runs the visit-th time.

    ``visit`` -1 is the last time. ``code`` is a piece of the source's line: alone, or to choose among those of a line.
    """

    pages = ("walkthrough",)
    do: Literal["go_to"]
    line: int | None = Field(None, ge=1)
    marker: str | None = None
    code: str = ""
    algorithm: str = ""
    visit: int = 1

    @model_validator(mode="after")
    def _to_one_place(self) -> GoTo:
        if self.line is not None and self.marker is not None:
            raise ValueError('say where to go once: line = 6 or marker = "maml:6"')
        if self.line is None and self.marker is None and not self.code:
            raise ValueError('say where to go: line = 6, marker = "maml:6" or code = "loss.backward"')
        if self.visit == 0:
            raise ValueError("visit: visits count from 1; -1 is the last")
        return self


class Highlight(Action):
    """Mark lines of the pseudo-code, variables, or a region of the page, until the next highlight or slide.

    ``insight`` is a piece of the title of the insight to turn to, within the region of that name.
    """

    do: Literal["highlight"]
    lines: Lines = ()
    variables: Words = ()
    region: Region | None = None
    insight: str = ""

    @model_validator(mode="after")
    def _of_something(self) -> Highlight:
        if not (self.lines or self.variables or self.region):
            raise ValueError('say what to mark: lines = [5, 6], variables = ["phi"] or region = "outer"')
        if self.insight and self.region != "insights":
            raise ValueError('insight: an insight is shown in its region: add region = "insights"')
        return self

    @property
    def region_named(self) -> Region | None:
        return self.region


class Zoom(Action):
    """Bring a region closer; without one show the whole page again."""

    do: Literal["zoom"]
    region: Region | None = None
    factor: float = Field(1.6, gt=1, le=5)

    @property
    def region_named(self) -> Region | None:
        return self.region


class Click(Action):
    """Wait for the speaker's next key before the rest of the slide, for which there may be another narration."""

    do: Literal["click"]
    narration: str = ""


class Picture(Action):
    """The moment that ``--record`` keeps of this slide; without it, its end."""

    do: Literal["picture"]


AnyAction = Annotated[
    Train
    | Wait
    | Pause
    | Resume
    | Stop
    | ShowPage
    | Scrub
    | OpenWalkthrough
    | GoTo
    | Highlight
    | Zoom
    | Click
    | Picture,
    Field(discriminator="do"),
]

ACTIONS: dict[str, type[Action]] = {
    get_args(cls.model_fields["do"].annotation)[0]: cls for cls in get_args(get_args(AnyAction)[0])
}
"""Every action by the word that ``do`` gives it."""

NEEDS_A_RUN = (Pause, Resume, Stop, Scrub)
