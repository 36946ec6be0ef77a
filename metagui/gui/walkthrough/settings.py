"""What can be changed about a walk-through, and the experiment that it is recorded in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from metagui.config import ExperimentConfig, load_preset
from metagui.config.fields import FieldDescription, describe
from metagui.errors import InvalidValueError, MetaguiError
from metagui.walkthroughs.catalogue import WALKTHROUGHS
from metagui.walkthroughs.settings import WalkthroughSettings


@dataclass(frozen=True, slots=True)
class Kind:
    """One walk-through of the catalogue, and the algorithm whose experiment suits it."""

    name: str
    title: str
    algorithm: str
    fields: tuple[str, ...]

    def descriptions(self) -> list[FieldDescription]:
        """Its settings, in order."""
        known = {field.name: field for field in describe(WalkthroughSettings)}
        return [known[name] for name in self.fields]


_STEPPED_WITH: dict[str, str] = {"outer_step": "fomaml"}
"""The algorithm of a walk-through that is not called like one."""

KINDS: tuple[Kind, ...] = tuple(
    Kind(name, known.title, _STEPPED_WITH.get(name, name), known.parameters) for name, known in WALKTHROUGHS.items()
)


def kind_of(name: str) -> Kind:
    """Raises KeyError for a name that is no walk-through."""
    return {kind.name: kind for kind in KINDS}[name]


def kind_for(experiment: ExperimentConfig) -> str:
    """The walk-through of an experiment's algorithm; MAML's where it has none of its own."""
    name = experiment.algorithm.name
    return name if name in WALKTHROUGHS else KINDS[0].name


def with_values(settings: WalkthroughSettings, kind: Kind, values: Mapping[str, int | float]) -> WalkthroughSettings:
    """The settings with some changed; raises InvalidValueError naming one that cannot be."""
    for name in values:
        if name not in kind.fields:
            raise InvalidValueError(name, f"is no number of {kind.title}; it has {', '.join(kind.fields)}")
    try:
        return WalkthroughSettings.model_validate({**settings.model_dump(), **values})
    except ValidationError as error:
        problem = error.errors()[0]
        raise InvalidValueError(".".join(str(part) for part in problem["loc"]), problem["msg"]) from None


def experiment_for(kind: Kind, current: ExperimentConfig | None) -> ExperimentConfig:
    """The current experiment where its algorithm is this one; else its tasks and network with this algorithm.

    Where those do not go together, or there is none, the shipped sinusoid experiment of the algorithm.
    """
    shipped = load_preset(f"sinusoid-{kind.algorithm}").config
    if current is None:
        return shipped
    if current.algorithm.name == kind.algorithm:
        return current
    fields: dict[str, Any] = shipped.algorithm.model_dump()
    rate = getattr(current.algorithm, "inner_lr", None)
    if rate is not None:
        fields["inner_lr"] = rate
    try:
        return ExperimentConfig.model_validate({**current.to_dict(), "algorithm": fields})
    except (ValueError, MetaguiError):
        return shipped


def first_settings(kind: Kind, experiment: ExperimentConfig) -> WalkthroughSettings:
    """As in the experiment, where it says; few enough steps to be read."""
    algorithm = experiment.algorithm
    values: dict[str, Any] = {"seed": experiment.compute.seed, "inner_steps": max(2, min(algorithm.inner_steps, 5))}
    for name in ("inner_lr", "proximal_lambda"):
        if hasattr(algorithm, name):
            values[name] = getattr(algorithm, name)
    if hasattr(algorithm, "cg_steps"):
        values["cg_steps"] = min(algorithm.cg_steps, 20)
    return WalkthroughSettings(**values)


def applied(experiment: ExperimentConfig, settings: WalkthroughSettings) -> ExperimentConfig:
    """The experiment with these settings; the number of tasks is no part of it."""
    known = type(experiment.algorithm).model_fields
    changes = {
        name: getattr(settings, name)
        for name in ("inner_lr", "inner_steps", "proximal_lambda", "cg_steps")
        if name in known
    }
    content = experiment.to_dict()
    content["algorithm"] = {**content["algorithm"], **changes}
    content["compute"] = {**content["compute"], "seed": settings.seed}
    return ExperimentConfig.model_validate(content)
