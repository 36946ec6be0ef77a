"""Learners and checkpoints kept ready between requests: to build one anew would read a data set or file again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from metagui.config.changes import with_changes_of
from metagui.config.experiment import ExperimentConfig, parse
from metagui.engine.checkpoint import read_checkpoint
from metagui.engine.learner import MetaLearner
from metagui.engine.tasks import build_family
from metagui.engine.tasks.base import TaskFamily
from metagui.engine.tasks.provenance import refuse_leak, stamp_of
from metagui.errors import CheckpointError
from metagui.events import Array
from metagui.workspace import datasets_dir

LEARNERS, FAMILIES, FILES = 8, 3, 8
"""How many of each are kept: enough for a comparison, not for the memory of a day."""


@dataclass(frozen=True, slots=True)
class SavedNetwork:
    """What a checkpoint says of a network; moments and random states are left in the file."""

    weights: dict[str, Tensor]
    config: dict[str, Any]
    data: dict[str, str]


def ready_learner(config: dict[str, Any], data_dir: str) -> MetaLearner:
    """The learner of a configuration, on the CPU, which leaves the device to training.

    Whose weights it has is open: :func:`take_over` gives it some. Raises InvalidValueError or DataError.
    """
    parsed, datasets = parse(config), datasets_dir(Path(data_dir))
    stamp = stamp_of(parsed.task, datasets)
    learner = _learner(json.dumps(config, sort_keys=True), str(datasets), stamp)
    learner.reconfigure(with_changes_of(learner.config, config))  # an earlier checkpoint may have had others
    return learner


def take_over(
    learner: MetaLearner, weights: Mapping[str, Array], checkpoint: str, held_out: TaskFamily | None = None
) -> None:
    """Load the weights given, else those of the file, with the rates and lambda of that time, else random ones.

    Raises CheckpointError where they cannot be read or belong to another network, DataError where they were trained on
    what ``held_out`` holds out.
    """
    if weights:
        learner.load_parameters({name: torch.tensor(value.numpy()) for name, value in weights.items()})
    elif checkpoint:
        saved = saved_network(checkpoint)
        if held_out is not None:
            refuse_leak(saved.data, held_out)
        learner.load_parameters(saved.weights)
        learner.reconfigure(with_changes_of(learner.config, saved.config))
    else:
        learner.reset_parameters()


def saved_network(path: str) -> SavedNetwork:
    """A checkpoint, read again only where the file is another one; raises CheckpointError."""
    try:
        status = Path(path).stat()
    except OSError as error:
        raise CheckpointError(f"{path}: there is no such checkpoint") from error
    return _saved(path, status.st_mtime_ns, status.st_size)


def on_cpu(config: dict[str, Any]) -> ExperimentConfig:
    """The configuration of a network that is only looked at."""
    return parse(config | {"compute": config.get("compute", {}) | {"device": "cpu"}})


@lru_cache(maxsize=LEARNERS)
def _learner(config: str, datasets: str, stamp: int) -> MetaLearner:
    """``stamp`` tells a data set that was replaced from the one before."""
    content = json.loads(config)
    family = _family(json.dumps(content.get("task", {}), sort_keys=True), datasets, stamp)
    return MetaLearner(on_cpu(content), family)


@lru_cache(maxsize=FAMILIES)
def _family(task: str, datasets: str, stamp: int) -> TaskFamily:
    """Networks that are compared on the same tasks share the pictures in memory."""
    return build_family(parse({"task": json.loads(task), "model": {"name": "mlp"}}).task, Path(datasets))


@lru_cache(maxsize=FILES)
def _saved(path: str, mtime: int, size: int) -> SavedNetwork:
    saved = read_checkpoint(Path(path))
    return SavedNetwork(saved.weights, saved.config, saved.data)
