"""One network of a comparison, made ready for tasks of so many classes with the rates asked for."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from metagui.config.experiment import ExperimentConfig, parse
from metagui.engine.algorithms import Algorithm, build_algorithm
from metagui.engine.algorithms.imaml import IMAML
from metagui.engine.algorithms.joint import Joint
from metagui.engine.algorithms.protonet import ProtoNet
from metagui.engine.bank import Bank
from metagui.engine.banks import bank_of
from metagui.engine.learner import MetaLearner
from metagui.engine.models import Model, Parameters, build_model, space_of
from metagui.engine.models.normalisation import Normalise, by_batch
from metagui.engine.studio.own_task import MisfitError


@dataclass(frozen=True, slots=True)
class Fitted:
    """theta [P], how it adapts and how its outputs are computed; the rates that count, None where there is none;
    ``unused`` outputs that take no part."""

    bank: Bank
    adapter: Algorithm
    theta: Tensor
    evaluation_steps: int
    inner_lr: float | None
    proximal_lambda: float | None
    unused: int


def fit(learner: MetaLearner, ways: int, inner_lr: float | None = None, proximal_lambda: float | None = None) -> Fitted:
    """A learner's network for tasks of ``ways`` classes, 0 for regression.

    With fewer classes than the last layer has outputs, those left over are shut out of the softmax. Algorithms that
    make the last layer anew for every task take any number. Raises MisfitError for more classes than that, and
    InvalidValueError for rates that break a rule.
    """
    config = with_rates(learner.config, inner_lr, proximal_lambda)
    bank, theta = learner.bank, learner.theta.detach()
    outputs, unused = learner.family.output_size, 0
    if ways not in (0, outputs):
        if makes_its_head(learner.adapter):
            bank, theta = _with_head_for(learner, ways)
        elif ways < outputs:
            bank = Bank(Narrowed(bank.model, ways), bank.space, bank.normalisation, bank.n_classes)
            unused = outputs - ways
        else:
            raise MisfitError(
                f"This network tells at most {outputs} classes apart, as its last layer has {outputs} outputs; the "
                f"task has {ways}. Take classes away, or a prototypical network, which takes any number."
            )
    adapter = build_algorithm(config.algorithm, bank)
    adapter.learned = learner.learned
    lr = getattr(config.algorithm, "inner_lr", None) if "inner_lr" in config.algorithm.changeable_now else None
    return Fitted(bank, adapter, theta, config.algorithm.evaluation_steps, lr, _strength(adapter), unused)


def with_rates(config: ExperimentConfig, inner_lr: float | None, proximal_lambda: float | None) -> ExperimentConfig:
    """The configuration with these in place of its own, where its algorithm has such. Rates that were learned stay; a
    lambda that was learned gives way. Raises InvalidValueError where they break a rule."""
    changed: dict[str, Any] = {}
    if inner_lr is not None and "inner_lr" in config.algorithm.changeable_now:
        changed["inner_lr"] = inner_lr
    if proximal_lambda is not None and "proximal_lambda" in type(config.algorithm).model_fields:
        changed |= {"proximal_lambda": proximal_lambda, "learn_lambda": False}
    if not changed:
        return config
    content = copy.deepcopy(config.to_dict())
    content["algorithm"] |= changed
    return parse(content)


def makes_its_head(adapter: Algorithm) -> bool:
    """Whether the last layer is made anew for every task, so that any number of classes will do."""
    return isinstance(adapter, ProtoNet) or (isinstance(adapter, Joint) and bool(adapter.learned))


def _with_head_for(learner: MetaLearner, ways: int) -> tuple[Bank, Tensor]:
    """The same body under a last layer of ``ways`` outputs, all zero."""
    model = build_model(learner.config.model, learner.family.input_shape, ways)
    space = space_of(model.shapes)
    known = learner.bank.space.unflatten(learner.theta.detach())
    parameters = {
        name: torch.zeros(shape, dtype=learner.dtype) if name in model.head else known[name]
        for name, shape in model.shapes.items()
    }
    bank = bank_of(model, space, learner.norm.held_out, learner.bank.n_classes)
    return bank, space.flatten(parameters)


def _strength(adapter: Algorithm) -> float | None:
    """Lambda as it counts, its mean where it is several."""
    if not isinstance(adapter, IMAML):
        return None
    return float(torch.as_tensor(adapter.current_strength()).mean())


class Narrowed:
    """A model whose first ``ways`` outputs alone are asked for: the others take part in no softmax."""

    def __init__(self, model: Model, ways: int) -> None:
        self._model = model
        self._ways = ways

    @property
    def shapes(self) -> Mapping[str, torch.Size]:
        return self._model.shapes

    @property
    def norm_mode(self) -> str:
        return self._model.norm_mode

    @property
    def normalised_channels(self) -> Sequence[int]:
        return self._model.normalised_channels

    @property
    def head(self) -> tuple[str, str]:
        return self._model.head

    @property
    def query_task_by_task(self) -> bool:
        return self._model.query_task_by_task

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        return self._model.initial_parameters(random)

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        return self._model.forward(parameters, inputs, normalise)[..., : self._ways]

    def features_bank(
        self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch
    ) -> Tensor:
        return self._model.features_bank(parameters, inputs, normalise)

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor, normalise: Normalise = by_batch) -> Tensor:
        return self._model.forward_bank(parameters, inputs, normalise)[..., : self._ways]
