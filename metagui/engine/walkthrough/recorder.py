"""Answers a Record: one meta-step of the textbook's code on real tasks, every statement with what it changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from metagui.config.experiment import ExperimentConfig, parse
from metagui.engine import textbook
from metagui.engine.adaptation import picture
from metagui.engine.checkpoint import read_checkpoint
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner, build_optimizer
from metagui.engine.models.base import Parameters, ParameterSpace
from metagui.engine.seeding import generator
from metagui.engine.tasks.provenance import refuse_leak
from metagui.engine.walkthrough.graph_memory import GraphMemory
from metagui.engine.walkthrough.insights import insights_of
from metagui.engine.walkthrough.tracer import Locals, Statement, Tracer, unwatched
from metagui.engine.walkthrough.values import ValueBook
from metagui.errors import CheckpointError, InvalidValueError
from metagui.events import Adaptation, Moment, Record, Recorded
from metagui.walkthroughs.catalogue import WALKTHROUGHS
from metagui.workspace import datasets_dir

MOST_TASKS = 8
MOST_STEPS = 20
MOST_ITERATIONS = 50


class _SupersededError(Exception):
    """Unwinds the textbook's code when a newer request came in."""


def record(request: Record, superseded: Callable[[], bool]) -> Recorded | None:
    """None when superseded. Raises InvalidValueError for what no walk-through can show, CheckpointError or DataError
    where weights or data misfit."""
    config = _checked(request)
    learner = MetaLearner(config, datasets=datasets_dir(Path(request.data_dir)))
    theta = _theta(learner, request)
    random = generator(config.compute.seed, "walkthrough")
    stage = Stage(
        config, learner, theta, learner.family.sample(request.n_tasks, random).to(learner.device, learner.dtype)
    )
    notebook = _Notebook(stage, superseded)
    besides = [*theta.values(), *(t for e in (stage.tasks.support, stage.tasks.query) for t in (e.inputs, e.targets))]
    try:
        with (
            GraphMemory(besides) as memory,
            Tracer(lambda statement, variables: notebook.note(statement, variables, memory.bytes)),
        ):
            SCENES[request.walkthrough](stage)
        with Tracer(lambda statement, variables: notebook.go_on()):
            insights = insights_of(request.walkthrough, stage)
        notebook.go_on()
    except _SupersededError:
        return None
    return Recorded(
        request=request.request,
        walkthrough=request.walkthrough,
        moments=tuple(notebook.moments),
        values=tuple(notebook.book.values),
        arrays=tuple(notebook.book.arrays),
        pictures=notebook.pictures(),
        insights=insights,
        origin=_origin(request),
        n_tasks=request.n_tasks,
        inner_steps=config.algorithm.inner_steps,
    )


class Stage:
    """What a walk-through runs on. ``theta`` are leaves; :meth:`fresh` gives equal ones for another run."""

    def __init__(self, config: ExperimentConfig, learner: MetaLearner, theta: Parameters, tasks: EpisodeBatch) -> None:
        self.config = config
        self.learner = learner
        self.model = learner.bank.model
        self.theta = theta
        self.tasks = tasks
        self._start = {name: value.detach().clone() for name, value in theta.items()}

    @property
    def inner_lr(self) -> float:
        return float(self.config.algorithm.inner_lr)  # type: ignore[attr-defined]  # checked before

    @property
    def inner_steps(self) -> int:
        return self.config.algorithm.inner_steps

    def option(self, name: str, otherwise: Any) -> Any:
        """A field of the algorithm, where it has it."""
        return getattr(self.config.algorithm, name, otherwise)

    def fresh(self) -> Parameters:
        """The parameters as they were before the recording, as new leaves."""
        return {name: value.clone().requires_grad_() for name, value in self._start.items()}

    def optimizer(self, theta: Parameters) -> torch.optim.Optimizer:
        return build_optimizer(list(theta.values()), self.config.outer)

    def sample(self, n_tasks: int, random: torch.Generator, split: str = "train") -> EpisodeBatch:
        """The tasks of this walk-through: the textbook's outermost loop draws from here."""
        return self.tasks


def _train(stage: Stage, meta_step: Callable[[EpisodeBatch], float]) -> None:
    textbook.meta_train(meta_step, stage, len(stage.tasks), 1, torch.Generator())  # type: ignore[arg-type]


def _maml(stage: Stage) -> None:
    optimizer = stage.optimizer(stage.theta)
    _train(
        stage,
        lambda tasks: textbook.maml.meta_step(
            stage.model, stage.theta, tasks, stage.inner_lr, stage.inner_steps, optimizer
        ),
    )


def _fomaml(stage: Stage) -> None:
    optimizer = stage.optimizer(stage.theta)
    _train(
        stage,
        lambda tasks: textbook.fomaml.meta_step(
            stage.model, stage.theta, tasks, stage.inner_lr, stage.inner_steps, optimizer
        ),
    )


def _reptile(stage: Stage) -> None:
    optimizer = stage.optimizer(stage.theta)
    _train(
        stage,
        lambda tasks: textbook.reptile.meta_step(
            stage.model, stage.theta, tasks, stage.inner_lr, stage.inner_steps, optimizer
        ),
    )


def _imaml(stage: Stage) -> None:
    optimizer = stage.optimizer(stage.theta)
    proximal_lambda, cg_steps = float(stage.option("proximal_lambda", 2.0)), int(stage.option("cg_steps", 5))
    _train(
        stage,
        lambda tasks: textbook.imaml.meta_step(
            stage.model,
            stage.theta,
            tasks,
            stage.inner_lr,
            stage.inner_steps,
            proximal_lambda,
            cg_steps,
            optimizer,
        ),
    )


def _outer_step(stage: Stage) -> None:
    """The same gradient given twice, to equal parameters: as a list, then as one flat vector."""
    with unwatched():  # how the gradient came about is another walk-through
        gradient = textbook.fomaml.meta_gradient(
            stage.model, stage.fresh(), stage.tasks, stage.inner_lr, stage.inner_steps
        ).gradient
    textbook.outer_step_with_grad(stage.optimizer(stage.theta), stage.theta, list(gradient.values()))
    again = stage.fresh()
    flat = ParameterSpace(stage.model.shapes).flatten(gradient)
    textbook.outer_step_with_grad(stage.optimizer(again), again, flat, flat_grad=True)


SCENES: dict[str, Callable[[Stage], None]] = {
    "maml": _maml,
    "fomaml": _fomaml,
    "reptile": _reptile,
    "imaml": _imaml,
    "outer_step": _outer_step,
}


class _Notebook:
    """Writes down what the tracer sees."""

    def __init__(self, stage: Stage, superseded: Callable[[], bool]) -> None:
        self.moments: list[Moment] = []
        self.book = ValueBook()
        self._stage = stage
        self._superseded = superseded
        self._scopes: dict[int, dict[str, int]] = {}
        self._losses: list[float] = []
        self._paths: dict[int, list[Tensor]] = {}
        self._taken = 0

    def go_on(self) -> None:
        """Unless a newer request came in: then nobody waits for this one."""
        if self._superseded():
            raise _SupersededError

    def note(self, statement: Statement, variables: Locals, memory: int) -> None:
        self.go_on()
        before = self._scopes.get(statement.depth, {})
        if self.moments and self.moments[-1].depth < statement.depth:
            before = {}  # a new call
        scope = {}
        for name, thing in variables.items():
            index = self.book.index_of(thing)
            if index is not None:
                scope[name] = index
        known = {} if statement.calling else before
        changed = tuple(name for name, index in scope.items() if known.get(name) != index)
        if statement.calling:
            changed = ()
        else:
            self._scopes[statement.depth] = scope
        self._follow(statement, variables, changed)
        position = statement.position
        self.moments.append(
            Moment(
                file=statement.file,
                line=statement.line,
                function=statement.function,
                depth=statement.depth,
                calling=statement.calling,
                task=position.task,
                inner_step=position.inner_step,
                iteration=position.iteration,
                scope=tuple(scope.items()),
                changed=changed,
                losses=tuple(self._losses),
                memory=memory,
                picture_step=self._taken,
            )
        )

    def _follow(self, statement: Statement, variables: Locals, changed: tuple[str, ...]) -> None:
        """Keep the tasks' query losses, and the way of their parameters."""
        task = statement.position.task
        if statement.function in ("outer_loss", "meta_gradient"):
            if "total" in changed and task >= 0:
                self._losses.append(float(variables["total"].detach()) - sum(self._losses))
            elif "query_losses" in variables and isinstance(variables["query_losses"], list):
                self._losses = [float(loss) for loss in variables["query_losses"]]
        if statement.function in ("adapted_parameters", "proximal_parameters") and "phi" in changed and task >= 0:
            path = self._paths.setdefault(task, [])
            path.append(self._stage.learner.bank.space.flatten(variables["phi"]).detach().clone())
            self._taken = len(path) - 1
        elif task not in self._paths:
            self._taken = 0

    def pictures(self) -> tuple[Adaptation, ...]:
        """The tasks, before and after every step that was recorded."""
        stage = self._stage
        if len(self._paths) < len(stage.tasks):
            return ()
        path = [torch.stack(steps) for steps in zip(*(self._paths[task] for task in sorted(self._paths)), strict=True)]
        return tuple(picture(stage.learner, stage.tasks, path, task, task) for task in range(len(stage.tasks)))


def _checked(request: Record) -> ExperimentConfig:
    """The configuration on the CPU; raises InvalidValueError for what cannot be walked through."""
    if request.walkthrough not in WALKTHROUGHS:
        raise InvalidValueError("walkthrough", f"{request.walkthrough!r} is not one of {', '.join(WALKTHROUGHS)}")
    content = copy.deepcopy(request.config)
    content["compute"]["device"] = "cpu"  # training keeps the accelerator
    config = parse(content)
    algorithm = config.algorithm
    if not hasattr(algorithm, "inner_lr") or "inner_steps" not in type(algorithm).model_fields:
        raise InvalidValueError("algorithm.name", f"{algorithm.title} has no inner loop to walk through: choose MAML")
    if not 1 <= request.n_tasks <= MOST_TASKS:
        raise InvalidValueError("tasks", f"a walk-through shows 1 to {MOST_TASKS} tasks, not {request.n_tasks}")
    if not 1 <= algorithm.inner_steps <= MOST_STEPS:
        raise InvalidValueError(
            "algorithm.inner_steps", f"a walk-through shows 1 to {MOST_STEPS} inner steps, not {algorithm.inner_steps}"
        )
    if getattr(algorithm, "cg_steps", 1) > MOST_ITERATIONS:
        raise InvalidValueError("algorithm.cg_steps", f"a walk-through shows at most {MOST_ITERATIONS} CG steps")
    return config


def _theta(learner: MetaLearner, request: Record) -> Parameters:
    """The parameters to walk through with, as leaves; those of the network alone, whatever else was learned."""
    if request.weights:
        given = {name: torch.tensor(array.numpy()) for name, array in request.weights.items()}
    elif request.checkpoint:
        saved = read_checkpoint(Path(request.checkpoint))
        refuse_leak(saved.data, learner.family)
        given = saved.weights
    else:
        given = learner.parameters
    shapes = learner.bank.space.shapes
    missing = [name for name, shape in shapes.items() if name not in given or given[name].shape != shape]
    if missing:
        raise CheckpointError(f"the weights belong to another network: {', '.join(missing)} differ")
    copies = {name: given[name].to(learner.device, learner.dtype, copy=True) for name in shapes}
    return {name: value.contiguous().requires_grad_() for name, value in copies.items()}


def _origin(request: Record) -> str:
    if request.weights or request.checkpoint:
        return f"parameters after {request.step:,} meta-steps"
    return "fresh random parameters"
