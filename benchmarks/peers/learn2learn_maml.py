"""learn2learn's MAML wrapper, from a clone of its source.

Its package does not build from the index on Python 3.11 and imports far more than MAML (gym, data sets); its
``algorithms/maml.py`` needs none of that and is imported behind empty parent packages.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import types
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from benchmarks.networks import flat, loss_of, module_of
from benchmarks.peers.base import Gradient, Peer
from benchmarks.workloads import Problem

SOURCE = "METAGUI_LEARN2LEARN"


class Learn2Learn(Peer):
    name = "learn2learn"
    install = f"git clone https://github.com/learnables/learn2learn, then set {SOURCE} to its folder"
    algorithms: ClassVar[frozenset[str]] = frozenset({"maml", "fomaml", "reptile"})

    def missing(self) -> str | None:
        given = os.environ.get(SOURCE)
        if not given:
            return f"{SOURCE} is not set"
        maml = Path(given) / "learn2learn" / "algorithms" / "maml.py"
        return None if maml.is_file() else f"{SOURCE} has no learn2learn/algorithms/maml.py"

    def version(self) -> str:
        text = (Path(os.environ[SOURCE]) / "learn2learn" / "_version.py").read_text(encoding="utf-8")
        found = re.search(r"['\"](.+)['\"]", text)
        return found.group(1) if found else "?"

    def prepare(self, problem: Problem) -> Gradient:
        workload, batch = problem.workload, problem.batch
        learner = _maml_class()(module_of(problem), lr=workload.inner_lr, first_order=workload.algorithm != "maml")

        def adapted(task: int) -> Any:
            clone = learner.clone()
            for _ in range(workload.inner_steps):
                clone.adapt(loss_of(clone(batch.support.inputs[task]), batch.support.targets[task]))
            return clone

        def by_query_loss() -> Tensor:
            for parameter in learner.parameters():
                parameter.grad = None
            for task in range(len(batch)):
                loss = loss_of(adapted(task)(batch.query.inputs[task]), batch.query.targets[task])
                (loss / len(batch)).backward()
            return flat(parameter.grad for parameter in learner.parameters())

        def by_distance() -> Tensor:
            start = flat(learner.parameters())
            return torch.stack([start - flat(adapted(task).parameters()) for task in range(len(batch))]).mean(dim=0)

        return by_distance if workload.algorithm == "reptile" else by_query_loss


def _maml_class() -> Any:
    root = Path(os.environ[SOURCE]) / "learn2learn"
    for name, folder in {"learn2learn": root, "learn2learn.algorithms": root / "algorithms"}.items():
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return importlib.import_module("learn2learn.algorithms.maml").MAML
