"""The estimate before the start: counted as tensors live, near what is measured, and a refusal only of the hopeless."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from metagui.config import ExperimentConfig, apply_overrides, choices, load_preset
from metagui.config.algorithms import AlgorithmSection
from metagui.engine.live_bytes import LiveBytes
from metagui.engine.machine_memory import Room, _cgroup_limit, held_on, room_on
from metagui.engine.memory import ACCURACY, MemoryEstimate, estimate, refuse_impossible, sentence
from metagui.errors import InvalidValueError

CPU = torch.device("cpu")


def _glyphs(*changes: str) -> ExperimentConfig:
    quick = ["compute.device=cpu", "model.filters=8", "outer.meta_batch_size=4"]
    return apply_overrides(load_preset("glyphs-maml-5w1s").config, [*quick, *changes])


def _work(tmp_path: Path, *changes: str) -> int:
    return estimate(_glyphs("outer.validation_tasks=2", *changes), tmp_path).work


def test_that_bytes_are_counted_while_they_live() -> None:
    with LiveBytes() as live:
        a = torch.empty(1000, device="meta")
        b = a * 2
        view = b[10:]
        assert live.now == 8000
        del a, b
        assert live.now == 4000
        del view
        assert live.now == 0
    assert live.peak == 8000


def test_that_what_a_graph_keeps_is_counted() -> None:
    a = torch.empty(1000, requires_grad=True)
    with LiveBytes() as live:
        b = a.exp().exp()
        assert live.now == 8000
        del b
        assert live.now == 0


def test_that_maml_grows_with_the_inner_steps_and_first_order_does_not(tmp_path: Path) -> None:
    second = [_work(tmp_path, f"algorithm.inner_steps={k}") for k in (2, 8)]
    first = [_work(tmp_path, "algorithm.name=fomaml", f"algorithm.inner_steps={k}") for k in (2, 8)]
    assert second[1] > second[0]
    assert first[1] < 1.1 * first[0]


def test_that_it_grows_with_the_meta_batch(tmp_path: Path) -> None:
    few, many = (_work(tmp_path, f"outer.meta_batch_size={n}") for n in (4, 8))
    assert many == pytest.approx(2 * few, rel=0.1)


@pytest.mark.parametrize("change", ["outer.meta_batch_size=40", "algorithm.inner_steps=24"])
def test_that_what_is_extrapolated_agrees_with_what_is_gone_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    config = apply_overrides(load_preset("sinusoid-maml").config, ["compute.device=cpu", change])
    shortened = estimate(config, tmp_path).work
    monkeypatch.setattr("metagui.engine.memory.DIRECT_TASKS", 1000)
    monkeypatch.setattr("metagui.engine.memory.DIRECT_STEPS", 1000)
    assert shortened == pytest.approx(estimate(config, tmp_path).work, rel=0.02)


@pytest.mark.parametrize("algorithm", choices("algorithm"))
def test_that_every_algorithm_can_be_estimated(tmp_path: Path, algorithm: str) -> None:
    section = choices("algorithm")[algorithm]
    assert issubclass(section, AlgorithmSection)
    preset = "sinusoid-maml" if "regression" in section.fits else "points-maml"
    config = apply_overrides(load_preset(preset).config, [f"algorithm.name={algorithm}", "compute.device=cpu"])
    found = estimate(config, tmp_path)
    assert found.work > 0
    assert found.state > 0
    assert found.needed == found.program + found.state + found.work


@pytest.mark.parametrize(
    ("needed", "verdict"), [(5, "fits"), (12, "tight"), (21, "tight"), (40, "tight"), (41, "impossible")]
)
def test_that_only_what_cannot_possibly_fit_is_refused(needed: int, verdict: str) -> None:
    found = MemoryEstimate(program=0, state=0, work=needed * 10**9, room=Room(20 * 10**9, 10 * 10**9))
    assert found.verdict == verdict
    assert sentence(found).startswith(f"Needs about {needed}.0 GB of memory")
    if verdict == "impossible":
        with pytest.raises(InvalidValueError, match=r"there are 20\.0 GB in all\. Lower the meta-batch"):
            refuse_impossible(found)
    else:
        refuse_impossible(found)


def test_that_a_container_s_limit_is_the_room_there_is(tmp_path: Path) -> None:
    assert _cgroup_limit(tmp_path) == (0, 0)
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("7\n")
    assert _cgroup_limit(tmp_path) == (0, 0)
    (tmp_path / "memory.max").write_text("2000\n")
    assert _cgroup_limit(tmp_path) == (2000, 7)


def test_that_this_machine_has_room() -> None:
    room = room_on(CPU)
    assert 0 < room.available <= room.total
    assert 0 < held_on(CPU) < room.total


_MEASURE = """
import re, sys
from pathlib import Path
from metagui.config import apply_overrides, load_preset
from metagui.engine.learner import MetaLearner
import torch
torch.set_num_threads(1)
def peak():
    # getrusage would count what the parent held at the fork, too.
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
config = apply_overrides(load_preset(sys.argv[1]).config, sys.argv[2:])
small = MetaLearner(apply_overrides(config, ["outer.meta_batch_size=1", "algorithm.inner_steps=1"]))
small.meta_step(small.sample_tasks())  # the libraries' own memory is the program's
before = peak()
learner = MetaLearner(config)
for _ in range(2):
    learner.meta_step(learner.sample_tasks())
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc of Linux")
@pytest.mark.parametrize(
    ("preset", "changes"),
    [
        ("glyphs-maml-5w1s", ["algorithm.name=maml", "algorithm.inner_steps=10"]),
        ("glyphs-maml-5w1s", ["algorithm.name=fomaml", "algorithm.inner_steps=3", "outer.meta_batch_size=48"]),
        ("glyphs-maml-5w1s", ["algorithm.name=reptile", "algorithm.inner_steps=3", "outer.meta_batch_size=48"]),
        ("glyphs-maml-5w1s", ["algorithm.name=imaml", "algorithm.inner_steps=3", "outer.meta_batch_size=32"]),
        ("sinusoid-fomaml", ["algorithm.inner_steps=3", "outer.meta_batch_size=100", "model.hidden=[400,400]"]),
    ],
)
def test_that_the_estimate_is_near_the_measured_peak(tmp_path: Path, preset: str, changes: list[str]) -> None:
    """Within the stated factor, both ways: in a fresh process, above what the program itself takes."""
    changes = ["compute.device=cpu", "outer.validation_tasks=2", *changes]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, preset, *changes],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    measured = int(done.stdout)
    found = estimate(apply_overrides(load_preset(preset).config, changes), tmp_path)
    assert measured / ACCURACY < found.state + found.work < measured * ACCURACY
