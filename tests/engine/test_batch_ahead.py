"""Batches drawn ahead are the batches that would have been drawn, and their thread ends with the run."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.control import Control
from metagui.engine import trainer
from metagui.engine.batch_ahead import THREAD, BatchesAhead, BatchesInTurn, batches_of
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.tasks.glyphs import Glyphs
from metagui.errors import DataError
from metagui.events import Stop

STEPS = 4


def config_of(preset: str = "glyphs-protonet-5w1s", *changes: str) -> ExperimentConfig:
    quick = ["outer.meta_batch_size=2", f"outer.steps={STEPS}", "outer.validation_tasks=2", "compute.device=cpu"]
    small = ["model.filters=4"] if preset.startswith("glyphs") else []
    return apply_overrides(load_preset(preset).config, [*quick, *small, "compute.threads=1", *changes])


def threads_of_ours() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(THREAD)]


def test_that_batches_ahead_are_those_in_turn() -> None:
    ahead, in_turn = MetaLearner(config_of()), MetaLearner(config_of())
    with BatchesAhead(ahead, 1) as batches:
        for step in range(STEPS):
            ours, theirs = batches.take(), in_turn.sample_tasks()
            for mine, other in ((ours.support, theirs.support), (ours.query, theirs.query)):
                assert torch.equal(mine.inputs, other.inputs), step
                assert torch.equal(mine.targets, other.targets)
            ahead.step += 1
            in_turn.step += 1
    assert threads_of_ours() == []


def test_that_a_run_that_was_taken_elsewhere_gets_the_batch_of_its_step() -> None:
    learner = MetaLearner(config_of())
    with BatchesAhead(learner, 1) as batches:
        batches.take()
        learner.step = 3
        assert torch.equal(batches.take().query.inputs, learner.sample_tasks().query.inputs)


def test_that_only_pictures_are_drawn_ahead_and_nothing_where_others_may_use_the_global_generator() -> None:
    pictures, waves = MetaLearner(config_of()), MetaLearner(config_of("sinusoid-maml"))
    assert isinstance(batches_of(pictures, 1, drawn_ahead=True), BatchesAhead)
    assert isinstance(batches_of(pictures, 1, drawn_ahead=False), BatchesInTurn)
    assert isinstance(batches_of(waves, 1, drawn_ahead=True), BatchesInTurn)


@pytest.mark.parametrize("ending", ["finished", "stopped", "failed", "diverged"])
def test_that_the_thread_ends_with_the_run_however_it_ends(
    ending: str, train, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drawn_in: list[str] = []
    sample, gradient = Glyphs.sample, MetaLearner.meta_gradient
    control = Control()

    def watched(family: Glyphs, n_tasks: int, random: torch.Generator, split: str = "train") -> EpisodeBatch:
        if split == "train":
            drawn_in.append(threading.current_thread().name)
            if ending == "failed" and len(drawn_in) == 3:
                raise DataError("the pictures went away")
        return sample(family, n_tasks, random, split)

    def stopping(learner: MetaLearner, *arguments: object) -> object:
        if learner.step == 2 and ending == "stopped":
            control.send(Stop())
        meta = gradient(learner, *arguments)
        if learner.step == 2 and ending == "diverged":
            meta.gradient.fill_(torch.nan)
        return meta

    monkeypatch.setattr(Glyphs, "sample", watched)
    monkeypatch.setattr(MetaLearner, "meta_gradient", stopping)
    done = train(config_of(), control=control, run_dir=tmp_path / "run")
    assert done.ended.status == ending, done.ended.reason
    assert any(name.startswith(THREAD) for name in drawn_in)
    assert threads_of_ours() == []
    if ending == "failed":
        assert "the pictures went away" in done.ended.reason
    if ending == "finished":
        assert len(drawn_in) == STEPS, "drawn once each, and none beyond the last step"


def test_that_weights_are_the_same_to_the_last_bit(train, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ahead = train(config_of(), run_dir=tmp_path / "ahead").last_weights()
    monkeypatch.setattr(trainer, "batches_of", lambda learner, threads, drawn_ahead: BatchesInTurn(learner))
    in_turn = train(config_of(), run_dir=tmp_path / "turn").last_weights()
    assert all((ahead[name] == in_turn[name]).all() for name in in_turn)
