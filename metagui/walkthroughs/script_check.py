"""Whether a script can be played: presets, pages, runs and walk-throughs it names, in the order they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from metagui.config import ExperimentConfig, load_preset
from metagui.config.problems import problems_of
from metagui.errors import InvalidValueError
from metagui.walkthroughs.catalogue import WALKTHROUGHS
from metagui.walkthroughs.script import Script, Slide
from metagui.walkthroughs.script_actions import (
    NEEDS_A_RUN,
    REGION_PAGES,
    Action,
    GoTo,
    Highlight,
    OpenWalkthrough,
    PageName,
    Picture,
    Scrub,
    ShowPage,
    Train,
    Wait,
)
from metagui.walkthroughs.script_places import problems_of_line, problems_of_place
from metagui.walkthroughs.script_positions import Path
from metagui.walkthroughs.script_problems import Located, near
from metagui.walkthroughs.settings import WalkthroughSettings

_NOTHING_OPEN = "no walk-through is open yet on this slide: put a walkthrough action before it"


def problems_in(script: Script) -> list[Located]:
    """All that would fail when it is played and can be known before; empty for a sound script."""
    if not script.slides:
        return [Located(("slide",), "a talk has at least one [[slide]]")]
    return [*_same_ids(script), *_Rehearsal(script).problems()]


def _same_ids(script: Script) -> Iterator[Located]:
    seen: set[str] = set()
    for index, slide in enumerate(script.slides):
        if slide.id in seen:
            yield Located(("slide", index, "id"), f"id {slide.id!r} is that of an earlier slide: each needs its own")
        seen.add(slide.id)


@dataclass
class _Scene:
    """What is on show at one moment of a slide."""

    page: PageName
    walkthrough: str = ""


class _Rehearsal:
    """Goes through a talk without playing it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._run: ExperimentConfig | None = None
        self._trained = False

    def problems(self) -> Iterator[Located]:
        for index, slide in enumerate(self._script.slides):
            yield from self._slide(("slide", index), slide)

    def _slide(self, path: Path, slide: Slide) -> Iterator[Located]:
        scene = _Scene(slide.page)
        pictures = 0
        for index, action in enumerate(slide.actions):
            where: Path = (*path, "action", index)
            if isinstance(action, ShowPage):
                scene.page = action.page
            elif isinstance(action, Picture):
                pictures += 1
                if pictures > 1:
                    yield Located(where, "a slide has one picture: an earlier action of this slide takes it already")
            else:
                yield from self._page(where, action, scene)
                yield from self._meaning(where, action, scene)
        if slide.page == "walkthrough" and not any(isinstance(action, OpenWalkthrough) for action in slide.actions):
            yield Located(
                (*path, "page"),
                'the page is empty until the slide opens a walk-through: add an action do = "walkthrough", '
                'name = "maml"',
            )

    def _page(self, where: Path, action: Action, scene: _Scene) -> Iterator[Located]:
        if action.pages and scene.page not in action.pages:
            yield Located(
                (*where, "do"),
                f"{action.do} works on the {' or '.join(action.pages)} page, and here the {scene.page} page is shown: "
                f'set page = "{action.pages[0]}" on the slide, or put {{ do = "page", page = "{action.pages[0]}" }} '
                "before it",
            )
        region = action.region_named
        if region is not None and REGION_PAGES[region] != scene.page:
            here = [name for name, page in REGION_PAGES.items() if page == scene.page]
            yield Located(
                (*where, "region"),
                f"{region!r} is on the {REGION_PAGES[region]} page, and here the {scene.page} page is shown"
                + (f": it has {', '.join(here)}" if here else ""),
            )

    def _meaning(self, where: Path, action: Action, scene: _Scene) -> Iterator[Located]:
        match action:
            case Train():
                yield from self._train(where, action)
            case Wait() if action.for_a_run:
                yield from self._wait(where, action)
            case Scrub() if self._trained:
                yield from self._scrub(where, action)
            case _ if isinstance(action, NEEDS_A_RUN) and not self._trained:
                yield Located(where, f"{action.do}: nothing has been trained up to here: put a train action before it")
            case OpenWalkthrough():
                scene.walkthrough = action.name
                yield from self._walkthrough(where, action)
            case GoTo() if scene.page == "walkthrough":
                yield from self._place(where, action, scene)
            case Highlight() if action.lines or action.variables:
                yield from self._marked(where, action, scene)

    def _train(self, where: Path, action: Train) -> Iterator[Located]:
        self._trained = True
        self._run = None
        try:
            self._run = action.experiment(self._script.talk.seed)
        except InvalidValueError as error:
            if error.field == "--preset":
                yield Located((*where, "preset"), f"preset {error.message}")
            elif error.field in action.changes:
                yield Located((*where, "set", error.field), str(error))
            else:
                yield Located((*where, "set"), str(error))

    def _wait(self, where: Path, action: Wait) -> Iterator[Located]:
        if not self._trained:
            yield Located(where, "wait: nothing is being trained up to here: put a train action before it")
        elif self._run is not None and action.step is not None and action.step > self._run.outer.steps:
            yield Located(
                (*where, "step"),
                f"step {action.step} is never reached: the run before it ends after {self._run.outer.steps} meta-steps",
            )

    def _scrub(self, where: Path, action: Scrub) -> Iterator[Located]:
        steps = self._run.algorithm.evaluation_steps if self._run is not None else None
        if steps is not None and action.inner_step is not None and action.inner_step > steps:
            yield Located(
                (*where, "inner_step"),
                f"inner_step {action.inner_step} is never reached: the run before it has {steps} evaluation steps",
            )

    def _walkthrough(self, where: Path, action: OpenWalkthrough) -> Iterator[Located]:
        known = WALKTHROUGHS.get(action.name)
        if known is None:
            names = list(WALKTHROUGHS)
            hint = near(action.name, names)
            yield Located((*where, "name"), f"{action.name!r} is no walk-through: {', '.join(names)} are{hint}")
            return
        for name in action.parameters:
            if name not in known.parameters:
                hint = near(name, list(known.parameters))
                yield Located(
                    (*where, "parameters", name),
                    f"{known.title} has no parameter {name!r}; it has {', '.join(known.parameters)}{hint}",
                )
        yield from _parameters(where, {n: v for n, v in action.parameters.items() if n in known.parameters})
        if action.preset:
            yield from _preset(where, action.preset)

    def _place(self, where: Path, action: GoTo, scene: _Scene) -> Iterator[Located]:
        if not scene.walkthrough:
            yield Located(where, _NOTHING_OPEN)
        elif scene.walkthrough in WALKTHROUGHS:
            yield from problems_of_place(where, action, WALKTHROUGHS[scene.walkthrough])

    def _marked(self, where: Path, action: Highlight, scene: _Scene) -> Iterator[Located]:
        if not scene.walkthrough:
            yield Located(where, _NOTHING_OPEN)
        elif scene.walkthrough in WALKTHROUGHS:
            main = WALKTHROUGHS[scene.walkthrough].algorithms[0]
            for index, line in enumerate(action.lines):
                yield from problems_of_line((*where, "lines", index), main, line)


def _parameters(where: Path, given: Mapping[str, int | float]) -> Iterator[Located]:
    try:
        WalkthroughSettings.model_validate(given)
    except ValidationError as error:
        for problem in problems_of(error):
            yield Located((*where, "parameters", problem.path), str(problem))


def _preset(where: Path, name: str) -> Iterator[Located]:
    try:
        load_preset(name)
    except InvalidValueError as error:
        yield Located((*where, "preset"), f"preset {error.message}")
