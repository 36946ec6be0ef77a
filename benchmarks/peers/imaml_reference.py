"""The code published with the iMAML paper, from a clone of its source.

Run as published, it computes something else than the paper's meta-gradient: its inner loop descends on the support loss
alone, with one proximal step at the end, and its conjugate gradient solves with (1 + damping) I + H / (lambda + 10),
because an argument lands in the wrong place. Its own pieces take arguments that put both right; those are timed, and
what the published ones yield is shown beside.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from benchmarks.networks import flat, loss_of, module_of
from benchmarks.peers.base import Gradient, Peer
from benchmarks.workloads import Problem, Workload

SOURCE = "METAGUI_IMAML"
PUBLISHED_DAMPING = 1.0
PUBLISHED_LAM_DAMPING = 10.0


class ImamlReference(Peer):
    name = "iMAML reference"
    install = f"git clone https://github.com/aravindr93/imaml_dev, then set {SOURCE} to its folder; pip install scipy"
    requires: ClassVar[tuple[str, ...]] = ("scipy",)
    algorithms: ClassVar[frozenset[str]] = frozenset({"imaml", "reptile", "fomaml"})
    proximal_inner_loop: ClassVar[bool] = True
    corrected_operator: ClassVar[bool] = True

    def missing(self) -> str | None:
        given = os.environ.get(SOURCE)
        if not given:
            return f"{SOURCE} is not set"
        if not (Path(given) / "implicit_maml" / "learner_model.py").is_file():
            return f"{SOURCE} has no implicit_maml/learner_model.py"
        return super().missing()

    def version(self) -> str:
        """The clone's commit: it has no version."""
        command = ["git", "-C", os.environ[SOURCE], "rev-parse", "--short", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def prepare(self, problem: Problem) -> Gradient:
        workload, batch = problem.workload, problem.batch
        torch.set_default_dtype(problem.dtype)  # its solver starts from zeros of the default type
        learner_model = _import_learner_model()
        learner = learner_model.Learner(
            model=module_of(problem), loss_function=loss_of, inner_lr=workload.inner_lr, outer_alg="sgd"
        )
        tasks = [
            {"x_train": episode.support.inputs, "y_train": episode.support.targets}
            | {"x_val": episode.query.inputs, "y_val": episode.query.targets}
            for episode in batch
        ]
        theta = learner.get_params()

        def gradient() -> Tensor:
            total = torch.zeros_like(theta)
            for task in tasks:
                learner.set_params(theta.clone())
                total += self._of_task(learner, theta, task, workload) / len(tasks)
            return total

        return gradient

    def _of_task(self, learner: Any, theta: Tensor, task: dict[str, Tensor], workload: Workload) -> Tensor:
        steps, strength = workload.inner_steps, workload.proximal_lambda
        if workload.algorithm == "reptile":
            learner.learn_task(task, num_steps=steps)
            moved: Tensor = theta - learner.get_params()
            return moved
        if workload.algorithm == "fomaml":
            learner.learn_task(task, num_steps=steps)
            return _query_gradient(learner, task)
        if self.proximal_inner_loop:
            learner.learn_task(task, num_steps=steps, add_regularization=True, w_0=theta, lam=strength)
        else:
            learner.learn_task(task, num_steps=steps)
            learner.inner_opt.zero_grad()
            learner.regularization_loss(theta, strength).backward()
            learner.inner_opt.step()
        if self.corrected_operator:
            product = learner.matrix_evaluator(task, strength, regu_coef=0.0, lam_damping=0.0)
        else:
            product = learner.matrix_evaluator(task, strength, PUBLISHED_DAMPING, PUBLISHED_LAM_DAMPING)
        utils = importlib.import_module("implicit_maml.utils")
        solution: Tensor = utils.cg_solve(product, _query_gradient(learner, task), workload.cg_steps, x_init=None)
        return solution


class ImamlPublishedOperator(ImamlReference):
    """Its conjugate gradient as published, on the right inner solution."""

    name = "iMAML reference with published CG"
    algorithms: ClassVar[frozenset[str]] = frozenset({"imaml"})
    corrected_operator: ClassVar[bool] = False
    timed: ClassVar[bool] = False


class ImamlAsPublished(ImamlReference):
    """Inner loop and conjugate gradient as published."""

    name = "iMAML reference as published"
    algorithms: ClassVar[frozenset[str]] = frozenset({"imaml"})
    proximal_inner_loop: ClassVar[bool] = False
    corrected_operator: ClassVar[bool] = False
    timed: ClassVar[bool] = False


def _query_gradient(learner: Any, task: dict[str, Tensor]) -> Tensor:
    loss = learner.get_loss(task["x_val"], task["y_val"])
    return flat(torch.autograd.grad(loss, list(learner.model.parameters())))


def _import_learner_model() -> Any:
    """Its module imports a plotting library that the measured part never uses: an empty one stands in."""
    if "matplotlib" not in sys.modules and importlib.util.find_spec("matplotlib") is None:
        matplotlib = types.ModuleType("matplotlib")
        matplotlib.use = lambda backend: None  # type: ignore[attr-defined]
        matplotlib.pyplot = types.ModuleType("matplotlib.pyplot")  # type: ignore[attr-defined]
        sys.modules |= {"matplotlib": matplotlib, "matplotlib.pyplot": matplotlib.pyplot}
    sys.path.insert(0, os.environ[SOURCE])
    return importlib.import_module("implicit_maml.learner_model")
