"""The meta-learner: parameters, algorithm and outer optimizer together. Usable as a library, without any window."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.linalg import vector_norm

from metagui.config.experiment import ExperimentConfig
from metagui.config.outer import AdamOuter, OuterConfig, SGDOuter
from metagui.engine import task_threads
from metagui.engine.algorithms import MetaGradient, build_algorithm
from metagui.engine.bank import Boundary, no_boundary
from metagui.engine.banks import bank_of
from metagui.engine.device import device_for
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.lean_bank import lean
from metagui.engine.models import Parameters, build_model, space_of
from metagui.engine.models.mixed_precision import MixedPrecision
from metagui.engine.models.normalisation import Norm
from metagui.engine.parts import OneByOne
from metagui.engine.seeding import generator
from metagui.engine.tasks import build_family
from metagui.engine.tasks.base import Split, TaskFamily, fixed_tasks
from metagui.errors import CheckpointError
from metagui.workspace import datasets_dir, default_data_dir

LEARNED = "algorithm."
"""Leads the names of what an algorithm learns besides theta."""

NORM = "norm."
"""Leads the names of running statistics."""

DTYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.float32}
"""Of parameters and data, by ``compute.dtype``: bfloat16 is of a training network's own arithmetic alone."""


class MetaLearner:
    """Meta-parameters theta [P] that learn to adapt.

    ``family`` is built from the configuration unless given; data sets are looked for in ``datasets``, by default the
    platform's data folder; ``device`` is the configuration's unless given. Raises InvalidValueError or DataError where
    the configuration cannot be met here.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        family: TaskFamily | None = None,
        datasets: Path | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.config = config
        self.device = device or device_for(config)
        self.dtype = DTYPES[config.compute.dtype]
        self.family = family or build_family(config.task, datasets or datasets_dir(default_data_dir()))
        model = build_model(config.model, self.family.input_shape, self.family.output_size)
        self.norm = Norm(model, config.algorithm.inner_steps, self.device, self.dtype)
        space = space_of(model.shapes)
        mixed = config.compute.dtype == "bfloat16"
        training_model = MixedPrecision(model, self.device) if mixed else model
        n_classes = getattr(self.family, "n_classes", 0)
        training_bank = bank_of(training_model, space, self.norm.training, n_classes)
        self.training_bank = lean(training_bank) if config.compute.memory == "lean" else training_bank
        self.bank = bank_of(model, space, self.norm.held_out, n_classes)
        self._build_algorithm()
        self.theta = torch.zeros(self.bank.space.size, device=self.device, dtype=self.dtype, requires_grad=True)
        self.learned = {
            name: value.to(self.device, self.dtype).requires_grad_()
            for name, value in self.algorithm.initial_learned().items()
        }
        self.algorithm.learned = self.adapter.learned = self.learned
        self.reset_parameters()
        self.optimizer = build_optimizer([self.theta, *self.learned.values()], config.outer)
        self.step = 0

    def _build_algorithm(self) -> None:
        self.algorithm = build_algorithm(self.config.algorithm, self.training_bank)
        self.adapter = build_algorithm(self.config.algorithm, self.bank)

    def reconfigure(self, config: ExperimentConfig) -> None:
        """Go on with other settings of the same algorithm; all that was learned stays."""
        self.config = config
        self._build_algorithm()
        self.algorithm.learned = self.adapter.learned = self.learned

    # --- tasks ---------------------------------------------------------------------------------------------------

    def sample_tasks(self, n_tasks: int | None = None) -> EpisodeBatch:
        """The meta-batch of the next step: decided by seed and step alone."""
        batch = self.drawn_tasks(self.step, n_tasks or self.config.outer.meta_batch_size)
        return batch.to(self.device, self.dtype)

    def drawn_tasks(self, step: int, n_tasks: int) -> EpisodeBatch:
        """The meta-batch of any step, on the CPU as the family gives it; may be called from another thread."""
        return self.family.sample(n_tasks, generator(self.config.compute.seed, "train", step))

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
        return self.adapter.adapt(self.theta, support, steps)

    def predict(self, phi: Tensor, support: Examples, inputs: Tensor, k: int | None = None) -> Tensor:
        """Outputs [T, n, o] for inputs [T, n, *] of parameters phi [T, P] that took ``k`` steps on ``support``, by
        default as many as in training."""
        with torch.no_grad():
            return self.bank.query_outputs(phi, support, inputs, self.config.algorithm.inner_steps if k is None else k)

    def predict_support(self, phi: Tensor, support: Examples, k: int) -> Tensor:
        """Outputs [T, n, o] for the support examples themselves, as the inner loop sees them."""
        with torch.no_grad():
            return self.bank.support_outputs(phi, support, k)

    def meta_step(self, batch: EpisodeBatch, boundary: Boundary = no_boundary) -> dict[str, Tensor]:
        """One update of theta on a batch of tasks; returns the step's series, 0-d tensors by name."""
        meta = self.meta_gradient(batch, boundary)
        self.outer_step(meta)
        return meta.series

    def meta_gradient(self, batch: EpisodeBatch, boundary: Boundary = no_boundary) -> MetaGradient:
        """What a batch of tasks says, ``gradient_norm``, over all that is learned, among its series; nothing is
        changed by it."""
        with self._torch_threads():
            meta = task_threads.meta_gradient(
                OneByOne(self.algorithm) if self.config.compute.memory == "lean" else self.algorithm,
                self.theta,
                batch,
                threads=self.task_threads,
                step=self.step,
                boundary=boundary,
            )
            norms = [vector_norm(gradient) for gradient in (meta.gradient, *meta.learned.values())]
            whole = vector_norm(torch.stack(norms)) if meta.learned else norms[0]
        return replace(meta, series=meta.series | {"gradient_norm": whole})

    @property
    def task_threads(self) -> int:
        """Threads that share a meta-batch: several on the CPU, for networks that are bound by arithmetic."""
        apart = self.device.type == "cpu" and self.bank.model.query_task_by_task
        return self.config.compute.resolved_threads(toy=False) if apart else 1

    def _torch_threads(self) -> AbstractContextManager[None]:
        return task_threads.one_torch_thread() if self.task_threads > 1 else nullcontext()

    def outer_step(self, meta: MetaGradient) -> None:
        """One update of theta and of all else that is learned, by a meta-gradient of this learner."""
        clip, norm = self.config.outer.gradient_clip, meta.series["gradient_norm"]
        gradients = {"": meta.gradient} | meta.learned
        if clip:  # together: nothing that is learned keeps a long step of its own
            gradients = {name: gradient * (clip / norm.clamp_min(clip)) for name, gradient in gradients.items()}
        for name, value in ({"": self.theta} | self.learned).items():
            value.grad = gradients[name]
        for group in self.optimizer.param_groups:
            group["lr"] = self.scheduled_lr()
        with self._torch_threads():
            self.optimizer.step()
        self.norm.fold_in()
        self.step += 1

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
        """All that training makes, by name: views of theta, what the algorithm learns besides as ``algorithm.NAME``,
        and running statistics as ``norm.NAME``. Of what has a value for each parameter, those of a parameter lie row
        by row."""
        own = {LEARNED + name: self._row_major(value.detach()) for name, value in self.learned.items()}
        running = {NORM + name: value for name, value in self.norm.state.items()}
        return self.bank.space.unflatten(self.theta.detach()) | own | running

    @property
    def norm_mode(self) -> str:
        return self.bank.model.norm_mode

    def reset_parameters(self) -> None:
        """Fresh parameters: theta random, decided by the seed; the algorithm's own as its configuration says."""
        theta = self.bank.model.initial_parameters(generator(self.config.compute.seed, "weights"))
        own = {LEARNED + name: value for name, value in self.algorithm.initial_learned().items()}
        running = {NORM + name: value for name, value in self.norm.initial_state().items()}
        self.load_parameters(theta | own | running)

    def load_parameters(self, parameters: Mapping[str, Tensor]) -> None:
        """Take over named parameters; raises CheckpointError where names or shapes differ from this network's."""
        expected = {name: value.shape for name, value in self.parameters.items()}
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
            for name, value in self.learned.items():
                value.copy_(self._from_row_major(parameters[LEARNED + name]))
            for name, value in self.norm.state.items():
                value.copy_(parameters[NORM + name])

    def optimizer_state(self) -> dict[str, Tensor]:
        """The optimizer's tensors: theta's by their names, those of the algorithm's own as ``algorithm.NAME/...``; in
        the order of :attr:`parameters`."""
        return {name: self._row_major(value) for name, value in self._optimizer_tensors().items()}

    def load_optimizer_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from :meth:`optimizer_state`."""
        counts_on_device = self.optimizer.defaults.get("capturable", False)
        for path, value in state.items():
            prefix, slash, name = path.rpartition("/")
            if name == "step":  # Adam counts in float32, and on the CPU unless it is captured with the rest
                moved = value.to(self.device) if counts_on_device else value.clone()
            else:
                moved = self._from_row_major(value).to(self.device, self.dtype)
            self.optimizer.state[self._optimized[prefix + slash]][name] = moved

    def changing(self) -> dict[str, Tensor]:
        """Every tensor that an outer step changes in place, by name."""
        own = {LEARNED + name: value.detach() for name, value in self.learned.items()}
        running = {NORM + name: value for name, value in self.norm.state.items()}
        optimizer = {f"optimizer/{name}": value for name, value in self._optimizer_tensors().items()}
        return {"theta": self.theta.detach()} | own | running | optimizer

    def _optimizer_tensors(self) -> dict[str, Tensor]:
        return {
            prefix + name: value
            for prefix, parameter in self._optimized.items()
            for name, value in self.optimizer.state.get(parameter, {}).items()
            if isinstance(value, Tensor)
        }

    @property
    def _optimized(self) -> dict[str, Tensor]:
        """What the optimizer steps, by the prefix of its state's names."""
        return {"": self.theta} | {f"{LEARNED}{name}/": value for name, value in self.learned.items()}

    def _row_major(self, value: Tensor) -> Tensor:
        """Of what has a value for each parameter, [..., P], in the order that checkpoints keep; all else as it is."""
        space = self.bank.space
        return space.row_major(value) if value.shape[-1:] == (space.size,) else value

    def _from_row_major(self, value: Tensor) -> Tensor:
        space = self.bank.space
        return space.from_row_major(value) if value.shape[-1:] == (space.size,) else value


def build_optimizer(parameters: list[Tensor], outer: OuterConfig) -> torch.optim.Optimizer:
    """The outer optimizer of a configuration."""
    match outer:
        case AdamOuter():
            # With its count of steps on the device, too, a step can be undone or captured without asking the host.
            on_device = parameters[0].device.type in ("cuda", "xpu")
            return torch.optim.Adam(parameters, lr=outer.outer_lr, capturable=on_device)
        case SGDOuter():
            return torch.optim.SGD(parameters, lr=outer.outer_lr, momentum=outer.momentum)
