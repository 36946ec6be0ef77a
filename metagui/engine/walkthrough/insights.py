"""Comparisons that the textbook's lines do not make themselves: what the missing factor costs, who pulls how hard."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from metagui.engine import textbook
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Parameters, ParameterSpace
from metagui.events import Insight

if TYPE_CHECKING:
    from metagui.engine.walkthrough.recorder import Stage


def insights_of(walkthrough: str, stage: Stage) -> tuple[Insight, ...]:
    """What is worth saying beside this walk-through, computed anew from the same parameters and tasks."""
    return tuple(_honest(insight) for insight in _insights(walkthrough, stage))


def _honest(insight: Insight) -> Insight:
    """Numbers that are none compare nothing: then this is what there is to say."""
    lengths = (length for _, *both in insight.arrows for length in both)
    if all(map(math.isfinite, (*(value for _, value in insight.figures), *lengths))):
        return insight
    finite = tuple((name, value) for name, value in insight.figures if math.isfinite(value))
    text = "The inner loop diverges at this inner rate, and there is nothing to compare: lower it."
    return Insight(title=insight.title, text=text, figures=finite)


def _insights(walkthrough: str, stage: Stage) -> tuple[Insight, ...]:
    if walkthrough == "imaml":
        result = _imaml(stage)  # the longest of all: once for both
        return (
            proximal_and_data_pull(stage),
            conjugate_gradient_residuals(result),
            implicit_and_unrolled(stage, result),
        )
    makers: dict[str, tuple[Callable[[Stage], Insight], ...]] = {
        "maml": (orders_compared,),
        "fomaml": (orders_compared,),
        "reptile": (pulls_compared, reptile_and_maml),
        "outer_step": (list_and_flat,),
    }
    return tuple(make(stage) for make in makers[walkthrough])


def orders_compared(stage: Stage) -> Insight:
    """MAML's meta-gradient beside the first-order one, which leaves out the factors (I − αH)."""
    second = _flat(stage, _maml_gradient(stage))
    first = _flat(
        stage,
        textbook.fomaml.meta_gradient(
            stage.model, stage.fresh(), stage.tasks, stage.inner_lr, stage.inner_steps
        ).gradient,
    )
    cosine = _cosine(first, second)
    across = float(first @ second / second.norm().clamp_min(1e-30))
    up = float((first.norm().square() - across**2).clamp_min(0).sqrt())
    return Insight(
        title="The factor that FOMAML leaves out",
        text=(
            "MAML multiplies each task's query gradient by (I − αH) once for every inner step. Without it the gradient "
            f"differs by {_percent((first - second).norm() / second.norm().clamp_min(1e-30))} of MAML's length; the "
            f"cosine between the two is {cosine:.4f}."
        ),
        figures=(
            ("‖MAML‖", float(second.norm())),
            ("‖FOMAML‖", float(first.norm())),
            ("‖MAML − FOMAML‖", float((second - first).norm())),
            ("cosine", cosine),
        ),
        arrows=(("MAML", float(second.norm()), 0.0), ("FOMAML", across, up)),
    )


def pulls_compared(stage: Stage) -> Insight:
    """``move_toward_target`` with λ = 1 and 2, under SGD and under Adam's first step: how far θ moves."""
    result = textbook.reptile.meta_gradient(stage.model, stage.fresh(), stage.tasks, stage.inner_lr, stage.inner_steps)
    way = float(_flat(stage, result.gradient).norm())
    figures = []
    for name, make in (
        ("SGD", lambda theta: torch.optim.SGD(theta, lr=0.1)),
        ("Adam", lambda theta: torch.optim.Adam(theta, lr=0.001)),
    ):
        for lam in (1.0, 2.0):
            theta = stage.fresh()
            before = _flat(stage, theta).detach()
            target = {key: value.detach() - result.gradient[key] for key, value in theta.items()}
            textbook.move_toward_target(theta, target, make(list(theta.values())), lam=lam)
            figures.append((f"{name}, λ = {lam:g}", float((_flat(stage, theta).detach() - before).norm())))
    return Insight(
        title="Why λ = 2 doubles the step",
        text=(
            "The gradient of λ/2·‖θ − target‖² is λ (θ − target). Under SGD the step is λ times as long (the way to "
            f"the target is {way:.4g}, the rate here 0.1); under Adam's first step the factor is divided out again."
        ),
        figures=tuple(figures),
    )


def reptile_and_maml(stage: Stage) -> Insight:
    """Reptile's direction beside MAML's."""
    reptile = _flat(
        stage,
        textbook.reptile.meta_gradient(
            stage.model, stage.fresh(), stage.tasks, stage.inner_lr, stage.inner_steps
        ).gradient,
    )
    maml = _flat(stage, _maml_gradient(stage))
    return Insight(
        title="Reptile's direction and MAML's",
        text="Reptile steps along θ − φ, which is no loss's gradient; the cosine says how far the two agree here.",
        figures=(
            ("cosine", _cosine(reptile, maml)),
            ("‖θ − φ‖", float(reptile.norm())),
            ("‖MAML‖", float(maml.norm())),
        ),
    )


def proximal_and_data_pull(stage: Stage) -> Insight:
    """At the end of each inner step on the first task: ‖∇L(φ)‖ against λ‖φ − θ‖, and their sum's norm."""
    lam, task = _lambda(stage), stage.tasks[0]
    theta = {name: value.detach() for name, value in stage.fresh().items()}
    phi, figures = dict(theta), []
    for steps in range(stage.inner_steps + 1):
        leaves = {name: value.detach().requires_grad_() for name, value in phi.items()}
        loss = task_loss(stage.model.forward(leaves, task.support.inputs), task.support.targets)
        slopes = torch.autograd.grad(loss, list(leaves.values()))
        pulls = [lam * (value.detach() - theta[name]) for name, value in leaves.items()]
        data, pull = (torch.cat([one.flatten() for one in parts]) for parts in (slopes, pulls))
        phi = {
            name: value.detach() - stage.inner_lr * (slope + back)
            for (name, value), slope, back in zip(leaves.items(), slopes, pulls, strict=True)
        }
        figures += [
            (f"data, step {steps}", float(data.norm())),
            (f"λ-pull, step {steps}", float(pull.norm())),
            (f"‖∇G‖, step {steps}", float((data + pull).norm())),
        ]
    return Insight(
        title="Data pull against proximal pull, task 1",
        text=(
            "At the solution of the inner problem the two cancel: ‖∇G‖ = ‖∇L + λ (φ − θ)‖ would be 0 there. What is "
            "left of it after the last step is the inner residual; the meta-gradient is only as right as it is small."
        ),
        figures=tuple(figures),
    )


def conjugate_gradient_residuals(result: textbook.ImplicitMetaGradient) -> Insight:
    """‖v − A x_i‖/‖v‖ of every task and iteration."""
    figures = tuple(
        (f"task {number + 1}, iteration {i}", residual)
        for number, residuals in enumerate(result.cg_residuals)
        for i, residual in enumerate(residuals)
    )
    return Insight(
        title="Conjugate gradient, iteration by iteration",
        text="How much of (H + λI) x = v is still unsolved, relative to v. Each iteration needs one product with H.",
        figures=figures,
        logarithmic=True,
    )


def implicit_and_unrolled(stage: Stage, result: textbook.ImplicitMetaGradient) -> Insight:
    """The implicit meta-gradient beside the one through all proximal steps."""
    implicit = _flat(stage, result.gradient)
    unrolled = _flat(stage, _unrolled_proximal_gradient(stage))
    cosine = _cosine(implicit, unrolled)
    across = float(implicit @ unrolled / unrolled.norm().clamp_min(1e-30))
    up = float((implicit.norm().square() - across**2).clamp_min(0).sqrt())
    return Insight(
        title="Implicit and unrolled meta-gradient",
        text=(
            "Differentiating the solution, against differentiating every step on the way to it: cosine "
            f"{cosine:.4f}. They meet when the inner loop is solved; until then they are gradients of different things."
        ),
        figures=(
            ("‖implicit‖", float(implicit.norm())),
            ("‖unrolled‖", float(unrolled.norm())),
            ("‖difference‖", float((implicit - unrolled).norm())),
            ("cosine", cosine),
        ),
        arrows=(("unrolled", float(unrolled.norm()), 0.0), ("implicit", across, up)),
    )


def list_and_flat(stage: Stage) -> Insight:
    """The parameters after the two ways of giving one gradient."""
    gradient = textbook.fomaml.meta_gradient(
        stage.model, stage.fresh(), stage.tasks, stage.inner_lr, stage.inner_steps
    ).gradient
    ends = []
    for flat in (False, True):
        theta = stage.fresh()
        given = _flat(stage, gradient) if flat else list(gradient.values())
        textbook.outer_step_with_grad(stage.optimizer(theta), theta, given, flat_grad=flat)
        ends.append(_flat(stage, theta).detach())
    start = _flat(stage, stage.fresh()).detach()
    return Insight(
        title="A list or one flat vector",
        text="Two forms of the same gradient take the same step.",
        figures=(
            ("step, list", float((ends[0] - start).norm())),
            ("step, flat", float((ends[1] - start).norm())),
            ("difference", float((ends[0] - ends[1]).norm())),
        ),
    )


def _maml_gradient(stage: Stage) -> Parameters:
    return textbook.maml.meta_gradient(
        stage.model, stage.fresh(), stage.tasks, stage.inner_lr, stage.inner_steps
    ).gradient


def _imaml(stage: Stage) -> textbook.ImplicitMetaGradient:
    cg_steps = int(stage.option("cg_steps", 5))
    return textbook.imaml.meta_gradient(
        stage.model, stage.fresh(), stage.tasks, stage.inner_lr, stage.inner_steps, _lambda(stage), cg_steps
    )


def _unrolled_proximal_gradient(stage: Stage) -> Parameters:
    """∇θ of the mean query loss through every proximal gradient step, by autograd."""
    theta, lam = stage.fresh(), _lambda(stage)
    total = torch.zeros((), dtype=stage.learner.dtype)
    for task in stage.tasks:
        phi = dict(theta)
        for _ in range(stage.inner_steps):
            loss = task_loss(stage.model.forward(phi, task.support.inputs), task.support.targets)
            slopes = torch.autograd.grad(loss, list(phi.values()), create_graph=True)
            phi = {
                name: value - stage.inner_lr * (slope + lam * (value - theta[name]))
                for (name, value), slope in zip(phi.items(), slopes, strict=True)
            }
        total = total + task_loss(stage.model.forward(phi, task.query.inputs), task.query.targets)
    gradients = torch.autograd.grad(total / len(stage.tasks), list(theta.values()))
    return dict(zip(theta, gradients, strict=True))


def _lambda(stage: Stage) -> float:
    return float(stage.option("proximal_lambda", 2.0))


def _flat(stage: Stage, parameters: Parameters) -> Tensor:
    return ParameterSpace(stage.model.shapes).flatten(parameters)


def _cosine(one: Tensor, other: Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(one.double(), other.double(), dim=0))


def _percent(share: Tensor) -> str:
    return f"{100 * float(share):.1f} %"
