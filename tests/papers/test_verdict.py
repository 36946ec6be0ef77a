"""Yours beside the paper's: overlap by hand, and differences that leave nothing out."""

from __future__ import annotations

import numpy as np
import pytest

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.events import Array, Evaluated
from metagui.papers.presets import experiment
from metagui.papers.table import cell_named, cells
from metagui.papers.verdict import Interval, compare, flat, matching_cells, own_cell

MAML = cell_named("maml-omniglot-5w1s")


def evaluated(mean: float, ci95: float, config: ExperimentConfig, *, steps: int = 3, n_tasks: int = 600) -> Evaluated:
    """Chance before adaptation, then ``mean`` plus a thousandth a step."""
    by_step = np.array([0.2] + [mean + 0.001 * (k - steps) for k in range(1, steps + 1)])
    return Evaluated(
        request=1,
        metric="accuracy" if config.task.kind != "regression" else "mse",
        mean=mean,
        ci95=ci95,
        median=mean,
        n_tasks=n_tasks,
        n_worse=0,
        inner_steps=steps,
        norm_mode="transductive" if config.task.kind == "images" else "none",
        n_query=config.task.n_query,
        mean_by_step=Array.of(by_step),
        ci95_by_step=Array.of(np.full(steps + 1, ci95)),
    )


@pytest.mark.parametrize(
    ("a", "b", "overlap"),
    [
        ((0.0, 1.0), (0.5, 2.0), True),
        ((0.0, 1.0), (1.0, 2.0), True),
        ((0.0, 1.0), (1.1, 2.0), False),
        ((0.0, 3.0), (1.0, 2.0), True),
        ((1.5, 1.5), (1.0, 2.0), True),
        ((0.5, 0.5), (1.0, 2.0), False),
    ],
)
def test_that_intervals_overlap_where_they_share_a_point(a, b, overlap: bool) -> None:
    first, second = Interval(sum(a) / 2, *a), Interval(sum(b) / 2, *b)
    assert first.overlaps(second) is overlap
    assert second.overlaps(first) is overlap


@pytest.mark.parametrize(
    ("cell", "mean", "ci95", "relation"),
    [
        ("maml-omniglot-5w1s", 0.981, 0.003, "overlap"),  # 97.8 to 98.4 against 98.3 to 99.1
        ("maml-omniglot-5w1s", 0.979, 0.003, "worse"),
        ("maml-omniglot-5w1s", 0.997, 0.002, "better"),
        ("protonet-omniglot-5w1s", 0.985, 0.004, "overlap"),
        ("protonet-omniglot-5w1s", 0.985, 0.002, "worse"),
        ("maml-sinusoid-10s", 0.8, 0.04, "overlap"),
        ("maml-sinusoid-10s", 0.9, 0.04, "worse"),
        ("maml-sinusoid-10s", 0.5, 0.04, "better"),
        ("maml-sinusoid-10s", float("nan"), 0.1, "unknown"),
    ],
)
def test_that_yours_stands_to_the_papers_as_a_hand_would_say(cell: str, mean: float, ci95: float, relation) -> None:
    config = experiment(cell_named(cell))
    verdict = compare(
        cell_named(cell), evaluated(mean, ci95, config, steps=cell_named(cell).test_steps or 1), config, 1
    )
    assert verdict.relation == relation


def test_that_the_words_name_both_intervals_and_the_gap() -> None:
    config = experiment(MAML)
    worse = compare(MAML, evaluated(0.96, 0.005, config), config, 500)
    assert worse.headline == "Yours is worse: below the paper's interval"
    assert "98.7 ± 0.4 %" in worse.sentence
    assert "95.5 to 96.5 % after 3 inner steps" in worse.sentence
    assert "1.80 points lie between" in worse.sentence
    assert compare(MAML, evaluated(0.985, 0.005, config), config, 500).headline == "The intervals overlap"


def test_that_the_number_is_taken_after_the_papers_inner_steps() -> None:
    config = experiment(MAML)
    longer = compare(MAML, evaluated(0.98, 0.004, config, steps=10), config, 60000)
    assert longer.inner_steps == 3
    assert longer.yours.mean == pytest.approx(0.973)
    assert "algorithm.evaluation_steps" not in {each.path for each in longer.differences}
    shorter = compare(MAML, evaluated(0.98, 0.004, config, steps=1), config, 60000)
    assert shorter.inner_steps == 1
    (steps,) = [each for each in shorter.differences if each.path == "algorithm.evaluation_steps"]
    assert (steps.paper, steps.yours) == ("3", "1")


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.name)
def test_that_a_preset_trained_to_its_end_differs_in_facts_alone(cell) -> None:
    config = experiment(cell)
    n_tasks = cell.facts.get("test_tasks", 600)
    steps = config.algorithm.evaluation_steps
    verdict = compare(cell, evaluated(0.9, 0.01, config, steps=steps, n_tasks=n_tasks), config, config.outer.steps)
    assert {each.path for each in verdict.differences} <= set(cell.facts)
    assert {each.path for each in verdict.unstated} == {path for path in cell.ours if path in flat(config)}
    assert all(each.why and each.title for each in (*verdict.differences, *verdict.unstated))


def test_that_every_change_of_the_protocol_is_listed_with_both_values_and_a_reason() -> None:
    config = apply_overrides(
        experiment(MAML),
        [
            "task.rotations=false",
            "task.within=alphabet",
            "model.filters=32",
            "model.norm_mode=support",
            "algorithm.inner_lr=0.1",
            "algorithm.learned_rates=true",
            "outer.lr_schedule=cosine",
            "outer.meta_batch_size=8",
            "compute.seed=7",
            "outer.validation_every=3",
        ],
    )
    answer = evaluated(0.9, 0.01, config, n_tasks=100)
    answer = Evaluated(**{name: getattr(answer, name) for name in answer.__struct_fields__} | {"norm_mode": "support"})
    verdict = compare(MAML, answer, config, 1500)
    differences = {each.path: (each.paper, each.yours) for each in verdict.differences}
    assert differences == {
        "task.rotations": ("yes", "no"),
        "model.filters": ("64", "32"),
        "model.norm_mode": ("Transductive (each batch)", "Support statistics"),
        "algorithm.inner_lr": ("0.4", "0.1"),
        "outer.meta_batch_size": ("32", "8"),
        "outer.steps": ("60,000", "1,500"),
        "training_classes": ("1,200", "1,028"),
        "test_tasks": ("600", "100"),
    }
    unstated = {each.path: each.yours for each in verdict.unstated}
    assert "alphabet" in unstated["task.within"]
    assert unstated["algorithm.learned_rates"] == "yes"
    assert unstated["outer.lr_schedule"] == "Cosine to 0"
    assert "task.n_query" in unstated
    assert "compute.seed" not in unstated
    assert "outer.validation_every" not in unstated
    assert all(each.why for each in (*verdict.differences, *verdict.unstated))
    assert verdict.agreeing == len(MAML.protocol) + len(MAML.facts) - len(differences)


def test_that_the_queries_and_the_norm_of_the_evaluation_count_not_those_of_the_training() -> None:
    cell = cell_named("maml-mini-imagenet-5w1s")
    config = experiment(cell)
    answer = evaluated(0.45, 0.01, config, steps=10)
    changed = {name: getattr(answer, name) for name in answer.__struct_fields__}
    verdict = compare(cell, Evaluated(**changed | {"n_query": 5, "norm_mode": "support"}), config, config.outer.steps)
    differences = {each.path: (each.paper, each.yours) for each in verdict.differences}
    assert differences["task.n_query"] == ("15", "5")
    assert "model.norm_mode" in differences
    assert differences["data"] == ("mini-ImageNet", "your data set mini-imagenet")


@pytest.mark.parametrize("change", ["task.n_way=3", "task.k_shot=2", "task.name=glyphs"])
def test_that_another_kind_of_task_is_not_compared(change: str) -> None:
    config = apply_overrides(experiment(MAML), [change])
    verdict = compare(MAML, evaluated(0.99, 0.01, config), config, 100)
    assert verdict.relation == "not comparable"
    assert change.partition("=")[0] in {each.path for each in verdict.differences}


def test_that_another_algorithm_is_a_difference_and_what_it_lacks_does_not_apply() -> None:
    config = load_preset("omniglot-maml-5w1s").config
    config = apply_overrides(config, ["algorithm.name=protonet"])
    verdict = compare(MAML, evaluated(0.97, 0.01, config, steps=1), config, 100)
    differences = {each.path: (each.paper, each.yours) for each in verdict.differences}
    assert differences["algorithm.name"] == ("MAML", "ProtoNet")
    assert differences["algorithm.inner_lr"] == ("0.4", "does not apply")


def test_that_a_run_finds_the_cell_of_its_task_and_method_first() -> None:
    config = load_preset("omniglot-imaml-5w1s").config
    own = own_cell(config)
    assert own is not None
    assert own.name == "imaml-omniglot-5w1s"
    assert [cell.setting_name for cell in matching_cells(config)] == ["omniglot-5w1s"] * 7
    assert matching_cells(config)[0] == own
    free = own_cell(apply_overrides(config, ["algorithm.inner_solver=hessian_free"]))
    assert free is not None
    assert free.name == "imaml-hf-omniglot-5w1s"
    assert own_cell(load_preset("points-maml").config) is None
    assert own_cell(load_preset("sinusoid-joint").config) is None
    assert [cell.method for cell in matching_cells(load_preset("sinusoid-joint").config)] == ["maml", "meta-sgd"]


def test_that_pictures_count_as_mini_imagenet_by_their_name() -> None:
    config = experiment(cell_named("maml-mini-imagenet-5w1s"))
    for name, matches in (("mini_imagenet_subset", True), ("MiniImageNet", True), ("birds", False)):
        assert bool(matching_cells(apply_overrides(config, [f"task.dataset={name}"]))) is matches
