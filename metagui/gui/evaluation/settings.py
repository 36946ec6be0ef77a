"""What a person can choose about an evaluation, and what there is to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from metagui.config import ExperimentConfig, parse
from metagui.config.fields import Section, setting
from metagui.config.tasks import TaskKind
from metagui.errors import InvalidValueError
from metagui.events import Baseline


class EvaluationSettings(Section):
    """The numbers of the protocol."""

    n_tasks: int = setting(
        600,
        title="Tasks",
        help="How many held-out tasks the mean is over. Four times as many halve the interval.",
        ge=2,
        le=100_000,
    )
    inner_steps: int = setting(
        10,
        title="Inner steps",
        symbol="K",
        help="Gradient steps on each task. More than were trained with show whether adaptation goes on or falls apart.",
        ge=1,
        le=10_000,
    )
    n_query: int = setting(
        15,
        title="Queries",
        symbol="Q",
        help="Examples a class (regression: a task) that judge the adapted network. With batch statistics taken over "
        "them, their number changes the result.",
        ge=1,
        le=100,
    )


@dataclass(frozen=True, slots=True)
class NetworkOption:
    """A network that can be evaluated: ``key`` names it to the presenter, ``text`` to a person."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class RivalOption:
    """A run that can be judged on the same tasks; ``wanted`` until a person says otherwise."""

    run_id: str
    text: str
    wanted: bool = False


def baselines_of(kind: TaskKind) -> dict[Baseline, tuple[str, str]]:
    """The baselines that mean something for tasks of this kind, each with its name and what it is."""
    random: tuple[str, str] = (
        "Random start",
        "The same network and inner loop from random parameters: what adaptation alone can do",
    )
    if kind == "regression":
        return {"random": random, "pixels": ("Support mean", "Predict the mean of the support's y everywhere")}
    inputs = "pixels" if kind == "images" else "points"
    return {
        "chance": ("Guessing", "One class in N by chance"),
        "random": random,
        "pixels": (f"Raw {inputs}", f"The class whose mean of raw {inputs} is nearest: nothing is learned"),
    }


def as_evaluated(config: ExperimentConfig, inner_steps: int) -> ExperimentConfig:
    """The experiment whose held-out tasks are shown as they were judged; as it is where it cannot take such steps."""
    content = config.to_dict()
    if "evaluation_steps" not in content["algorithm"]:
        return config
    content["algorithm"] = {**content["algorithm"], "evaluation_steps": inner_steps}
    try:
        return parse(content)
    except InvalidValueError:
        return config


def with_queries(config: ExperimentConfig, n_query: int) -> ExperimentConfig:
    """The experiment judged on so many queries; raises InvalidValueError where its tasks have not that many."""
    if n_query == config.task.n_query:
        return config
    content = config.to_dict()
    content["task"] = {**content["task"], "n_query": n_query}
    try:
        return parse(content)
    except InvalidValueError as error:
        raise InvalidValueError("queries", error.message) from None
