"""What may be changed while a run goes on, which fields apply, and what iMAML refuses before it starts."""

from __future__ import annotations

import pytest

from metagui.config import apply_overrides, describe, load_preset
from metagui.config.algorithms import IMAML, Reptile
from metagui.config.changes import changeable_paths, with_change, with_changes_of
from metagui.errors import InvalidValueError

BASE = load_preset("sinusoid-imaml").config
LAM, RATE = "algorithm.proximal_lambda", "algorithm.inner_lr"


def test_that_a_change_keeps_all_else() -> None:
    changed = with_change(BASE, LAM, 3.0)
    assert changed.algorithm.model_dump() == BASE.algorithm.model_dump() | {"proximal_lambda": 3.0}
    assert changed.outer == BASE.outer


def test_that_only_what_has_a_meaning_can_be_changed() -> None:
    assert changeable_paths(BASE) == (RATE, LAM)
    learned = apply_overrides(BASE, ["algorithm.learn_lambda=true"])
    assert changeable_paths(learned) == (RATE,)
    newton = apply_overrides(BASE, ["algorithm.inner_solver=hessian_free"])
    assert changeable_paths(newton) == (LAM,)
    with pytest.raises(InvalidValueError, match=r"only algorithm\.proximal_lambda can be"):
        with_change(newton, RATE, 0.5)


def test_that_saved_values_of_another_algorithm_are_not_taken_over() -> None:
    saved = with_change(BASE, LAM, 3.0).to_dict()
    assert with_changes_of(BASE, saved) == with_change(BASE, LAM, 3.0)
    other = apply_overrides(BASE, ["algorithm.name=reptile"])
    assert isinstance(other.algorithm, Reptile)
    assert with_changes_of(other, saved) == other
    del saved["algorithm"]["proximal_lambda"]
    assert with_changes_of(BASE, saved) == BASE


def test_that_fields_say_beside_which_values_they_have_a_meaning() -> None:
    fields = {field.name: field for field in describe(IMAML)}
    values = IMAML().model_dump()
    shown = {name for name, field in fields.items() if field.applies(values)}
    assert {"cg_steps", "cg_tolerance", "inner_lr"} <= shown
    assert not {"neumann_steps", "newton_cg_steps", "lambda_shape", "lambda_floor"} & shown
    assert fields["lambda_shape"].applies(values | {"learn_lambda": True})
    assert fields["neumann_rate"].applies(values | {"solver": "neumann"})
    assert all(set(field.when) <= set(fields) for field in fields.values())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (["algorithm.cg_steps=0"], r"algorithm\.cg_steps: must be at least 1, not 0"),
        (
            ["algorithm.solver=exact", "model.hidden=[64, 64]"],
            r"algorithm\.solver: the exact solution writes the Hessian out, .* this one has 4,353 or more",
        ),
        (
            ["algorithm.learn_lambda=true", "algorithm.lambda_floor=10"],
            r"algorithm\.lambda_floor: λ begins at 0\.5; the smallest λ must not be above it",
        ),
    ],
)
def test_that_what_cannot_work_is_refused_by_name_before_the_start(changes: list[str], sentence: str) -> None:
    with pytest.raises(InvalidValueError, match=sentence):
        apply_overrides(BASE, changes)
