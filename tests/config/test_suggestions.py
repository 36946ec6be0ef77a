"""The network to begin with follows the tasks, unless a person chose one."""

from __future__ import annotations

import pytest

from metagui.config import apply_overrides, load_preset, parse, switch
from metagui.config.suggestions import suggested_model


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (("regression",), ("mlp", None, None)),
        (("points",), ("mlp", None, None)),
        (("images", 28, 1), ("conv4", 64, "stride")),
        (("images", 12, 3), ("conv4", 64, "stride")),
        (("images", 32, 3), ("conv4", 64, "pool")),
        (("images", 84, 3), ("conv4", 32, "pool")),
        (("images", 105, 1), ("conv4", 32, "pool")),
    ],
)
def test_that_the_usual_network_is_suggested(form: tuple, expected: tuple) -> None:
    model = suggested_model(*form)
    assert (model["name"], model.get("filters"), model.get("downsampling")) == expected
    task = {"regression": "sinusoid", "points": "points", "images": "glyphs"}[form[0]]
    assert parse({"task": {"name": task}, "model": model}).model.model_dump(mode="json") == model


def test_that_another_kind_of_task_brings_its_network() -> None:
    waves = load_preset("sinusoid-maml").config
    assert waves.model.name == "mlp"
    pictures = apply_overrides(waves, ["task.name=omniglot"])
    assert pictures.model.model_dump(mode="json") == suggested_model("images")
    back = apply_overrides(pictures, ["task.name=sinusoid"])
    assert back.model.name == "mlp"
    assert apply_overrides(load_preset("glyphs-maml-5w1s").config, ["task.name=points"]).model.name == "mlp"


@pytest.mark.parametrize(
    "assignments",
    [
        ["model.hidden=[64]", "task.name=glyphs"],
        ["model.activation=tanh", "task.name=glyphs"],
        ["task.name=glyphs", "model.name=mlp"],
    ],
)
def test_that_a_network_that_was_chosen_stays_where_it_fits(assignments: list[str]) -> None:
    assert apply_overrides(load_preset("sinusoid-maml").config, assignments).model.name == "mlp"


def test_that_the_same_kind_of_task_changes_no_network() -> None:
    content = load_preset("glyphs-protonet-5w1s").config.to_dict()
    assert switch(content, "task", "omniglot")["model"] == content["model"]
    resnet = apply_overrides(load_preset("glyphs-protonet-5w1s").config, ["model.name=resnet12"]).to_dict()
    assert switch(resnet, "task", "omniglot")["model"]["name"] == "resnet12"


def test_that_unfinished_writing_in_a_form_is_no_obstacle() -> None:
    content = load_preset("sinusoid-maml").config.to_dict()
    content["model"]["hidden"] = "40, forty"
    assert switch(content, "task", "points")["model"]["hidden"] == "40, forty"
    content = load_preset("glyphs-maml-5w1s").config.to_dict()
    content["model"]["filters"] = ""
    assert switch(content, "task", "sinusoid")["model"]["name"] == "mlp"
