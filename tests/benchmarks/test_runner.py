"""The comparison with peers: checked before it is timed, and never ended by a peer that is absent."""

from __future__ import annotations

import dataclasses
import json

import pytest
import torch

from benchmarks.__main__ import as_json, main
from benchmarks.comparison import EXACT, OURS, REFERENCE, Comparison, Quartiles, Row, compare, judge
from benchmarks.peers import PEERS
from benchmarks.peers.base import relative_difference
from benchmarks.peers.learn2learn_maml import SOURCE
from benchmarks.processes import Contender, ContenderError
from benchmarks.table import table
from benchmarks.workloads import WORKLOADS, Workload, build

SMALL = dataclasses.replace(WORKLOADS["w1-maml-1"], tasks=3)


@pytest.mark.slow
def test_that_contenders_agree_before_they_are_timed_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SOURCE, raising=False)
    told: list[str] = []
    peers = [PEERS[OURS], PEERS[REFERENCE], PEERS["learn2learn"]]
    comparison = compare(SMALL, peers, threads=1, rounds=3, seconds=0.0, tell=told.append)
    ours, loop, absent = comparison.rows
    assert comparison.sound
    assert ours.difference64 is not None
    assert ours.difference64 <= EXACT
    assert ours.difference32 is not None
    assert 0 < ours.difference32 < 1e-4
    assert ours.ratio == Quartiles(1, 1, 1)
    assert loop.rate is not None
    assert 0 < loop.rate.low <= loop.rate.median <= loop.rate.high
    assert loop.ratio is not None
    assert loop.peak_memory is not None
    rounds = [line for line in told if "round" in line]
    assert len(rounds) == 3
    assert all(line.index(OURS) < line.index(REFERENCE) for line in rounds)
    assert (absent.status, absent.rate) == ("not installed", None)
    text = table(comparison)
    assert "not installed" in text
    assert "git clone https://github.com/learnables/learn2learn" in text
    assert json.loads(as_json([comparison]))["comparisons"][0]["rows"][1]["contender"] == REFERENCE


@pytest.mark.slow
def test_that_nothing_is_timed_when_our_meta_gradient_is_another() -> None:
    # Only metagui heeds the override: it is a wrong inner rate to everybody else.
    other = dataclasses.replace(SMALL, overrides=("algorithm.inner_lr=0.02",))
    told: list[str] = []
    peers = [PEERS[OURS], PEERS[REFERENCE]]
    comparison = compare(other, peers, threads=1, rounds=3, seconds=0.0, tell=told.append)
    assert not comparison.sound
    assert comparison.rows[0].status == "refused"
    assert all(row.rate is None for row in comparison.rows)
    assert not any("round" in line or "float32" in line for line in told)


@pytest.mark.slow
def test_that_a_contender_that_fails_says_why() -> None:
    broken = dataclasses.replace(SMALL, overrides=("algorithm.cg_steps=3",))
    with pytest.raises(ContenderError, match="cg_steps"):
        Contender(PEERS[OURS], broken, 1, "float64")


@pytest.mark.slow
@pytest.mark.parametrize("peer", ["learn2learn", "higher", "torchopt", "jax jit+vmap"])
def test_that_maml_equals_the_library_on_the_same_weights(peer: str) -> None:
    missing = PEERS[peer].missing()
    if missing:
        pytest.skip(f"needs {missing}: {PEERS[peer].install}")
    workload = dataclasses.replace(WORKLOADS["w1-maml-5"], tasks=3)
    with (
        Contender(PEERS[OURS], workload, 1, "float64") as ours,
        Contender(PEERS[peer], workload, 1, "float64") as other,
    ):
        assert ours.tensors == other.tensors
        assert relative_difference(ours.gradient(), other.gradient()) < 1e-10


@pytest.mark.slow
def test_that_imaml_equals_its_reference_code_with_the_arguments_put_right() -> None:
    missing = PEERS["iMAML reference"].missing()
    if missing:
        pytest.skip(f"needs {missing}: {PEERS['iMAML reference'].install}")
    workload = dataclasses.replace(WORKLOADS["w2-imaml"], tasks=1, filters=8)
    gradients = []
    for name in [OURS, "iMAML reference", "iMAML reference with published CG"]:
        with Contender(PEERS[name], workload, 1, "float64") as contender:
            gradients.append(contender.gradient())
    ours, right, published = gradients
    assert relative_difference(ours, right) < 1e-8
    assert relative_difference(published, right) > 0.1


def test_that_a_difference_beyond_the_tolerance_is_refused() -> None:
    reference = torch.randn(50, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    near, far, other = Row("a", "timed"), Row("b", "timed"), Row("c", "timed")
    judge(near, reference * (1 + 1e-12), reference, timed=True)
    judge(far, reference * (1 + 1e-6), reference, timed=True)
    judge(other, reference * 2, reference, timed=False)
    assert near.status == "timed"
    assert far.status == "refused"
    assert "1.0e-06" in far.note
    assert (other.status, other.difference64) == ("not timed", pytest.approx(1.0))


@pytest.mark.parametrize("wrong", [torch.zeros(3), torch.tensor([1.0, float("nan")])])
def test_that_another_shape_or_no_number_never_agrees(wrong: torch.Tensor) -> None:
    assert relative_difference(wrong, torch.ones(2)) == float("inf")


def test_that_the_table_reads_well() -> None:
    rate = Quartiles(1234.4, 1300.2, 1400.0)
    rows = [
        Row(OURS, "timed", "", "1.2", 3e-16, 2e-7, rate=rate, ratio=Quartiles(1, 1, 1), peak_memory=5 * 2**20),
        Row("slow", "timed", rate=Quartiles(0.8, 0.84, 0.9), ratio=Quartiles(1.4, 1.5, 1.75), peak_memory=2**30),
        Row("absent", "not installed", "module: pip install absent"),
        Row("wrong", "refused", "its meta-gradient differs by 1.0e-02", difference64=1e-2),
        Row("else", "not timed", "computes something else", difference64=0.61, cosine=0.9),
    ]
    text = table(Comparison(WORKLOADS["w2-maml"], 2, 7, 1.0, rows))
    lines = text.splitlines()
    body = [line for line in lines if line.startswith("|")]
    assert len({len(line) for line in body}) == 1
    assert "2 threads" in text
    assert "1,300 (1,234 to 1,400)" in body[2]
    assert "0.84 (0.80 to 0.90)" in body[3]
    assert "1.50 (1.40 to 1.75)" in body[3]
    assert "1,024 MiB" in body[3]
    assert "cosine 0.900" in body[6]
    assert "- absent: not installed: module: pip install absent" in lines


def test_that_every_contender_is_given_the_same_numbers() -> None:
    workload = dataclasses.replace(WORKLOADS["w2-imaml"], tasks=2, filters=4)
    single, again, double = (build(workload, dtype, 1) for dtype in ["float32", "float32", "float64"])
    assert single.digest() == again.digest()
    assert torch.equal(single.batch.query.inputs.double(), double.batch.query.inputs)
    assert torch.equal(single.theta["conv1.weight"].double(), double.theta["conv1.weight"])
    assert build(workload, "float32", 1, seed=1).digest() != single.digest()


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda workload: workload.name)
def test_that_a_workload_survives_the_way_to_the_process(workload: Workload) -> None:
    assert Workload.from_json(workload.to_json()) == workload


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--workloads", "w9"], "w1-maml-1"), (["--peers", "nobody"], "torchopt"), (["--rounds", "0"], "1")],
)
def test_that_a_wrong_choice_is_refused_with_what_would_be_right(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert said in capsys.readouterr().err


def test_that_the_list_says_how_to_install_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SOURCE, raising=False)
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out
    assert f"set {SOURCE}" in listed
    assert all(name in listed for name in WORKLOADS)
