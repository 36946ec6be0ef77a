"""What is measured: a network, an algorithm and a meta-batch, the same tensors for every contender."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from metagui.config.algorithms import FOMAML, IMAML, MAML, AlgorithmSection, Reptile
from metagui.config.compute import ComputeConfig
from metagui.config.experiment import ExperimentConfig
from metagui.config.models import Conv4Model, MLPModel, ModelSection
from metagui.config.outer import AdamOuter
from metagui.config.overrides import apply_overrides
from metagui.config.tasks import GlyphTasks, SinusoidTasks, TaskKind
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.models import Model, Parameters, build_model
from metagui.engine.seeding import generator
from metagui.engine.tasks import build_family
from metagui.engine.tasks.base import Portrait, Split

DTYPES = {"float32": torch.float32, "float64": torch.float64}


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the comparison. ``threads`` is what it is measured with unless the command says otherwise."""

    name: str
    title: str
    network: Literal["mlp", "conv4", "pooled_conv4"]
    algorithm: Literal["maml", "fomaml", "reptile", "imaml"]
    tasks: int
    inner_steps: int
    inner_lr: float
    threads: int
    k_shot: int = 1
    n_query: int = 15
    filters: int = 64
    proximal_lambda: float = 2.0
    cg_steps: int = 5
    convolution_scale: float = 1.0
    """Factor on the initial convolution weights. Behind batch norm it changes no output, but ten times longer weights
    bend the loss so much less that H + λI is positive definite, as iMAML's system has to be; at fresh Glorot weights
    with λ = 2 it is not, and solvers with and without a guard against that rightly differ."""
    overrides: tuple[str, ...] = ()
    """Settings of metagui's own (``section.field=value``) that no peer has."""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Workload:
        content = json.loads(text)
        return Workload(**content | {"overrides": tuple(content["overrides"])})


_W1 = "sinusoid, MLP 1-40-40-1, 10 + 10 examples, meta-batch 25"
_W2 = "5-way 1-shot, 15 queries a class, 1x28x28, Conv4-64 stride 2, meta-batch 16"
_W4 = "5-way 1-shot, 15 queries a class, 3x84x84, Conv4-32 max-pool, meta-batch 4"

WORKLOADS = {
    workload.name: workload
    for workload in [
        Workload("w1-maml-1", f"W1 MAML, 1 step · {_W1}", "mlp", "maml", 25, 1, 0.01, 1, k_shot=10, n_query=10),
        Workload("w1-maml-5", f"W1 MAML, 5 steps · {_W1}", "mlp", "maml", 25, 5, 0.01, 1, k_shot=10, n_query=10),
        Workload("w2-maml", f"W2 MAML, 5 steps · {_W2}", "conv4", "maml", 16, 5, 0.1, 2),
        Workload("w2-fomaml", f"W2 FOMAML, 5 steps · {_W2}", "conv4", "fomaml", 16, 5, 0.1, 2),
        Workload("w2-reptile", f"W2 Reptile, 5 steps · {_W2}", "conv4", "reptile", 16, 5, 0.1, 2),
        Workload(
            "w2-imaml",
            f"W2 iMAML, 16 steps + 5 CG, λ = 2 · {_W2}",
            "conv4",
            "imaml",
            16,
            16,
            0.1,
            2,
            convolution_scale=10.0,
        ),
        Workload("w4-maml", f"W4 MAML, 5 steps · {_W4}", "pooled_conv4", "maml", 4, 5, 0.01, 2, filters=32),
    ]
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A workload's tensors. ``theta`` lists the parameters in the order in which every gradient is flattened."""

    workload: Workload
    config: ExperimentConfig
    model: Model
    theta: Parameters
    batch: EpisodeBatch
    threads: int

    @property
    def dtype(self) -> torch.dtype:
        return self.batch.support.inputs.dtype

    def digest(self) -> str:
        """Of every number, so that contenders in different processes can be held to the same tensors."""
        digest = hashlib.sha256()
        for tensor in self._tensors():
            digest.update(tensor.contiguous().numpy().tobytes())
        return digest.hexdigest()

    def _tensors(self) -> Iterator[Tensor]:
        yield from self.theta.values()
        for examples in (self.batch.support, self.batch.query):
            yield examples.inputs
            yield examples.targets


class ImageTasks:
    """What the engine asks of a task family, for images that are given and not drawn."""

    kind: TaskKind = "images"

    def __init__(self, input_shape: tuple[int, ...], output_size: int) -> None:
        self.input_shape = input_shape
        self.output_size = output_size

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        raise NotImplementedError("a benchmark brings its own batch")

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        raise NotImplementedError("a benchmark shows nothing")


def build(workload: Workload, dtype: str, threads: int, seed: int = 0) -> Problem:
    """Tensors decided by the workload and the seed alone; the float64 ones are the float32 ones, widened."""
    config = configuration(workload, dtype, threads)
    random = generator(seed, "benchmark")
    shape: tuple[int, ...]
    if workload.network == "pooled_conv4":
        shape, outputs = (3, 84, 84), 5
        batch = noisy_classes(workload, shape, outputs, random)
    else:
        family = build_family(config.task, Path())
        shape, outputs = family.input_shape, family.output_size
        batch = family.sample(workload.tasks, random)
    model = build_model(config.model, shape, outputs)
    theta = {
        name: (value * workload.convolution_scale if name.startswith("conv") else value).to(DTYPES[dtype])
        for name, value in model.initial_parameters(random).items()
    }
    return Problem(workload, config, model, theta, batch.to(torch.device("cpu"), DTYPES[dtype]), threads)


def configuration(workload: Workload, dtype: str, threads: int) -> ExperimentConfig:
    """The experiment as a person would enter it."""
    task: SinusoidTasks | GlyphTasks
    model: ModelSection
    if workload.network == "mlp":
        task, model = SinusoidTasks(k_shot=workload.k_shot, n_query=workload.n_query), MLPModel()
    else:
        task = GlyphTasks(n_way=5, k_shot=workload.k_shot, n_query=workload.n_query)
        pooled = workload.network == "pooled_conv4"
        model = Conv4Model(filters=workload.filters, downsampling="pool" if pooled else "stride")
    config = ExperimentConfig(
        task=task,
        model=model,
        algorithm=_algorithm(workload),
        outer=AdamOuter(meta_batch_size=workload.tasks),
        compute=ComputeConfig(device="cpu", dtype=dtype, threads=threads),
    )
    return apply_overrides(config, workload.overrides)


def _algorithm(workload: Workload) -> AlgorithmSection:
    inner = {"inner_lr": workload.inner_lr, "inner_steps": workload.inner_steps}
    match workload.algorithm:
        case "maml":
            return MAML(**inner)
        case "fomaml":
            return FOMAML(**inner)
        case "reptile":
            return Reptile(**inner, pool_query=False)
        case "imaml":
            return IMAML(**inner, proximal_lambda=workload.proximal_lambda, cg_steps=workload.cg_steps)


def noisy_classes(workload: Workload, shape: tuple[int, ...], classes: int, random: torch.Generator) -> EpisodeBatch:
    """Each class a random image, each example that image in equally strong noise."""
    centres = torch.randn(workload.tasks, classes, 1, *shape, generator=random)

    def examples(each: int) -> Examples:
        inputs = centres + torch.randn(workload.tasks, classes, each, *shape, generator=random)
        labels = torch.arange(classes).repeat_interleave(each).expand(workload.tasks, -1)
        return Examples(inputs.flatten(1, 2), labels.contiguous())

    return EpisodeBatch(examples(workload.k_shot), examples(workload.n_query))
