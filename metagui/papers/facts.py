"""What papers tell of their protocol that no field of ours can say, and what is to be said of a run of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metagui.config.experiment import ExperimentConfig
from metagui.resources import resource


@dataclass(frozen=True, slots=True)
class Fact:
    """``yours`` tells it of (configuration, number of test tasks): the paper's very value where they agree."""

    title: str
    why: str
    yours: Callable[[ExperimentConfig, int], Any]


def _training_classes(config: ExperimentConfig, _n_tasks: int) -> Any:
    split = getattr(config.task, "split", "")
    if split == "lake":
        return "26 alphabets, 20 whole alphabets held out"
    if split != "vinyals":
        return "those of the data set"
    with resource("splits", "omniglot-vinyals", "train.txt").open(encoding="utf-8") as lines:
        return sum(1 for line in lines if line.strip())


def _gradient_clip(config: ExperimentConfig, _n_tasks: int) -> str:
    clip = config.outer.gradient_clip
    return f"the whole gradient to a norm of {clip:g}" if clip else "none"


def _inner_optimizer(config: ExperimentConfig, _n_tasks: int) -> str:
    rate = getattr(config.algorithm, "inner_lr", None)
    return "nothing is adapted" if rate is None else f"gradient descent, rate {rate:g}"


def _inner_batch(config: ExperimentConfig, _n_tasks: int) -> str:
    return "all examples of the task"


def _train_shots(config: ExperimentConfig, _n_tasks: int) -> Any:
    pooled = getattr(config.algorithm, "pool_query", False)
    return config.task.k_shot + (config.task.n_query if pooled else 0)


def _data(config: ExperimentConfig, _n_tasks: int) -> str:
    dataset = getattr(config.task, "dataset", None)
    return f"your data set {dataset}" if dataset else config.task.title


FACTS: dict[str, Fact] = {
    "test_tasks": Fact(
        "Test tasks",
        "The interval shrinks with the square root of their number.",
        lambda _config, n_tasks: n_tasks,
    ),
    "training_classes": Fact(
        "Training characters",
        "More classes to learn from generalise better. We keep some for validation, so that the test set chooses "
        "nothing.",
        _training_classes,
    ),
    "inputs": Fact("Inputs", "Where the points of a task lie.", lambda _config, _n_tasks: "-5 to 5"),
    "gradient_clip": Fact(
        "Clipping",
        "Clipping every entry changes the gradient's direction, clipping the norm does not.",
        _gradient_clip,
    ),
    "inner_optimizer": Fact(
        "Inner optimizer",
        "Adam's steps do not shrink with the gradient: rates and numbers of steps do not carry over.",
        _inner_optimizer,
    ),
    "inner_batch": Fact(
        "Inner batch", "Small batches make each inner step see other examples, on which Reptile relies.", _inner_batch
    ),
    "train_shots": Fact(
        "Training shots", "Reptile trains on more examples a class than it is tested with.", _train_shots
    ),
    "data": Fact(
        "Data set", "Numbers are those of these very pictures; others, or fewer classes, are other tasks.", _data
    ),
}
