"""iMAML's inner problem, and what solves it: gradient descent, Adam, Hessian-free. One file a solver."""

from __future__ import annotations

from metagui.engine.proximal.adam import Adam
from metagui.engine.proximal.gradient_descent import GradientDescent
from metagui.engine.proximal.hessian_free import HessianFree
from metagui.engine.proximal.problem import InnerSolver, ProximalProblem

__all__ = ["Adam", "GradientDescent", "HessianFree", "InnerSolver", "ProximalProblem"]
