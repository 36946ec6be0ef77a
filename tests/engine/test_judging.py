"""An evaluation in full: competitors on the very same tasks, mistakes, worst tasks, calibration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from metagui.engine.competition import nearest_mean, support_mean
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.evaluation import CHUNK, evaluate
from metagui.engine.learner import MetaLearner
from metagui.engine.mistakes import MOST_TASKS, ConfusionCount
from metagui.engine.tasks.base import Portrait
from metagui.errors import InvalidValueError
from metagui.events import Array, CheckpointWritten, Evaluate, Rival, decode_event, encode


def _never() -> bool:
    return False


def _request(config, **changes) -> Evaluate:
    return Evaluate(**({"request": 5, "config": config.to_dict(), "data_dir": "unused", "n_tasks": 12} | changes))


@pytest.fixture
def glyphs(small):
    return small("glyphs-maml-5w1s", "model.filters=4", "task.n_query=2", "algorithm.evaluation_steps=2")


@pytest.fixture
def trained(small, train, tmp_path: Path) -> Rival:
    """A run of another algorithm on such tasks."""
    config = small("glyphs-maml-5w1s", "algorithm.name=joint", "model.filters=4", "outer.validation_tasks=2", steps=2)
    recorded = train(config)
    path = tmp_path / "run" / recorded.of(CheckpointWritten)[-1].path
    return Rival(title="Joint pretraining", config=config.to_dict(), checkpoint=str(path), step=2)


def test_that_the_random_start_is_the_network_before_training_on_the_same_tasks(glyphs) -> None:
    answer = evaluate(_request(glyphs, baselines=("chance", "random", "pixels")), _never)
    chance, random, pixels = answer.rivals
    assert [each.title for each in answer.rivals] == ["Guessing", "Random start", "Raw pixels"]
    assert (chance.mean, chance.ci95) == (0.2, 0.0)
    assert chance.difference == pytest.approx(answer.mean - 0.2)
    assert chance.difference_ci95 == pytest.approx(answer.ci95)
    # without weights the evaluated network is that of the seed, too
    assert (random.mean, random.ci95) == (answer.mean, answer.ci95)
    assert (random.difference, random.difference_ci95) == (0.0, 0.0)
    assert 0.2 < pixels.mean <= 1


def test_that_a_difference_is_paired_task_by_task(small) -> None:
    config = small("sinusoid-maml", "algorithm.evaluation_steps=2")
    learner = MetaLearner(config)
    zeros = {name: Array.of(np.zeros(value.shape, np.float32)) for name, value in learner.parameters.items()}
    answer = evaluate(_request(config, weights=zeros, inner_steps=0, baselines=("pixels",), n_tasks=40), _never)
    batch = learner.held_out_tasks(range(40))
    own = batch.query.targets.square().mean(dim=(1, 2)).double().numpy()
    gaps = own - support_mean(batch)
    (mean,) = answer.rivals
    assert mean.title == "Support mean"
    assert mean.difference == pytest.approx(gaps.mean(), rel=1e-4)
    assert mean.difference_ci95 == pytest.approx(1.96 * gaps.std(ddof=1) / np.sqrt(40), rel=1e-4)


def test_that_guessing_a_number_is_no_baseline(small) -> None:
    answer = evaluate(_request(small("sinusoid-maml"), baselines=("chance", "random")), _never)
    assert [each.title for each in answer.rivals] == ["Random start"]


def test_that_the_nearest_mean_is_by_class_and_distance() -> None:
    support = Examples(torch.tensor([[[0.0], [2.0], [10.0], [12.0]]]), torch.tensor([[0, 0, 1, 1]]))
    query = Examples(torch.tensor([[[1.0], [5.9], [6.1], [40.0]]]), torch.tensor([[0, 1, 1, 0]]))
    assert nearest_mean(EpisodeBatch(support, query)).tolist() == [0.5]


def test_that_a_rival_is_judged_as_if_evaluated_itself(glyphs, trained) -> None:
    answer = evaluate(_request(glyphs, rivals=(trained,)), _never)
    (judged,) = answer.rivals
    alone = evaluate(
        Evaluate(
            request=6,
            config=trained.config | {"task": glyphs.to_dict()["task"]},
            data_dir="unused",
            n_tasks=12,
            checkpoint=trained.checkpoint,
        ),
        _never,
    )
    assert judged.problem == ""
    assert (judged.title, judged.mean, judged.ci95) == (trained.title, alone.mean, alone.ci95)


def test_that_a_rival_that_cannot_be_judged_says_why_and_the_rest_goes_on(glyphs, trained, tmp_path: Path) -> None:
    gone = Rival(title="gone", config=trained.config, checkpoint=str(tmp_path / "none.safetensors"))
    other = Rival(title="other", config=glyphs.to_dict(), checkpoint=trained.checkpoint)
    wider = trained.config | {"model": trained.config["model"] | {"filters": 8}}
    misfit = Rival(title="misfit", config=wider, checkpoint=trained.checkpoint)
    far = Rival(title="far", config=wider | {"task": {"name": "sinusoid"}}, checkpoint=trained.checkpoint)
    rivals = (gone, misfit, other, far, trained)
    answer = evaluate(_request(glyphs, baselines=("chance",), rivals=rivals), _never)
    problems = {each.title: each.problem for each in answer.rivals}
    assert "none.safetensors" in problems["gone"]
    assert "another network" in problems["misfit"]
    assert problems["far"].startswith("it was trained on sinusoid")
    assert problems["Guessing"] == problems[trained.title] == ""
    assert np.isnan(answer.rivals[1].mean)


def test_that_details_add_up(glyphs) -> None:
    answer = evaluate(_request(glyphs, detail=True, n_tasks=30), _never)
    assert answer.calibration is not None
    count, accuracy = answer.calibration.count.numpy(), answer.calibration.accuracy.numpy()
    assert count.sum() == 30 * 5 * 2
    assert (count * accuracy).sum() / count.sum() == pytest.approx(answer.mean, abs=1e-6)
    assert answer.confusion is None, "invented characters never meet again"
    assert 0 < answer.calibration.temperature < 60
    assert decode_event(encode(answer)) == answer or np.isnan(answer.calibration.ece_scaled)


class _Letters:
    """A family of three letters, of which each task has two; tasks say which by ``identity``."""

    kind = "images"

    def portrait(self, batch: EpisodeBatch, task: int) -> Portrait:
        return Portrait("two letters", tuple("abc"[number] for number in batch.identity["classes"][task].tolist()))


def test_that_confusions_are_counted_by_class_over_tasks() -> None:
    labels = torch.tensor([[0, 0, 1, 1]] * 2)
    batch = EpisodeBatch(
        Examples(torch.zeros(2, 2, 1), torch.tensor([[0, 1]] * 2)),
        Examples(torch.zeros(2, 4, 1), labels),
        {"classes": torch.tensor([[0, 1], [2, 0]])},
    )
    taken = torch.tensor([[0, 1, 1, 1], [1, 1, 1, 1]])
    count = ConfusionCount()
    count.add(_Letters(), batch, torch.nn.functional.one_hot(taken, 2).float())
    assert count.finished() is None, "four meetings of three classes say little"
    count.add(_Letters(), batch, torch.nn.functional.one_hot(taken, 2).float())
    found = count.finished()
    assert found is not None
    assert found.class_names == ("a", "b", "c")
    assert found.judged.numpy().tolist() == [8, 4, 4]
    assert found.right.numpy().tolist() == [6, 4, 0]
    assert found.pairs == (("c", "a", 4), ("a", "b", 2))


def test_that_the_worst_tasks_are_the_worst_and_bear_their_numbers(glyphs) -> None:
    answer = evaluate(_request(glyphs, detail=True, n_tasks=CHUNK + 9), _never)
    learner = MetaLearner(glyphs)
    after = []
    for task in range(CHUNK + 9):
        batch = learner.held_out_tasks([task])
        phi = learner.adapt(batch.support, steps=2)
        after.append(float(learner.bank.judge(phi, batch, 2).accuracy))
    assert len(answer.worst) == MOST_TASKS
    assert [round(task.after, 4) for task in answer.worst] == [round(value, 4) for value in sorted(after)[:MOST_TASKS]]
    for task in answer.worst:
        assert task.after == pytest.approx(after[task.task], abs=1e-6)
        assert len(task.class_names) == 5


def test_that_a_regression_has_worst_tasks_and_no_calibration(small) -> None:
    answer = evaluate(_request(small("sinusoid-maml"), detail=True), _never)
    assert answer.calibration is None
    assert answer.confusion is None
    ends = [task.after for task in answer.worst]
    assert ends == sorted(ends, reverse=True)
    assert answer.worst[0].title.startswith("A = ")


def test_that_points_have_calibration_and_no_confusion(small) -> None:
    answer = evaluate(_request(small("points-maml"), detail=True), _never)
    assert answer.calibration is not None
    assert answer.confusion is None
    assert answer.worst


def test_that_queries_can_be_more_than_were_trained_with(glyphs) -> None:
    answer = evaluate(_request(glyphs, n_query=7, detail=True), _never)
    assert answer.n_query == 7
    assert answer.calibration is not None
    assert answer.calibration.count.numpy().sum() == 12 * 5 * 7
    with pytest.raises(InvalidValueError):
        evaluate(_request(glyphs, n_query=10_000), _never)


def test_that_progress_counts_every_network_and_reaches_its_total(glyphs, trained) -> None:
    told: list[tuple[int, int]] = []
    evaluate(
        _request(glyphs, baselines=("chance", "random"), rivals=(trained,), detail=True),
        _never,
        lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (12 * 5, 12 * 5)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_that_an_evaluation_with_rivals_is_given_up_between_them(glyphs, trained) -> None:
    seen: list[int] = []
    answer = evaluate(_request(glyphs, rivals=(trained,)), lambda: bool(seen), lambda done, _total: seen.append(done))
    assert answer is None
    assert seen == [12]
