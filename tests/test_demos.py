"""The shipped demonstrations: whole, what their recipes say, and as good as was measured."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

from metagui.cli.application import build_parser
from metagui.demos import demo_names, load_demo
from metagui.engine.checkpoint import read_checkpoint
from metagui.engine.evaluation import evaluate
from metagui.errors import InvalidValueError
from metagui.events import Evaluate
from metagui.resources import resource

LARGEST = 1_000_000
"""Bytes: a demonstration is a small network."""


def test_that_every_recipe_was_carried_out() -> None:
    recipes = sorted(path.stem for path in resource("demos").glob("*.toml"))

    assert demo_names() == recipes
    assert {"sinusoid-maml", "sinusoid-imaml", "sinusoid-reptile", "sinusoid-joint", "points-maml"} <= set(recipes)


@pytest.mark.parametrize("name", demo_names())
def test_that_the_weights_are_those_that_the_recipe_made(name: str) -> None:
    demo = load_demo(name)

    assert hashlib.sha256(demo.checkpoint.read_bytes()).hexdigest() == demo.sha256
    assert demo.checkpoint.stat().st_size < LARGEST
    saved = read_checkpoint(demo.checkpoint)
    assert saved.config == demo.config.to_dict()
    assert saved.step == demo.measured.step == demo.config.outer.steps
    assert not saved.optimizer


@pytest.mark.parametrize("name", demo_names())
def test_that_its_command_is_one_the_program_understands(name: str) -> None:
    assert callable(build_parser().parse_args(list(load_demo(name).command[1:])).run)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in demo_names() if not name.startswith("omniglot")])
def test_that_it_is_as_good_as_its_recipe_says(name: str, tmp_path: Path) -> None:
    demo = load_demo(name)
    request = Evaluate(
        request=1,
        config=demo.config.to_dict(),
        data_dir=str(tmp_path),
        n_tasks=200,
        checkpoint=str(demo.checkpoint),
        inner_steps=demo.measured.inner_steps,
    )

    result = evaluate(request, lambda: False)

    assert result is not None
    assert result.metric == demo.measured.metric
    assert abs(result.mean - demo.measured.mean) <= 2 * (result.ci95 + demo.measured.ci95)


def test_that_an_unknown_demonstration_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidValueError, match="sinusoid-maml"):
        load_demo("sinusoid")


@pytest.mark.parametrize("path", sorted(resource("demos").glob("*.toml")), ids=lambda path: path.stem)
def test_that_every_demonstration_has_words(path: Path) -> None:
    words = tomllib.loads(path.read_text(encoding="utf-8"))["demo"]

    assert words["title"]
    assert words["summary"].endswith(".")
