"""Implicit differentiation: the linear systems of iMAML, solved for a bank of tasks at once. One file a solver."""

from __future__ import annotations

from metagui.engine.implicit.cg import ConjugateGradient, conjugate_gradient
from metagui.engine.implicit.exact import Exact
from metagui.engine.implicit.neumann import Neumann
from metagui.engine.implicit.system import Answer, LinearSolver, System

__all__ = ["Answer", "ConjugateGradient", "Exact", "LinearSolver", "Neumann", "System", "conjugate_gradient"]
