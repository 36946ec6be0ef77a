"""The protocol carries every message there and back, and refuses everything else."""

from __future__ import annotations

import pickle

import msgspec
import numpy as np
import pytest

from metagui.events import (
    Adapt,
    Array,
    Metrics,
    Pause,
    ProtocolError,
    RunEnded,
    Step,
    Train,
    WeightsSnapshot,
    decode_event,
    decode_inbound,
    encode,
)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_that_arrays_come_back_as_they_went(dtype: str, shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).integers(0, 2, size=shape).astype(dtype)
    back = Array.of(values).numpy()
    assert back.dtype == values.dtype
    assert back.shape == shape
    np.testing.assert_array_equal(back, values)


def test_that_arrays_of_objects_are_not_sent() -> None:
    with pytest.raises(TypeError, match="object"):
        Array.of(np.array([{}], dtype=object))


@pytest.mark.parametrize(
    "array",
    [Array("object", (1,), b"12345678"), Array("float32", (3,), b"1234"), Array("float32", (-1,), b"1234")],
)
def test_that_an_array_whose_parts_disagree_is_refused(array: Array) -> None:
    with pytest.raises(ValueError, match=r"array|buffer|reshape"):
        array.numpy()


def test_that_events_and_requests_keep_their_types() -> None:
    metrics = Metrics(
        names=("outer_loss",),
        steps=Array.of(np.arange(2)),
        times=Array.of(np.zeros(2)),
        values=Array.of(np.array([[1.0], [np.nan]])),
    )
    snapshot = WeightsSnapshot(step=3, weights={"linear0.weight": Array.of(np.ones((2, 2), np.float32))})
    ended = RunEnded(status="stopped", step=3, reason="Stopped.")
    for event in (metrics, snapshot, ended):
        assert decode_event(encode(event)) == event
    train = Train(config={"task": {"name": "sinusoid"}}, run_dir="/r", data_dir="/d")
    adapt = Adapt(request=1, config={}, data_dir="/d", step=0, tasks=(0, 1))
    for request in (train, adapt, Pause(), Step(unit="task")):
        assert decode_inbound(encode(request)) == request


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00garbage",
        pickle.dumps({"type": "Pause"}),
        msgspec.msgpack.encode({"type": "NoSuchMessage"}),
        msgspec.msgpack.encode({"type": "Step", "unit": "epoch"}),
        msgspec.msgpack.encode({"type": "RunEnded", "status": "exploded", "step": 1, "reason": ""}),
    ],
)
def test_that_frames_that_are_no_message_are_refused(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_event(frame)
    with pytest.raises(ProtocolError):
        decode_inbound(frame)


def test_that_an_event_is_no_request() -> None:
    with pytest.raises(ProtocolError):
        decode_inbound(encode(RunEnded(status="stopped", step=3, reason="Stopped.")))
