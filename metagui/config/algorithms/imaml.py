"""iMAML (Rajeswaran, Finn, Kakade, Levine 2019)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from metagui.config.algorithms.base import InnerLoop
from metagui.config.fields import setting

EXACT_LIMIT = 2000
"""Parameters up to which the Hessian is written out: more would take gigabytes and minutes a step."""


def exact_refusal(parameters: int) -> str:
    """Why a network of this size is not solved for exactly."""
    return (
        f"the exact solution writes the Hessian out, for networks of at most {EXACT_LIMIT:,} parameters; this one has "
        f"{parameters:,} or more: choose conjugate gradient"
    )


class IMAML(InnerLoop):
    title: ClassVar[str] = "iMAML"
    summary: ClassVar[str] = "Proximal inner problem, implicit meta-gradient from a linear system with its Hessian."
    implementation: ClassVar[str] = "metagui.engine.algorithms.imaml:IMAML"
    second_order: ClassVar[bool] = True
    changeable: ClassVar[frozenset[str]] = frozenset({"inner_lr", "proximal_lambda"})
    name: Literal["imaml"] = "imaml"
    inner_lr: float = setting(
        0.01,
        title="Inner rate",
        symbol="α",
        help="Step size of gradient descent or Adam on the inner problem.",
        gt=0,
        le=10,
        logarithmic=True,
        when={"inner_solver": ("gd", "adam")},
    )
    inner_steps: int = setting(
        16, title="Inner steps", symbol="K", help="Steps of the inner solver while training.", ge=1, le=1000
    )
    evaluation_steps: int = setting(
        16,
        title="Evaluation steps",
        help="Steps of the inner solver on held-out tasks, in validation and evaluation.",
        ge=1,
        le=1000,
    )
    inner_solver: Literal["gd", "adam", "hessian_free"] = setting(
        "gd",
        title="Inner solver",
        help="How the inner problem is solved: gradient descent (GD), Adam, or Newton steps whose directions conjugate "
        "gradient finds without ever writing the Hessian out (Hessian-free), each followed by a line search.",
        labels={"gd": "GD", "adam": "Adam", "hessian_free": "Hessian-free"},
    )
    newton_cg_steps: int = setting(
        10,
        title="Newton CG steps",
        help="Conjugate-gradient iterations that find the direction of each Hessian-free step.",
        ge=1,
        le=1000,
        when={"inner_solver": ("hessian_free",)},
    )
    line_search_steps: int = setting(
        8,
        title="Line search",
        unit="halvings",
        help="How often a Hessian-free step may be halved until it lowers the inner objective; else it is not made.",
        ge=0,
        le=60,
        advanced=True,
        when={"inner_solver": ("hessian_free",)},
    )
    proximal_lambda: float = setting(
        2.0,
        title="Proximal strength",
        symbol="λ",
        help="How strongly the adapted parameters are held to the initial ones; where it is learned, at the start.",
        gt=0,
        le=1e6,
        logarithmic=True,
    )
    learn_lambda: bool = setting(
        False,
        title="Learn λ",
        help="Meta-learn λ together with the initial parameters; log λ takes the steps, so that λ stays positive.",
    )
    lambda_shape: Literal["scalar", "layer", "element"] = setting(
        "scalar",
        title="One λ for",
        help="What has a λ of its own to learn. All begin with the same.",
        labels={"scalar": "All parameters", "layer": "Each layer", "element": "Each parameter"},
        when={"learn_lambda": (True,)},
    )
    lambda_floor: float = setting(
        1e-3,
        title="Smallest λ",
        help="No learned λ falls below this: with λ near 0 the system to be solved may lose its solution.",
        gt=0,
        le=1e6,
        logarithmic=True,
        advanced=True,
        when={"learn_lambda": (True,)},
    )
    solver: Literal["cg", "neumann", "exact"] = setting(
        "cg",
        title="Linear solver",
        help="How (H + λI) x = v is solved for the meta-gradient λx: conjugate gradient (CG); a Neumann series, which "
        f"needs λ above the curvature; or exactly, for networks of at most {EXACT_LIMIT:,} parameters.",
        labels={"cg": "CG", "neumann": "Neumann", "exact": "Exact"},
    )
    cg_steps: int = setting(
        5,
        title="CG steps",
        help="Conjugate-gradient iterations that solve (H + λI) x = v.",
        ge=1,
        le=1000,
        when={"solver": ("cg",)},
    )
    cg_tolerance: float = setting(
        1e-10,
        title="CG tolerance",
        symbol="ε",
        help="A task stops iterating once its residual, relative to v, falls below this.",
        ge=0,
        le=1,
        logarithmic=True,
        advanced=True,
        when={"solver": ("cg",)},
    )
    cg_damping: float = setting(
        0.0,
        title="CG damping",
        symbol="δ",
        help="Added to the diagonal of (H + λI); helps where H is indefinite, at the price of a bias.",
        ge=0,
        le=1e6,
        advanced=True,
        when={"solver": ("cg",)},
    )
    neumann_steps: int = setting(
        10,
        title="Neumann terms",
        help="Terms of the series v - (H/λ) v + (H/λ)² v - ... after its first.",
        ge=1,
        le=1000,
        when={"solver": ("neumann",)},
    )
    neumann_rate: float = setting(
        1.0,
        title="Neumann step",
        symbol="η",
        help="Share of each correction that is made. 1 is the plain series, which needs curvatures below λ; a damped "
        "step bears curvatures up to (2/η - 1) λ and takes more terms.",
        gt=0,
        le=1,
        advanced=True,
        when={"solver": ("neumann",)},
    )

    @property
    def changeable_now(self) -> tuple[str, ...]:
        """A λ that is learned has no other hand on it."""
        fields = super().changeable_now
        return tuple(name for name in fields if name != "proximal_lambda") if self.learn_lambda else fields

    @model_validator(mode="after")
    def _inner_descent_is_stable(self) -> IMAML:
        if self.inner_solver == "gd" and self.inner_lr * self.proximal_lambda >= 2:
            raise ValueError(
                f"proximal_lambda: inner rate times λ is {self.inner_lr * self.proximal_lambda:g}; gradient descent on "
                "the proximal term diverges from 2 on: lower one of them"
            )
        return self

    @model_validator(mode="after")
    def _learned_lambda_begins_above_its_floor(self) -> IMAML:
        if self.learn_lambda and self.lambda_floor > self.proximal_lambda:
            raise ValueError(f"lambda_floor: λ begins at {self.proximal_lambda:g}; the smallest λ must not be above it")
        return self
