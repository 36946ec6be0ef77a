"""What only a CUDA device can show: no step waits for the host, and a bad step is undone on the device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from metagui.config import apply_overrides, choices
from metagui.config.algorithms import AlgorithmSection
from metagui.engine.host_copy import HostCopy
from metagui.engine.learner import MetaLearner
from metagui.engine.machine_memory import held_on, room_on
from metagui.engine.sentinel import DeferredSentinel, sentinel_for
from metagui.events import Progress

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

CUDA = torch.device("cuda:0")


@pytest.fixture
def _no_synchronisation() -> Iterator[None]:
    """Any call that makes the host wait for the device raises."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    yield
    torch.cuda.set_sync_debug_mode("default")


def _algorithms() -> list[str]:
    sections = {
        name: section for name, section in choices("algorithm").items() if issubclass(section, AlgorithmSection)
    }
    return [name for name, section in sections.items() if "regression" in section.fits]


@pytest.mark.parametrize("algorithm", _algorithms())
def test_that_training_on_the_device_agrees_with_the_cpu(small, algorithm: str) -> None:
    config = small("sinusoid-maml", f"algorithm.name={algorithm}", "compute.dtype=float64")
    here, there = MetaLearner(config), MetaLearner(apply_overrides(config, ["compute.device=cuda:0"]))
    for _ in range(3):
        here.meta_step(here.sample_tasks())
        there.meta_step(there.sample_tasks())
    torch.testing.assert_close(there.theta.cpu(), here.theta, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("algorithm", ["maml", "fomaml", "reptile", "imaml"])
def test_that_no_step_waits_for_the_host(small, algorithm: str, request: pytest.FixtureRequest) -> None:
    config = small("sinusoid-maml", f"algorithm.name={algorithm}", "compute.device=cuda:0")
    learner = MetaLearner(config)
    sentinel = sentinel_for(learner)
    assert isinstance(sentinel, DeferredSentinel)
    sentinel.outer_step(learner, learner.meta_gradient(learner.sample_tasks()))  # makes handles and moments
    request.getfixturevalue("_no_synchronisation")
    for _ in range(3):
        sentinel.outer_step(learner, learner.meta_gradient(learner.sample_tasks()))


def test_that_a_bad_step_is_undone_on_the_device(small) -> None:
    learner = MetaLearner(small("sinusoid-maml", "compute.device=cuda:0"))
    sentinel = DeferredSentinel(1000.0)
    good = learner.meta_gradient(learner.sample_tasks())
    sentinel.outer_step(learner, good)
    before = {name: value.clone() for name, value in learner.changing().items()}
    bad = replace(
        good, gradient=good.gradient * torch.nan, series=good.series | {"outer_loss": good.gradient[0] * torch.nan}
    )
    verdict = sentinel.outer_step(learner, bad)
    assert not verdict
    for name, value in learner.changing().items():
        assert torch.equal(value, before[name]), name


def test_that_copies_arrive_whole_and_in_their_own_time() -> None:
    values = torch.arange(1000.0, device=CUDA)
    assert HostCopy(values).numpy().tolist() == list(range(1000))


@pytest.mark.parametrize("kill_at", [2, 4])
def test_that_a_run_on_the_device_trains_tells_and_goes_on(small, train, tmp_path: Path, kill_at: int) -> None:
    config = small("sinusoid-maml", "compute.device=cuda:0", f"compute.checkpoint_every={kill_at}")
    recorded = train(config)
    assert recorded.ended.status == "finished"
    assert sorted(recorded.series()["outer_loss"]) == [1, 2, 3, 4, 5, 6]
    progress = recorded.of(Progress)[-1]
    assert 0 < progress.memory_bytes <= progress.memory_total == room_on(CUDA).total
    assert held_on(CUDA) > 0
    resumed = train(config, resume_from=tmp_path / "run" / "checkpoints" / f"step-{kill_at:08d}.safetensors")
    assert resumed.ended.status == "finished"


def test_that_a_diverging_run_is_found_on_the_device(small, train) -> None:
    config = small(
        "sinusoid-maml", "algorithm.inner_lr=10", "algorithm.inner_steps=30", "compute.device=cuda:0", steps=50
    )
    ended = train(config).ended
    assert ended.status == "diverged"
    assert "the support loss at inner step" in ended.reason
