"""What the page says of values and moments, and which recordings it refuses."""

from collections.abc import Callable

import numpy as np
import pytest

from metagui.events import Array, Moment, Recorded, Value
from metagui.gui.walkthrough.content import Content, MalformedRecordingError, figure, form, tip

Make = Callable[..., Recorded]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Value(kind="number", text="0.01"), ("0.01", "")),
        (Value(kind="tensor", text="0.25", norm=0.25), ("0.25", "one number")),
        (Value(kind="tensor", text="‖·‖ = 3", shape=(40, 1), norm=3.0), ("‖·‖ 3.00", "40 × 1")),
        (
            Value(kind="parameters", text="", shape=(1761,), dtype="6 tensors, float32", norm=6.77),
            ("‖·‖ 6.77", "6 tensors, 1,761 numbers"),
        ),
        (Value(kind="examples", text="5 examples", shape=(5, 1, 28, 28)), ("5 examples", "5 × 1 × 28 × 28")),
        (Value(kind="numbers", text="none yet", shape=(0,)), ("none yet", "")),
    ],
)
def test_that_a_value_is_told_in_few_words(value: Value, words: tuple[str, str]) -> None:
    assert (figure(value), form(value)) == words


def test_that_the_tip_says_where_gradients_flow() -> None:
    assert "grad_fn" in tip("phi", Value(kind="tensor", text="", shape=(2,), norm=1.0, graph="Sub"))
    assert "requires_grad" in tip("theta", Value(kind="tensor", text="", shape=(2,), norm=1.0, graph="leaf"))
    assert "gradients stop here" in tip("v", Value(kind="tensor", text="", shape=(2,), norm=1.0))
    assert ".grad" in tip("theta", Value(kind="parameters", text="", norm=1.0, gradient_norm=0.5))


def test_that_a_moment_lists_what_is_alive_without_throwaway_names(recording: Make) -> None:
    content = Content(recording())
    names = [variable.name for variable in content.variables(content.moments[3])]
    assert names == ["theta", "inner_lr", "phi", "outputs"]
    again = content.variables(content.moments[3])
    assert again[0] is content.variables(content.moments[3])[0]
    assert again[0].heat is not None
    assert "carries a graph: leaf" in again[0].sentence


def test_that_a_call_and_its_return_are_one_run_of_their_line(recording: Make) -> None:
    content = Content(recording(tasks=2, inner_steps=3))
    assert set(content.runs("maml.py").values()) == {2}
    assert sorted(content.runs("inner_loop.py").values()) == [2, 6, 6]
    assert content.files == ("maml.py", "inner_loop.py")
    assert content.largest_loss == 2.0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"moments": ()}, "no lines"),
        ({"moments": (Moment(file="maml.py", line=1, function="f", depth=0, scope=(("a", 9),)),)}, "value 9"),
        ({"values": (Value(kind="tensor", text="", heat=5),) * 5}, "array 5"),
        ({"arrays": (Array.of(np.zeros(3, np.float32)),) * 2}, "rows, columns"),
        ({"arrays": (Array("float32", (2, 2), b"short"),) * 2}, "array 0"),
    ],
)
def test_that_a_recording_whose_parts_do_not_fit_is_refused(
    recording: Make, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(MalformedRecordingError, match=reason):
        Content(recording(**changes))
