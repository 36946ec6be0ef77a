"""A network's learner for the studio, also where the data that it was trained on are not installed.

A person's own task needs no data set: the shape of an example is known from configuration, task and weights.
"""

from __future__ import annotations

import json
from functools import lru_cache

import torch

from metagui.config.tasks import OmniglotTasks, TaskKind, TaskSection
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import LEARNED, MetaLearner
from metagui.engine.readiness import LEARNERS, on_cpu, ready_learner, saved_network
from metagui.engine.tasks.base import Portrait, Split
from metagui.errors import DataError
from metagui.studio import Network, OwnTask

OMNIGLOT_SHAPE = (1, 28, 28)


class StandIn:
    """In place of a family whose data are not here: it knows the shape of an example, and has no tasks."""

    def __init__(self, task: TaskSection, input_shape: tuple[int, ...], n_classes: int) -> None:
        self.kind: TaskKind = task.kind
        self.input_shape = input_shape
        self.output_size: int = getattr(task, "n_way", 1)
        self.n_classes = n_classes

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        raise DataError("the data of these tasks are not installed")

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        return Portrait("")


def learner_for(network: Network, data_dir: str, own: OwnTask | None) -> MetaLearner:
    """The learner of a network, with the family it was trained on, or where ``own`` needs none of its data without it.

    Raises InvalidValueError or DataError.
    """
    try:
        return ready_learner(network.config, data_dir)
    except DataError:
        if own is None:
            raise
    shapes = _shapes(network)
    config = on_cpu(network.config)
    classes = shapes.get(f"{LEARNED}class_weight", (0,))[0]
    columns = shapes.get("linear0.weight", (0, 1))[-1]
    return _without_data(json.dumps(network.config, sort_keys=True), _input_shape(config.task, own, columns), classes)


@lru_cache(maxsize=LEARNERS)
def _without_data(config: str, input_shape: tuple[int, ...], n_classes: int) -> MetaLearner:
    parsed = on_cpu(json.loads(config))
    return MetaLearner(parsed, StandIn(parsed.task, input_shape, n_classes))


def _input_shape(task: TaskSection, own: OwnTask, columns: int) -> tuple[int, ...]:
    if isinstance(task, OmniglotTasks):
        return OMNIGLOT_SHAPE
    if task.kind != "images":
        return (2,) if task.kind == "points" else (columns,)
    height, width, channels = (*own.support_x.shape[1:], 1, 1, 1)[:3]
    return (channels, height, width)


def _shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """Of the weights, by name; empty for a random start."""
    if network.weights:
        return {name: tuple(value.shape) for name, value in network.weights.items()}
    if network.checkpoint:
        return {name: tuple(value.shape) for name, value in saved_network(network.checkpoint).weights.items()}
    return {}
