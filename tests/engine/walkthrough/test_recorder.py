"""Recordings of the textbook's code: real lines, real values, the right differences, and refusals in a sentence."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.engine import textbook
from metagui.engine.learner import MetaLearner
from metagui.engine.seeding import generator
from metagui.engine.walkthrough import recorder
from metagui.engine.walkthrough.recorder import record
from metagui.errors import CheckpointError, InvalidValueError
from metagui.events import Array, Insight, Moment, Record, Recorded, decode_event, encode
from metagui.walkthroughs.catalogue import WALKTHROUGHS
from metagui.walkthroughs.pseudocode import load_pseudocode
from metagui.walkthroughs.sources import load_source, places_of

TASKS = 3


def experiment(algorithm: str, *changes: str, preset: str = "") -> ExperimentConfig:
    config = load_preset(preset or f"sinusoid-{algorithm}").config
    return apply_overrides(config, [f"algorithm.name={algorithm}", "algorithm.inner_steps=3", *changes])


def request(walkthrough: str, config: ExperimentConfig, **more) -> Record:
    return Record(request=7, config=config.to_dict(), data_dir="", walkthrough=walkthrough, n_tasks=TASKS, **more)


def recording(walkthrough: str, *changes: str, algorithm: str = "", preset: str = "", **more) -> Recorded:
    algorithm = algorithm or ("fomaml" if walkthrough == "outer_step" else walkthrough)
    recorded = record(request(walkthrough, experiment(algorithm, *changes, preset=preset), **more), lambda: False)
    assert recorded is not None
    return recorded


def figures(recorded: Recorded, title: str) -> dict[str, float]:
    (found,) = [insight for insight in recorded.insights if title in insight.title]
    return dict(found.figures)


def value(recorded: Recorded, moment: Moment, name: str):
    return recorded.values[dict(moment.scope)[name]]


# --- what ran --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("walkthrough", sorted(WALKTHROUGHS))
def test_that_every_line_of_its_pseudocode_is_reached(walkthrough: str) -> None:
    reached = {(moment.file, moment.line) for moment in recording(walkthrough).moments}
    for name in WALKTHROUGHS[walkthrough].algorithms:
        code = load_pseudocode(name)
        for line in code.lines:
            if line.code:
                assert reached & set(places_of(code.marker(line.number))), f"{name}:{line.number}"


@pytest.mark.parametrize("walkthrough", sorted(WALKTHROUGHS))
def test_that_moments_are_statements_of_the_source_and_calls_nest(walkthrough: str) -> None:
    depth = 0
    for moment in recording(walkthrough).moments:
        text = load_source(moment.file).text.splitlines()[moment.line - 1]
        assert text.strip()
        assert not text.strip().startswith(("#", '"""'))
        assert moment.depth <= depth + 1
        depth = moment.depth


def test_that_a_recording_survives_the_process_border_and_is_the_same_every_time() -> None:
    one, other = recording("imaml"), recording("imaml")
    assert decode_event(encode(one)) == one
    assert [moment.changed for moment in one.moments] == [moment.changed for moment in other.moments]
    assert [found.text for found in one.values] == [found.text for found in other.values]
    assert one.insights == other.insights


def test_that_tracing_is_over_when_the_recording_is() -> None:
    before = sys.gettrace()
    recording("fomaml")
    assert sys.gettrace() is before


def test_that_loops_are_counted() -> None:
    recorded = recording("maml")
    assert sorted({moment.task for moment in recorded.moments}) == [-1, 0, 1, 2]
    inner = [moment for moment in recorded.moments if moment.function == "adapted_parameters"]
    assert sorted({moment.inner_step for moment in inner}) == [-1, 0, 1, 2]
    assert {moment.task for moment in inner} == {0, 1, 2}
    conjugate = [moment for moment in recording("imaml").moments if moment.function == "conjugate_gradient"]
    assert {moment.iteration for moment in conjugate} >= {-1, 0}


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_that_values_are_those_of_the_algorithm() -> None:
    """The recorded inner losses and query losses are the textbook's, run without being watched."""
    config = experiment("maml")
    recorded = recording("maml")
    learner = MetaLearner(config)
    tasks = learner.family.sample(TASKS, generator(config.compute.seed, "walkthrough"))
    theta = {name: tensor.clone().requires_grad_() for name, tensor in learner.parameters.items()}
    result = textbook.maml.meta_gradient(learner.bank.model, theta, tasks, config.algorithm.inner_lr, 3)
    last = recorded.moments[-1]
    assert np.mean(last.losses) == pytest.approx(float(result.outer_loss), rel=1e-5)
    losses = [moment for moment in recorded.moments if "inner_losses" in moment.changed and moment.task == 2]
    shown = [float(word) for word in value(recorded, losses[-2], "inner_losses").text.split(", ")]
    assert shown == pytest.approx(result.inner_losses[2].tolist(), rel=1e-3)


def test_that_the_adapted_parameters_carry_a_graph_for_maml_and_none_for_fomaml() -> None:
    for walkthrough, expected in (("maml", True), ("fomaml", False)):
        recorded = recording(walkthrough)
        steps = [
            moment
            for moment in recorded.moments
            if moment.function == "adapted_parameters" and "phi" in moment.changed and moment.inner_step >= 0
        ]
        assert len(steps) == 3 * TASKS
        gradients = [value(recorded, moment, "gradients").graph for moment in steps]
        assert all(bool(graph) is expected for graph in gradients), walkthrough


def test_that_memory_grows_with_the_inner_steps_for_maml_alone() -> None:
    def most(walkthrough: str, steps: int) -> int:
        recorded = recording(walkthrough, f"algorithm.inner_steps={steps}")
        return max(moment.memory for moment in recorded.moments)

    assert most("maml", 8) > 3 * most("maml", 2)
    assert most("fomaml", 8) == most("fomaml", 2)
    assert most("imaml", 8) == most("imaml", 2)
    assert recording("maml").moments[-1].memory == 0, "the backward pass gives it back"


def test_that_pictures_follow_the_recorded_parameters() -> None:
    recorded = recording("fomaml")
    assert len(recorded.pictures) == TASKS
    assert recorded.pictures[0].predictions.shape[0] == 4
    query = [float(picture.query_loss.numpy()[-1]) for picture in recorded.pictures]
    assert query == pytest.approx(recorded.moments[-1].losses, rel=1e-4)
    assert {moment.picture_step for moment in recorded.moments} == {0, 1, 2, 3}


@pytest.mark.parametrize("preset", ["points-maml", "glyphs-maml-5w1s"])
def test_that_points_and_pictures_can_be_walked_through(preset: str) -> None:
    recorded = recording("maml", preset=preset)
    assert recorded.pictures[0].kind in ("points", "images")
    tasks = [moment for moment in recorded.moments if "tasks" in moment.changed]
    assert value(recorded, tasks[0], "tasks").kind == "examples"


def test_that_given_weights_are_walked_through() -> None:
    learner = MetaLearner(experiment("maml", "compute.seed=9"))
    weights = {name: Array.of(tensor.numpy()) for name, tensor in learner.parameters.items()}
    trained, fresh = recording("maml", weights=weights, step=40), recording("maml")
    assert "40 meta-steps" in trained.origin
    assert trained.moments[-1].losses != fresh.moments[-1].losses


# --- what is compared ------------------------------------------------------------------------------------------------


def test_that_first_and_second_order_differ_by_the_factor_that_finite_differences_have() -> None:
    """One inner step: (g_MAML − g_FOMAML) is −α H v, here by central differences of the support gradient."""
    config = experiment("maml", "algorithm.inner_steps=1", "compute.dtype=float64", "model.activation=tanh")
    recorded = record(request("maml", config), lambda: False)
    assert recorded is not None
    learner = MetaLearner(config)
    alpha, model, space = config.algorithm.inner_lr, learner.bank.model, learner.bank.space
    batch = learner.family.sample(TASKS, generator(config.compute.seed, "walkthrough"))
    batch = batch.to(learner.device, learner.dtype)
    theta = space.flatten(learner.parameters)

    def slope(vector: torch.Tensor, examples) -> torch.Tensor:
        named = {name: tensor.detach().requires_grad_() for name, tensor in space.unflatten(vector).items()}
        loss = (model.forward(named, examples.inputs) - examples.targets).square().mean()
        return torch.cat([one.flatten() for one in torch.autograd.grad(loss, list(named.values()))])

    second, first = torch.zeros_like(theta), torch.zeros_like(theta)
    for task in batch:
        query = slope(theta - alpha * slope(theta, task.support), task.query)
        step = 1e-5
        product = (slope(theta + step * query, task.support) - slope(theta - step * query, task.support)) / (2 * step)
        first += query / TASKS
        second += (query - alpha * product) / TASKS
    shown = figures(recorded, "leaves out")
    assert shown["‖FOMAML‖"] == pytest.approx(float(first.norm()), rel=1e-9)
    assert shown["‖MAML‖"] == pytest.approx(float(second.norm()), rel=1e-6)
    assert shown["‖MAML − FOMAML‖"] == pytest.approx(float((second - first).norm()), rel=1e-5)
    assert shown["‖MAML − FOMAML‖"] > 1e-3
    (arrows,) = [insight.arrows for insight in recorded.insights if insight.arrows]
    lengths = {name: float(np.hypot(x, y)) for name, x, y in arrows}
    assert lengths["FOMAML"] == pytest.approx(shown["‖FOMAML‖"], rel=1e-9)


def test_that_lambda_two_doubles_the_step_under_sgd_and_not_under_adam() -> None:
    shown = figures(recording("reptile", "compute.dtype=float64"), "doubles")
    assert shown["SGD, λ = 2"] == pytest.approx(2 * shown["SGD, λ = 1"], rel=1e-9)
    assert shown["Adam, λ = 2"] == pytest.approx(shown["Adam, λ = 1"], rel=1e-2)


def test_that_a_list_and_a_flat_gradient_take_the_same_step() -> None:
    shown = figures(recording("outer_step"), "flat")
    assert shown["difference"] == 0
    assert shown["step, list"] > 0


def test_that_proximal_and_data_pull_sum_to_the_stationarity_and_residuals_fall() -> None:
    recorded = recording("imaml", "algorithm.proximal_lambda=50", "algorithm.inner_steps=20")
    pulls = figures(recorded, "Data pull")
    assert pulls["λ-pull, step 0"] == 0
    assert pulls["‖∇G‖, step 20"] < 0.1 * pulls["‖∇G‖, step 0"]
    assert pulls["λ-pull, step 20"] == pytest.approx(pulls["data, step 20"], rel=0.1)
    residuals = figures(recorded, "Conjugate")
    assert residuals["task 1, iteration 0"] == 1
    assert residuals["task 1, iteration 3"] < 0.1
    (title,) = [insight.title for insight in recorded.insights if insight.logarithmic]
    assert "Conjugate" in title


def test_that_implicit_and_unrolled_gradients_meet_where_the_inner_problem_is_solved() -> None:
    changes = ("algorithm.proximal_lambda=50", "algorithm.inner_lr=0.015", "compute.dtype=float64")
    far = figures(recording("imaml", *changes, "algorithm.inner_steps=1"), "unrolled")
    near = figures(recording("imaml", *changes, "algorithm.inner_steps=20", "algorithm.cg_steps=20"), "unrolled")
    assert near["‖difference‖"] < 1e-3 * near["‖unrolled‖"]
    assert far["‖difference‖"] > 10 * near["‖difference‖"]


# --- what is refused -------------------------------------------------------------------------------------------------


def test_that_what_cannot_be_walked_through_is_refused() -> None:
    config = experiment("maml")
    with pytest.raises(InvalidValueError, match="is not one of maml"):
        record(request("gauss", config), lambda: False)
    with pytest.raises(InvalidValueError, match="1 to 8 tasks"):
        record(Record(request=1, config=config.to_dict(), data_dir="", walkthrough="maml", n_tasks=9), lambda: False)
    with pytest.raises(InvalidValueError, match="1 to 20 inner steps"):
        record(request("maml", experiment("maml", "algorithm.inner_steps=21")), lambda: False)
    content = config.to_dict()
    content["algorithm"]["inner_steps"] = 0
    zero = Record(request=1, config=content, data_dir="", walkthrough="maml", n_tasks=1)
    with pytest.raises(InvalidValueError, match="inner_steps"):
        record(zero, lambda: False)


def test_that_foreign_or_missing_weights_are_refused() -> None:
    weights = {"linear0.weight": Array.of(np.zeros((3, 1), np.float32))}
    with pytest.raises(CheckpointError, match="another network"):
        recording("maml", weights=weights)
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        recording("maml", checkpoint="/nowhere/step-1.safetensors")


def test_that_a_superseded_recording_stops_early_and_stays_unanswered() -> None:
    calls = []

    def superseded() -> bool:
        calls.append(1)
        return len(calls) > 5

    assert record(request("maml", experiment("maml")), superseded) is None
    assert len(calls) < 10
    assert sys.gettrace() is None


@pytest.mark.parametrize("walkthrough", ["maml", "imaml"])
def test_that_a_recording_that_is_superseded_while_it_is_compared_stops_there(walkthrough: str, monkeypatch) -> None:
    comparing: list[str] = []
    compare = recorder.insights_of

    def insights_of(name: str, stage: recorder.Stage):
        comparing.append(name)
        found = compare(name, stage)
        comparing.append("to the end")
        return found

    monkeypatch.setattr(recorder, "insights_of", insights_of)
    assert record(request(walkthrough, experiment(walkthrough)), lambda: bool(comparing)) is None
    assert comparing == [walkthrough]
    assert sys.gettrace() is None


@pytest.mark.parametrize("algorithm", ["protonet", "joint"])
def test_that_what_has_no_inner_loop_is_refused_with_advice(algorithm: str) -> None:
    config = apply_overrides(load_preset("points-maml").config, [f"algorithm.name={algorithm}"])
    with pytest.raises(InvalidValueError, match="no inner loop to walk through: choose MAML"):
        record(request("maml", config), lambda: False)


def test_that_a_loop_that_diverges_is_recorded_and_compares_nothing() -> None:
    config = experiment("maml", "algorithm.inner_lr=10", "algorithm.inner_steps=20")
    recorded = record(request("maml", config), lambda: False)
    assert recorded is not None
    assert decode_event(encode(recorded))
    (insight,) = recorded.insights
    assert "diverges at this inner rate" in insight.text
    assert insight.arrows == ()
    assert all(np.isfinite(value) for _, value in insight.figures)


def test_that_an_error_inside_the_textbook_leaves_no_trace_function(monkeypatch) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("the network fails")

    monkeypatch.setattr(textbook.maml, "task_loss", broken)
    watched = sys.gettrace()
    with pytest.raises(RuntimeError, match="the network fails"):
        record(request("maml", experiment("maml")), lambda: False)
    assert sys.gettrace() is watched


def test_that_every_insight_says_what_it_means() -> None:
    for walkthrough in WALKTHROUGHS:
        for insight in recording(walkthrough).insights:
            assert isinstance(insight, Insight)
            assert insight.title
            assert len(insight.text) > 30
            assert all(np.isfinite(number) for _, number in insight.figures)
