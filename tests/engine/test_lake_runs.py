"""The twenty runs as an evaluation: against counting by hand, and refused where the number would mean nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.datasets.lake_runs import RUNS, WAYS
from metagui.engine import lake_runs
from metagui.engine.checkpoint import Checkpoint
from metagui.engine.lake_runs import evaluate_on_runs, pixel_errors, refuse_trained_on_runs
from metagui.engine.learner import MetaLearner
from metagui.errors import DataError, InvalidValueError

SMALL = ["model.filters=4", "compute.device=cpu", "outer.meta_batch_size=1"]


def config_of(*changes: str) -> ExperimentConfig:
    return apply_overrides(load_preset("glyphs-protonet-5w1s").config, [*SMALL, *changes])


def checkpoint_of(config: ExperimentConfig, steps: int = 1) -> Checkpoint:
    learner = MetaLearner(config)
    for _ in range(steps):
        learner.meta_step(learner.sample_tasks())
    return Checkpoint(learner.step, config.to_dict(), learner.parameters, {})


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Runs of noise in which a drawing resembles its class, so that not all is told right and not all wrong."""
    random = np.random.default_rng(0)
    shown = random.integers(0, 256, (RUNS, WAYS, 1, 28, 28))
    noise = random.integers(0, 256, (RUNS, WAYS, 1, 28, 28))
    drawn = np.concatenate([shown, (0.3 * shown + 0.7 * noise).astype(int)], axis=2).astype(np.uint8)
    monkeypatch.setattr(lake_runs, "read_runs", lambda folder: drawn)
    return drawn


@pytest.mark.parametrize("ways", [5, 20])
def test_that_a_prototypical_network_of_any_ways_is_judged_as_counted_by_hand(
    pictures: np.ndarray, tmp_path: Path, ways: int
) -> None:
    config = config_of(f"task.n_way={ways}", "task.n_query=1")
    checkpoint = checkpoint_of(config)
    scores = evaluate_on_runs(config, checkpoint, tmp_path)
    learner = MetaLearner(config)
    learner.load_parameters(checkpoint.weights)
    by_hand = []
    for run in range(RUNS):
        images = torch.from_numpy(pictures[run].astype(np.float32) / 255).unsqueeze(2)  # [class, 2, 1, 28, 28]
        parameters = {name: value.unsqueeze(0) for name, value in learner.parameters.items()}
        shown, tested = (learner.bank.model.features_bank(parameters, images[None, :, which])[0] for which in (0, 1))
        told = torch.cdist(tested.double(), shown.double()).argmin(dim=1)
        by_hand.append(float((told != torch.arange(WAYS)).double().mean()))
    assert scores.by_run.shape == (2, RUNS)
    np.testing.assert_allclose(scores.by_run[-1], by_hand, atol=0.0501)  # rounding may turn one of twenty
    assert scores.mean == pytest.approx(np.mean(by_hand), abs=0.005)
    assert 0 < scores.mean < 1
    assert scores.ci95 == pytest.approx(1.96 * scores.by_run[-1].std(ddof=1) / np.sqrt(RUNS))


def test_that_the_support_mode_tells_every_drawing_by_itself(pictures: np.ndarray, tmp_path: Path) -> None:
    config = config_of()
    checkpoint = checkpoint_of(config)
    before = evaluate_on_runs(config, checkpoint, tmp_path, norm_mode="support")
    pictures[:, -1, 1] = pictures[:, 0, 0]  # one drawing of each run, which shows another class now
    after = evaluate_on_runs(config, checkpoint, tmp_path, norm_mode="support")
    assert (before.norm_mode, evaluate_on_runs(config, checkpoint, tmp_path).norm_mode) == ("support", "transductive")
    change = WAYS * (after.by_run[-1] - before.by_run[-1])
    assert set(change.round(4).tolist()) == {0, 1}, "others than the changed drawing were told differently"


def test_that_running_statistics_are_left_behind_where_another_mode_is_asked_for(
    pictures: np.ndarray, tmp_path: Path
) -> None:
    config = config_of("model.norm_mode=per_step")
    checkpoint = checkpoint_of(config)
    assert evaluate_on_runs(config, checkpoint, tmp_path).norm_mode == "per_step"
    assert evaluate_on_runs(config, checkpoint, tmp_path, norm_mode="support").norm_mode == "support"


def test_that_a_network_with_a_head_of_its_own_needs_twenty_ways(pictures: np.ndarray, tmp_path: Path) -> None:
    maml = ["algorithm.name=maml", "algorithm.inner_steps=1", "algorithm.evaluation_steps=3", "task.n_query=1"]
    five = config_of(*maml)
    with pytest.raises(InvalidValueError, match=r"task\.n_way: Lake's runs have 20 classes.*5 outputs.*task\.n_way=20"):
        evaluate_on_runs(five, checkpoint_of(five, 0), tmp_path)
    twenty = config_of(*maml, "task.n_way=20")
    scores = evaluate_on_runs(twenty, checkpoint_of(twenty, 0), tmp_path)
    assert scores.by_run.shape == (4, RUNS)
    assert evaluate_on_runs(twenty, checkpoint_of(twenty, 0), tmp_path, inner_steps=1).inner_steps == 1
    more = config_of(*maml, "task.n_way=30")
    assert 0 <= evaluate_on_runs(more, checkpoint_of(more, 0), tmp_path).mean <= 1


def test_that_networks_which_saw_the_characters_are_refused() -> None:
    omniglot = load_preset("omniglot-maml-5w1s").config
    with pytest.raises(DataError, match=r"trained on 236 of their characters.*task\.split=lake"):
        refuse_trained_on_runs(omniglot)
    refuse_trained_on_runs(apply_overrides(omniglot, ["task.split=lake"]))
    refuse_trained_on_runs(config_of())
    own = apply_overrides(load_preset("points-maml").config, ["task.name=images", "task.dataset=x", "model.name=conv4"])
    with pytest.raises(DataError, match="Own pictures"):
        refuse_trained_on_runs(own)


def test_that_a_network_without_batch_norm_has_no_norm_mode(pictures: np.ndarray, tmp_path: Path) -> None:
    config = apply_overrides(
        load_preset("glyphs-protonet-5w1s").config, ["model.name=mlp", "model.hidden=[8]", "compute.device=cpu"]
    )
    assert evaluate_on_runs(config, checkpoint_of(config, 0), tmp_path).norm_mode == "none"
    with pytest.raises(InvalidValueError, match="--norm-mode: MLP has no batch norm"):
        evaluate_on_runs(config, checkpoint_of(config, 0), tmp_path, norm_mode="support")


def test_that_the_nearest_drawing_is_looked_for_by_pixels() -> None:
    pictures = np.zeros((RUNS, WAYS, 2, 28, 28), np.uint8)
    for way in range(WAYS):
        pictures[:, way, :, way] = 255
    assert (pixel_errors(pictures) == 0).all()
    pictures[3, 0, 1], pictures[3, 1, 1] = pictures[3, 1, 0].copy(), pictures[3, 0, 0].copy()
    assert pixel_errors(pictures)[3] == pytest.approx(2 / WAYS)
