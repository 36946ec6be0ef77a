"""Injected faults: each ends the run before it reaches theta, and is named by step, task and tensor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from metagui.config import ExperimentConfig
from metagui.engine.algorithms import MetaGradient
from metagui.engine.checkpoint import read_checkpoint
from metagui.engine.diagnosis import diagnose
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.learner import MetaLearner
from metagui.engine.sentinel import DeferredSentinel, ImmediateSentinel, Sentinel, UnsoundStepError, has_exploded
from metagui.engine.tasks import build_family
from metagui.engine.tasks.base import Portrait, Split
from metagui.events import LogLine
from metagui.workspace import datasets_dir

BAD_TASK = 2


class SpoilingFamily:
    """Spoils one task of every training batch from a given draw on."""

    def __init__(self, config: ExperimentConfig, at: int, spoil: str) -> None:
        self._family = build_family(config.task, datasets_dir)  # no data set is read for sinusoids
        self.kind, self.input_shape, self.output_size = (
            self._family.kind,
            self._family.input_shape,
            self._family.output_size,
        )
        self._at, self._spoil, self._clean = at, spoil, {}

    def sample(self, n_tasks: int, random: torch.Generator, split: Split = "train") -> EpisodeBatch:
        seed = random.initial_seed()  # a draw made again is the same draw
        draw = self._clean.setdefault(seed, len(self._clean))
        batch = self._family.sample(n_tasks, random, split)
        if split != "train" or draw < self._at:
            return batch
        support, query = batch.support.targets.clone(), batch.query.targets.clone()
        if self._spoil == "data":
            support[BAD_TASK, 0] = torch.nan
        elif self._spoil == "support":
            support[BAD_TASK] *= 1e30
        elif self._spoil == "query":
            query[BAD_TASK] *= 1e30
        elif self._spoil == "explosion":
            query[BAD_TASK] *= 1e4
        return replace(
            batch, support=Examples(batch.support.inputs, support), query=Examples(batch.query.inputs, query)
        )

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        return self._family.portrait(batch, task)


class SpoiledGradient:
    """An algorithm whose gradient goes wrong at one parameter, for every batch that holds a certain task."""

    def __init__(self, inner: Any, learner: MetaLearner, step: int, parameter: str, learned: bool = False) -> None:
        self._inner, self._learner, self._step, self._name, self._of_learned = inner, learner, step, parameter, learned
        self.learned = inner.learned
        learner.step = step
        self._bad = learner.sample_tasks().support.inputs[BAD_TASK].clone()
        learner.step = 0

    def meta_gradient(self, theta: Tensor, batch: EpisodeBatch, **rest: Any) -> MetaGradient:
        meta: MetaGradient = self._inner.meta_gradient(theta, batch, **rest)
        if not any(torch.equal(inputs, self._bad) for inputs in batch.support.inputs):
            return meta
        if self._of_learned:
            return replace(meta, learned=dict.fromkeys(meta.learned, torch.tensor(torch.nan)))
        parts = {k: v.clone() for k, v in self._learner.bank.space.unflatten(meta.gradient).items()}
        parts[self._name].view(-1)[0] = -torch.inf
        return replace(meta, gradient=self._learner.bank.space.flatten(parts))


@pytest.fixture(params=[ImmediateSentinel, DeferredSentinel])
def sentinel(request: pytest.FixtureRequest) -> Sentinel:
    """Of the CPU and of a device: the same faults, found at once or later."""
    built: Sentinel = request.param(1000.0)
    return built


def _train_until_unsound(learner: MetaLearner, sentinel: Sentinel, steps: int = 8) -> int:
    """Steps as the trainer makes them; verdicts of a device are looked at in the end."""
    verdicts: list[tuple[int, Tensor]] = []
    try:
        for _ in range(steps):
            sound = sentinel.outer_step(learner, learner.meta_gradient(learner.sample_tasks()))
            if sound is not None:
                verdicts.append((learner.step, sound))
    except UnsoundStepError as error:
        return error.step
    return next(step for step, sound in verdicts if not sound)


def _state(learner: MetaLearner) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in learner.changing().items()}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("data", "the support targets of task 3 of 4 (A = "),
        ("support", "the support loss before the first inner step of task 3 of 4 (A = "),
        ("query", "the query loss of task 3 of 4 (A = "),
        ("explosion", "the mean query loss exploded to"),
    ],
    ids=["data", "support", "query", "explosion"],
)
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_that_a_spoiled_task_never_reaches_theta(small, sentinel, spoil: str, words: str, optimizer: str) -> None:
    config = small(
        "sinusoid-maml", "algorithm.inner_steps=2", f"outer.name={optimizer}", "outer.outer_lr=0.001", steps=50
    )
    clean, spoiled = MetaLearner(config), MetaLearner(config, SpoilingFamily(config, at=4, spoil=spoil))
    for _ in range(4):
        clean.meta_step(clean.sample_tasks())
    assert _train_until_unsound(spoiled, sentinel) == 5
    assert _state(spoiled).keys() == _state(clean).keys()
    for name, value in _state(clean).items():
        torch.testing.assert_close(_state(spoiled)[name], value, rtol=0, atol=0, msg=name)
    spoiled.step = 4
    found = diagnose(spoiled, sentinel.first_loss)
    assert words in found
    assert "is of task 3 of 4 (A = " in found if spoil == "explosion" else "became" in found


def test_that_a_bad_gradient_is_named_by_its_parameter(small, sentinel) -> None:
    learner = MetaLearner(small("sinusoid-maml"))
    learner.algorithm = SpoiledGradient(learner.algorithm, learner, 3, "linear1.weight")
    assert _train_until_unsound(learner, sentinel) == 4
    learner.step = 3
    assert all(value.isfinite().all() for value in learner.changing().values())
    assert diagnose(learner, sentinel.first_loss).startswith("the gradient of linear1.weight of task 3 of 4 (A = ")


def test_that_the_inner_step_is_named_where_the_inner_loop_runs_away(small) -> None:
    learner = MetaLearner(small("sinusoid-maml", "algorithm.inner_lr=10", "algorithm.inner_steps=30"))
    sentinel = ImmediateSentinel(1000.0)
    theta = learner.theta.detach().clone()
    with pytest.raises(UnsoundStepError):
        sentinel.outer_step(learner, learner.meta_gradient(learner.sample_tasks()))
    assert torch.equal(learner.theta, theta)
    found = diagnose(learner, sentinel.first_loss)
    assert found.startswith("the support loss at inner step ")
    assert "became infinite" in found or "became NaN" in found
    assert "and so in 3 other tasks" in found


def test_that_the_first_bad_step_latches(small) -> None:
    """On a device, sound steps after a bad one are not made either: the host will go back to the bad one."""
    config = small("sinusoid-maml", steps=50)
    learner = MetaLearner(config)
    sentinel = DeferredSentinel(1000.0)
    good = learner.meta_gradient(learner.sample_tasks())
    sentinel.outer_step(learner, good)
    before = _state(learner)
    nothing = torch.tensor(torch.nan)
    sentinel.outer_step(learner, replace(good, series=good.series | {"outer_loss": nothing}))
    verdict = sentinel.outer_step(learner, good)
    assert not verdict
    for name, value in _state(learner).items():
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize(
    ("loss", "first", "factor", "verdict"),
    [(5.0, 1.0, 4.0, True), (4.0, 1.0, 4.0, False), (1e9, 1.0, 0.0, False), (1e9, 0.0, 4.0, False)],
)
def test_that_the_rule_of_an_explosion_is_a_factor_of_the_first_loss(
    loss: float, first: float, factor: float, verdict: bool
) -> None:
    assert has_exploded(loss, first, factor) is verdict


@pytest.mark.parametrize("kind", [ImmediateSentinel, DeferredSentinel])
def test_that_a_run_that_goes_on_compares_with_its_own_beginning(small, kind: type) -> None:
    learner = MetaLearner(small("sinusoid-maml"))
    meta = learner.meta_gradient(learner.sample_tasks())
    loss = float(meta.series["outer_loss"])
    assert _is_refused(kind(10.0, loss / 20), learner, meta)
    assert not _is_refused(kind(10.0, loss / 5), learner, meta)
    assert not _is_refused(kind(0.0, loss / 1e6), learner, meta)


def _is_refused(sentinel: Sentinel, learner: MetaLearner, meta: MetaGradient) -> bool:
    try:
        sound = sentinel.outer_step(learner, meta)
    except UnsoundStepError:
        return True
    return sound is not None and not sound


def test_that_a_run_says_all_of_it_and_keeps_the_last_good_checkpoint(small, train, tmp_path) -> None:
    config = small(
        "sinusoid-maml",
        "outer.name=sgd",
        "outer.outer_lr=10",
        "outer.explosion_factor=20",
        "compute.checkpoint_every=1",
        steps=200,
    )
    recorded = train(config)
    ended = recorded.ended
    assert ended.status == "diverged"
    assert f"diverged at meta-step {ended.step}: " in ended.reason
    assert f"the last good checkpoint, of meta-step {ended.step - 1}, is kept" in ended.reason
    assert max(recorded.series()["outer_loss"]) == ended.step - 1
    for path in (tmp_path / "run" / "checkpoints").glob("*.safetensors"):
        assert all(value.isfinite().all() for value in read_checkpoint(path).weights.values())


def test_that_the_verdicts_of_a_device_end_a_run(small, train, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole path of a device, on the CPU: verdicts travel with the metrics, and what came later is dropped."""
    config = small("sinusoid-maml", "algorithm.inner_lr=10", "algorithm.inner_steps=30", steps=100)
    monkeypatch.setattr(
        "metagui.engine.trainer.sentinel_for",
        lambda learner, first_loss=None: DeferredSentinel(learner.config.outer.explosion_factor, first_loss),
    )
    recorded = train(config)
    assert recorded.ended.status == "diverged"
    assert "the support loss at inner step" in recorded.ended.reason
    assert all(step < recorded.ended.step for step in recorded.series().get("outer_loss", {}))


def test_that_lost_validation_tasks_are_counted_and_end_nothing(small, train) -> None:
    config = small(
        "sinusoid-fomaml", "algorithm.evaluation_steps=1000", "algorithm.inner_lr=0.5", "outer.outer_lr=1e-6"
    )
    recorded = train(config)
    assert recorded.ended.status == "finished"
    lost = recorded.series()["validation_lost"]
    assert max(lost.values()) > 0
    warnings = [line.message for line in recorded.of(LogLine) if line.level == "warning"]
    assert len(warnings) == 1
    assert f"On {int(lost[0])} of 4 validation tasks" in warnings[0]
