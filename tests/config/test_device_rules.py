"""What no device of a kind can compute is refused with what to do instead."""

from __future__ import annotations

from itertools import product

import pytest

from metagui.config import apply_overrides, choices, load_preset, parse
from metagui.config.algorithms import AlgorithmSection
from metagui.config.device_rules import limits_of, refusal
from metagui.errors import InvalidValueError

KINDS = ("auto", "cpu", "cuda", "xpu", "mps")


def _glyphs(algorithm: str = "fomaml", dtype: str = "float32"):
    """Without the rules' own validator: the table is asked for what parse would refuse."""
    config = load_preset("glyphs-maml-5w1s").config
    config = apply_overrides(config, [f"algorithm.name={algorithm}"])
    return config.model_copy(update={"compute": config.compute.model_copy(update={"dtype": dtype})})


def _fits_images(algorithm: str) -> bool:
    section = choices("algorithm")[algorithm]
    assert issubclass(section, AlgorithmSection)
    return "images" in section.fits


@pytest.mark.parametrize("algorithm", [name for name in choices("algorithm") if _fits_images(name)])
def test_that_everything_in_float32_runs_everywhere_but_second_derivatives_on_mps(algorithm: str) -> None:
    config = _glyphs(algorithm)
    refused = {kind for kind in KINDS if refusal(config, kind) is not None}
    assert refused == ({"mps"} if config.algorithm.second_order else set())


@pytest.mark.parametrize(("kind", "dtype"), list(product(KINDS, ["float64", "bfloat16"])))
def test_that_mps_computes_in_float32_alone(kind: str, dtype: str) -> None:
    problem = refusal(_glyphs("fomaml", dtype), kind)
    assert (problem is not None) == (kind == "mps")
    if problem is not None:
        assert problem.path == "compute.device"
        assert dtype in problem.message
        assert "choose float32, or cpu" in problem.message


def test_that_a_refusal_says_why_and_what_to_do() -> None:
    problem = refusal(_glyphs("maml"), "mps")
    assert problem is not None
    assert problem.path == "compute.device"
    assert "cannot differentiate twice" in problem.message
    assert "choose cpu, or a first-order algorithm" in problem.message


def test_that_bfloat16_is_refused_for_second_derivatives_and_small_networks() -> None:
    second = refusal(_glyphs("imaml", "bfloat16"), "cuda")
    assert second is not None
    assert second.path == "compute.dtype"
    assert "iMAML" in second.message
    config = load_preset("sinusoid-reptile").config
    small = config.model_copy(update={"compute": config.compute.model_copy(update={"dtype": "bfloat16"})})
    problem = refusal(small, "cpu")
    assert problem is not None
    assert "MLP" in problem.message


def test_that_a_configuration_is_checked_when_it_is_read() -> None:
    content = load_preset("glyphs-maml-5w1s").config.to_dict()
    content["compute"]["device"] = "mps"
    with pytest.raises(InvalidValueError, match=r"^compute\.device: PyTorch cannot differentiate twice on mps"):
        parse(content)
    content["compute"] |= {"device": "auto", "dtype": "bfloat16"}
    with pytest.raises(InvalidValueError, match=r"^compute\.dtype: bfloat16 keeps too few digits"):
        parse(content)


def test_that_limits_are_told_of_mps_alone() -> None:
    assert {kind for kind in KINDS if limits_of(kind)} == {"mps"}
