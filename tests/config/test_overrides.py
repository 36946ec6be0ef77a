"""``--set field.path=value``."""

from __future__ import annotations

import pytest

from metagui.config import ExperimentConfig, apply_overrides, load_preset, parse, switch
from metagui.errors import InvalidValueError

BASE = load_preset("sinusoid-maml").config


def test_that_no_assignments_change_nothing() -> None:
    assert apply_overrides(BASE, []) == BASE


@pytest.mark.parametrize(
    ("assignment", "section", "field", "value"),
    [
        ("algorithm.inner_steps=5", "algorithm", "inner_steps", 5),
        ("algorithm.inner_lr = 0.1", "algorithm", "inner_lr", 0.1),
        ("algorithm.inner_lr=1e-2", "algorithm", "inner_lr", 0.01),
        ("model.hidden=[20, 20, 20]", "model", "hidden", (20, 20, 20)),
        ("model.activation=tanh", "model", "activation", "tanh"),
        ('model.activation="tanh"', "model", "activation", "tanh"),
        ("compute.device=cuda:1", "compute", "device", "cuda:1"),
        ("compute.seed=3", "compute", "seed", 3),
    ],
)
def test_that_a_value_is_read_as_a_person_writes_it(assignment: str, section: str, field: str, value: object) -> None:
    changed = apply_overrides(BASE, [assignment])
    assert getattr(getattr(changed, section), field) == value
    assert load_preset("sinusoid-maml").config == BASE, "the original is untouched"


def test_that_later_assignments_win_and_all_are_applied() -> None:
    changed = apply_overrides(BASE, ["algorithm.inner_steps=2", "outer.steps=7", "algorithm.inner_steps=3"])
    assert (changed.algorithm.inner_steps, changed.outer.steps) == (3, 7)


def test_that_the_algorithm_can_be_swapped_and_then_set() -> None:
    changed = apply_overrides(BASE, ["algorithm.name=imaml", "algorithm.proximal_lambda=0.5"])
    assert changed.algorithm.model_dump()["proximal_lambda"] == 0.5


def test_that_swapping_keeps_what_was_changed_and_takes_defaults_for_the_rest() -> None:
    changed = switch(parse({"algorithm": {"name": "maml", "inner_lr": 0.25}}).to_dict(), "algorithm", "imaml")
    algorithm = parse(changed).algorithm.model_dump()
    assert algorithm["inner_lr"] == 0.25
    assert algorithm["inner_steps"] == 16, "iMAML's own default, not MAML's"


def test_that_rules_across_fields_are_checked_once_all_is_set() -> None:
    # Each alone would be refused; together they are fine.
    changed = apply_overrides(BASE, ["task.amplitude_min=6", "task.amplitude_max=7"])
    assert changed.task.model_dump()["amplitude_min"] == 6
    swapped = apply_overrides(ExperimentConfig(), ["model.name=conv4", "task.name=glyphs"])
    assert (swapped.task.name, swapped.model.name) == ("glyphs", "conv4")


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("algorithm.inner_steps=0", r"algorithm\.inner_steps: must be at least 1, not 0"),
        ("algorithm.inner_stpes=1", r"algorithm\.inner_stpes: .*did you mean inner_steps\?"),
        ("algoritm.inner_steps=1", r"algoritm\.inner_steps: paths begin with .*did you mean algorithm\?"),
        ("inner_steps=1", r"inner_steps: paths begin with task, model"),
        ("algorithm=maml", r"algorithm: name a field of algorithm"),
        ("algorithm.inner_steps", r"write it as field\.path=value"),
        ("algorithm.name=mmal", r"algorithm\.name: 'mmal' is not one of .*did you mean maml\?"),
        ("algorithm.inner_steps=", r"algorithm\.inner_steps: .*not ''"),
        ("algorithm.inner_steps=abc", r"algorithm\.inner_steps: must be a whole number, not 'abc'"),
        ("algorithm.inner_lr=abc", r"algorithm\.inner_lr: must be a number, not 'abc'"),
        ("task.k_shot=1.5", r"task\.k_shot: must be a whole number, not 1\.5"),
        ("compute.name=fast", r"compute\.name: there is no such field"),
        ("model.hidden=40", r"model\.hidden: "),
        ("=3", r"paths begin with"),
        ("", r"write it as field\.path=value"),
        (
            "algorithm.proximal_lambda=1",
            r"algorithm\.proximal_lambda: maml has no such field; it belongs to algorithm\.name=imaml",
        ),
    ],
)
def test_that_a_wrong_assignment_is_answered_with_what_would_be_right(assignment: str, expected: str) -> None:
    with pytest.raises(InvalidValueError, match=expected):
        apply_overrides(BASE, [assignment])
