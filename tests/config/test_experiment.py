"""Cross-field rules, round trips and where problems are reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metagui.config import ExperimentConfig, check, choices, parse
from metagui.errors import InvalidValueError


def content(**sections: dict[str, Any]) -> dict[str, Any]:
    return dict(sections)


def only_problem(**sections: dict[str, Any]) -> tuple[str, str]:
    problems = check(content(**sections))
    assert len(problems) == 1, problems
    return problems[0].path, problems[0].message


def test_that_an_empty_configuration_is_a_valid_experiment() -> None:
    assert check({}) == []
    assert parse({}) == ExperimentConfig()


def test_that_an_unknown_field_is_named_by_its_path() -> None:
    path, message = only_problem(algorithm={"name": "maml", "inner_stps": 2})
    assert path == "algorithm.inner_stps"
    assert "no such field" in message


def test_that_an_unknown_section_is_named() -> None:
    assert [problem.path for problem in check({"optimiser": {}})] == ["optimiser"]


def test_that_an_unknown_algorithm_is_answered_with_the_known_and_the_nearest() -> None:
    path, message = only_problem(algorithm={"name": "imam"})
    assert path == "algorithm.name"
    assert all(name in message for name in ("maml", "fomaml", "reptile", "imaml"))
    assert "did you mean imaml?" in message


def test_that_a_section_without_a_name_says_so() -> None:
    path, message = only_problem(algorithm={"inner_steps": 2})
    assert (path, message) == ("algorithm.name", "is missing")


@pytest.mark.parametrize("steps", [0, -3])
def test_that_inner_steps_below_one_are_refused(steps: int) -> None:
    path, message = only_problem(algorithm={"name": "maml", "inner_steps": steps})
    assert path == "algorithm.inner_steps"
    assert message == f"must be at least 1, not {steps}"


@pytest.mark.parametrize("value", [-1, 0])
def test_that_lambda_must_be_positive(value: float) -> None:
    path, message = only_problem(algorithm={"name": "imaml", "proximal_lambda": value})
    assert path == "algorithm.proximal_lambda"
    assert "greater than 0" in message


def test_that_an_unstable_proximal_descent_is_refused_where_lambda_is() -> None:
    path, message = only_problem(algorithm={"name": "imaml", "inner_lr": 1.0, "proximal_lambda": 4.0})
    assert path == "algorithm.proximal_lambda"
    assert "diverges" in message


def test_that_more_shots_than_drawings_are_refused() -> None:
    path, message = only_problem(task={"name": "omniglot", "k_shot": 15, "n_query": 10})
    assert path == "task.k_shot"
    assert "25" in message
    assert "20" in message


def test_that_amplitudes_stand_in_order() -> None:
    path, message = only_problem(task={"name": "sinusoid", "amplitude_min": 6.0})
    assert path == "task.amplitude_min"
    assert "at most amplitude_max (5)" in message


def test_that_a_network_for_images_is_refused_where_there_are_none() -> None:
    path, message = only_problem(task={"name": "sinusoid"}, model={"name": "conv4"})
    assert path == "model.name"
    assert "choose mlp" in message


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cpu ", "", "cuda:0:1"])
def test_that_a_device_that_cannot_be_one_is_refused(device: str) -> None:
    path, message = only_problem(compute={"device": device})
    assert path == "compute.device"
    assert "auto, cpu" in message


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:1", "mps", "xpu:0"])
def test_that_devices_are_accepted_by_form(device: str) -> None:
    first_order = {"name": "fomaml"}  # which every device can compute
    assert parse(content(compute={"device": device}, algorithm=first_order)).compute.device == device


@pytest.mark.parametrize("bad", ["many", None, [1], 1.5])
def test_that_a_value_of_another_type_is_named_with_what_it_was(bad: object) -> None:
    problems = check(content(algorithm={"name": "maml", "inner_steps": bad}))
    assert [problem.path for problem in problems] == ["algorithm.inner_steps"]


def test_that_hidden_layers_are_checked_one_by_one() -> None:
    problems = check(content(model={"name": "mlp", "hidden": [40, 0]}))
    assert [problem.path for problem in problems] == ["model.hidden.1"]
    assert check(content(model={"name": "mlp", "hidden": []}))


def test_that_all_problems_are_found_at_once() -> None:
    problems = check(
        content(algorithm={"name": "maml", "inner_steps": 0, "inner_lr": -1}, outer={"name": "adam", "steps": 0})
    )
    assert {problem.path for problem in problems} == {"algorithm.inner_steps", "algorithm.inner_lr", "outer.steps"}


def test_that_parse_raises_the_first_problem_and_counts_the_others() -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse(content(algorithm={"name": "maml", "inner_steps": 0, "inner_lr": -1}))
    assert caught.value.field.startswith("algorithm.")
    assert "(and 1 more)" in str(caught.value)
    assert caught.value.exit_code == 2


def test_that_the_seed_alone_does_not_change_the_fingerprint() -> None:
    plain = parse({})
    assert parse(content(compute={"seed": 7})).fingerprint() == plain.fingerprint()
    assert parse(content(compute={"dtype": "float64"})).fingerprint() != plain.fingerprint()
    assert parse(content(algorithm={"name": "maml", "inner_steps": 2})).fingerprint() != plain.fingerprint()


def test_that_the_fingerprint_is_the_same_in_every_process() -> None:
    # Stored with runs, so it may not depend on hash randomisation or on the order of fields given.
    given = {"algorithm": {"inner_lr": 0.1, "name": "maml"}}
    turned = {"algorithm": {"name": "maml", "inner_lr": 0.1}}
    assert parse(given).fingerprint() == parse(turned).fingerprint()


configurations = st.fixed_dictionaries(
    {
        "task": st.fixed_dictionaries(
            {"name": st.just("glyphs"), "n_way": st.integers(2, 100), "jitter": st.floats(0, 3)}
        ),
        "model": st.sampled_from([{"name": "conv4", "filters": 8}, {"name": "mlp", "hidden": [3, 5]}]),
        "algorithm": st.fixed_dictionaries(
            {
                "name": st.sampled_from(
                    [name for name, cls in choices("algorithm").items() if "inner_steps" in cls.model_fields]
                ),
                "inner_lr": st.floats(1e-6, 0.9),
                "inner_steps": st.integers(1, 1000),
            }
        ),
        "outer": st.fixed_dictionaries({"name": st.sampled_from(["adam", "sgd"]), "outer_lr": st.floats(1e-9, 10)}),
        "compute": st.fixed_dictionaries({"seed": st.integers(0, 2**31 - 1)}),
    }
)


@settings(max_examples=50, deadline=None)
@given(configurations)
def test_that_a_configuration_survives_json(given: dict[str, Any]) -> None:
    config = parse(given)
    assert parse(json.loads(json.dumps(config.to_dict()))) == config
