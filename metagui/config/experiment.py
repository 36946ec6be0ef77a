"""One experiment, whole, validated and frozen: what the form edits, the command line sets and a run stores."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, get_args

from pydantic import Field, ValidationError, model_validator

from metagui.config import algorithms, models, tasks
from metagui.config.algorithms import MAML, AlgorithmSection
from metagui.config.algorithms.imaml import EXACT_LIMIT, IMAML, exact_refusal
from metagui.config.compute import ComputeConfig
from metagui.config.device_rules import refusal
from metagui.config.fields import Section
from metagui.config.models import MLPModel, ModelSection
from metagui.config.outer import AdamOuter, OuterConfig
from metagui.config.problems import Problem, problems_of
from metagui.config.registry import with_plug_ins
from metagui.config.tasks import SinusoidTasks, TaskSection
from metagui.errors import InvalidValueError

SECTIONS = ("task", "model", "algorithm", "outer", "compute")


if TYPE_CHECKING:
    AlgorithmConfig = AlgorithmSection
    ModelConfig = ModelSection
    TaskConfig = TaskSection
else:
    # Asked for here, when the built-in classes are there for plug-ins to derive from.
    AlgorithmConfig = with_plug_ins("metagui.algorithms", AlgorithmSection, algorithms.BUILT_IN)
    ModelConfig = with_plug_ins("metagui.models", ModelSection, models.BUILT_IN)
    TaskConfig = with_plug_ins("metagui.tasks", TaskSection, tasks.BUILT_IN)


class ExperimentConfig(Section):
    """Task family, network, algorithm, outer loop and compute settings of one meta-training run."""

    task: TaskConfig = Field(default_factory=SinusoidTasks)
    model: ModelConfig = Field(default_factory=MLPModel)
    algorithm: AlgorithmConfig = Field(default_factory=MAML)
    outer: OuterConfig = Field(default_factory=AdamOuter)
    compute: ComputeConfig = Field(default_factory=ComputeConfig)

    @model_validator(mode="after")
    def _model_fits_task(self) -> ExperimentConfig:
        if self.task.kind not in self.model.fits:
            raise ValueError(
                f"model.name: {self.model.title} works on images, and {self.task.title} has none: choose mlp"
            )
        return self

    @model_validator(mode="after")
    def _data_set_is_named(self) -> ExperimentConfig:
        if getattr(self.task, "dataset", None) == "":
            raise ValueError("task.dataset: name an installed data set; metagui data add NAME --from PATH installs one")
        return self

    @model_validator(mode="after")
    def _algorithm_fits_task(self) -> ExperimentConfig:
        if self.task.kind not in self.algorithm.fits:
            kinds = " or ".join(sorted(self.algorithm.fits))
            raise ValueError(f"algorithm.name: {self.algorithm.title} needs tasks of {kinds}, not {self.task.title}")
        return self

    @model_validator(mode="after")
    def _hessian_can_be_written_out(self) -> ExperimentConfig:
        parameters = self.model.least_parameters()
        if isinstance(self.algorithm, IMAML) and self.algorithm.solver == "exact" and parameters > EXACT_LIMIT:
            raise ValueError(f"algorithm.solver: {exact_refusal(parameters)}")
        return self

    @model_validator(mode="after")
    def _device_can_compute_it(self) -> ExperimentConfig:
        problem = refusal(self, self.compute.device.partition(":")[0])
        if problem is not None:
            raise ValueError(str(problem))
        return self

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; :func:`parse` reads it back."""
        return self.model_dump(mode="json")

    def fingerprint(self) -> str:
        """Hash of everything but the seed: runs that share it differ in their seed alone."""
        content = self.to_dict()
        content["compute"].pop("seed")
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def parse(content: dict[str, Any]) -> ExperimentConfig:
    """Validate; raises InvalidValueError that names the first wrong field and counts the others."""
    try:
        return ExperimentConfig.model_validate(content)
    except ValidationError as error:
        problems = problems_of(error)
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise InvalidValueError(first.path, first.message + more) from None


def check(content: dict[str, Any]) -> list[Problem]:
    """All that is wrong with a configuration, by field path; empty when it is valid."""
    try:
        ExperimentConfig.model_validate(content)
    except ValidationError as error:
        return problems_of(error)
    return []


def choices(section: str) -> dict[str, type[Section]]:
    """The classes a discriminated section can be, by name, e.g. ``choices("algorithm")["maml"]``."""
    annotation = ExperimentConfig.model_fields[section].annotation
    classes = get_args(annotation)
    return {cls.model_fields["name"].default: cls for cls in classes}
