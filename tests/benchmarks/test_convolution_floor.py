"""The floor under a meta-gradient counts what each algorithm cannot do without."""

from __future__ import annotations

import dataclasses

import pytest

from benchmarks.convolution_floor import NAMES, Passes, convolutions, main
from benchmarks.workloads import WORKLOADS


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("w2-reptile", Passes(5, 0, 0)),
        ("w2-fomaml", Passes(5, 0, 1)),
        ("w2-maml", Passes(5, 5, 1)),
        ("w2-imaml", Passes(17, 5, 1)),
    ],
)
def test_that_the_passes_are_those_of_the_algorithm(name: str, passes: Passes) -> None:
    assert name in NAMES
    assert Passes.of(WORKLOADS[name]) == passes


def test_that_all_kinds_of_convolution_run() -> None:
    convolutions(dataclasses.replace(WORKLOADS["w2-maml"], filters=2), 2)()


@pytest.mark.slow
def test_that_it_prints_a_row_for_each_workload(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--workloads", "w2-reptile", "--threads", "1", "--rounds", "1"]) == 0
    assert "| w2-reptile |" in capsys.readouterr().out
