"""The meta-learner: parameters, algorithm and outer optimizer together. Usable as a library, without any window."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from metagui.config.experiment import ExperimentConfig
from metagui.config.outer import AdamOuter, OuterConfig, SGDOuter
from metagui.engine.algorithms import build_algorithm
from metagui.engine.device import resolve_device
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.inner_loop import Bank, Boundary, no_boundary
from metagui.engine.models import Parameters, ParameterSpace, build_model
from metagui.engine.seeding import generator
from metagui.engine.tasks import build_family
from metagui.engine.tasks.base import Split, TaskFamily, fixed_tasks
from metagui.errors import CheckpointError
from metagui.workspace import datasets_dir, default_data_dir

DTYPES = {"float32": torch.float32, "float64": torch.float64}


class MetaLearner:
    """Meta-parameters theta [P] that learn to adapt.

    ``family`` is built from the configuration unless given; data sets are looked for in ``datasets``, by default the
    platform's data folder. Raises InvalidValueError or DataError where the configuration cannot be met here.
    """

    def __init__(
        self, config: ExperimentConfig, family: TaskFamily | None = None, datasets: Path | None = None
    ) -> None:
        self.config = config
        self.device = resolve_device(config.compute.device)
        self.dtype = DTYPES[config.compute.dtype]
        self.family = family or build_family(config.task, datasets or datasets_dir(default_data_dir()))
        model = build_model(config.model, self.family.input_shape, self.family.output_size)
        self.bank = Bank(model, ParameterSpace(model.shapes))
        self.algorithm = build_algorithm(config.algorithm, self.bank)
        self.theta = torch.zeros(self.bank.space.size, device=self.device, dtype=self.dtype, requires_grad=True)
        self.reset_parameters()
        self.optimizer = build_optimizer(self.theta, config.outer)
        self.step = 0

    # --- tasks ---------------------------------------------------------------------------------------------------

    def sample_tasks(self, n_tasks: int | None = None) -> EpisodeBatch:
        """The meta-batch of the next step: decided by seed and step alone."""
        n_tasks = n_tasks or self.config.outer.meta_batch_size
        batch = self.family.sample(n_tasks, generator(self.config.compute.seed, "train", self.step))
        return batch.to(self.device, self.dtype)

    def held_out_tasks(self, indices: range | list[int], split: Split = "test", seed: int = 0) -> EpisodeBatch:
        """Tasks that are never trained on, the same for every run."""
        return fixed_tasks(self.family, indices, seed, split).to(self.device, self.dtype)

    # --- learning ------------------------------------------------------------------------------------------------

    def adapt(self, support: Examples, steps: int | None = None) -> Tensor:
        """Parameters [T, P] after the inner loop on each of T support sets."""
        *_, phi = self.adaptation_path(support, steps)
        return phi

    def adaptation_path(self, support: Examples, steps: int | None = None) -> Iterator[Tensor]:
        """phi_0 .. phi_steps, each [T, P], one at a time; by default as many steps as in training."""
        steps = self.config.algorithm.inner_steps if steps is None else steps
        return self.algorithm.adapt(self.theta, support, steps)

    def predict(self, phi: Tensor, inputs: Tensor) -> Tensor:
        """Outputs [T, n, o] of adapted parameters phi [T, P] for inputs [T, n, *]."""
        with torch.no_grad():
            return self.bank.outputs(phi, inputs)

    def meta_step(self, batch: EpisodeBatch, boundary: Boundary = no_boundary) -> dict[str, Tensor]:
        """One update of theta on a batch of tasks; returns the step's series, 0-d tensors by name."""
        meta = self.algorithm.meta_gradient(self.theta, batch, boundary)
        norm = meta.gradient.norm()
        clip = self.config.outer.gradient_clip
        self.theta.grad = meta.gradient * (clip / norm.clamp_min(clip)) if clip else meta.gradient
        for group in self.optimizer.param_groups:
            group["lr"] = self.scheduled_lr()
        self.optimizer.step()
        self.step += 1
        return meta.series | {"gradient_norm": norm}

    def scheduled_lr(self) -> float:
        """Outer rate of the next step."""
        outer = self.config.outer
        done = min(self.step / outer.steps, 1.0)
        match outer.lr_schedule:
            case "linear":
                return outer.outer_lr * (1 - done)
            case "cosine":
                return outer.outer_lr * 0.5 * (1 + math.cos(math.pi * done))
            case _:
                return outer.outer_lr

    # --- state ---------------------------------------------------------------------------------------------------

    @property
    def parameters(self) -> Parameters:
        """Named views of theta."""
        return self.bank.space.unflatten(self.theta.detach())

    @property
    def norm_mode(self) -> str:
        return self.bank.model.norm_mode

    def reset_parameters(self) -> None:
        """Fresh random parameters, decided by the seed."""
        self.load_parameters(self.bank.model.initial_parameters(generator(self.config.compute.seed, "weights")))

    def load_parameters(self, parameters: Mapping[str, Tensor]) -> None:
        """Take over named parameters; raises CheckpointError where names or shapes differ from this network's."""
        expected = self.bank.space.shapes
        if set(parameters) != set(expected):
            difference = sorted(set(parameters) ^ set(expected))
            raise CheckpointError(f"the weights belong to another network: {', '.join(difference)} differ")
        for name, shape in expected.items():
            if parameters[name].shape != shape:
                raise CheckpointError(
                    f"the weights belong to another network: {name} is {list(parameters[name].shape)}, "
                    f"this one needs {list(shape)}"
                )
        with torch.no_grad():
            self.theta.copy_(self.bank.space.flatten(parameters))

    def optimizer_state(self) -> dict[str, Tensor]:
        """The optimizer's tensors, by name."""
        state = self.optimizer.state.get(self.theta, {})
        return {name: value for name, value in state.items() if isinstance(value, Tensor)}

    def load_optimizer_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from :meth:`optimizer_state`."""
        for name, value in state.items():
            on_device = value.dim() > 0  # Adam counts its steps in a CPU scalar
            self.optimizer.state[self.theta][name] = value.to(self.device, self.dtype) if on_device else value.clone()


def build_optimizer(theta: Tensor, outer: OuterConfig) -> torch.optim.Optimizer:
    """The outer optimizer of a configuration."""
    match outer:
        case AdamOuter():
            return torch.optim.Adam([theta], lr=outer.outer_lr)
        case SGDOuter():
            return torch.optim.SGD([theta], lr=outer.outer_lr, momentum=outer.momentum)
