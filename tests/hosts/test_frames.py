from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metagui.events import ProtocolError
from metagui.hosts.frames import MAX_FRAME_BYTES, FrameReader, FrameWriter


@pytest.fixture
def pipe() -> Iterator[tuple[FrameReader, FrameWriter]]:
    read_fd, write_fd = os.pipe()
    reader, writer = FrameReader(read_fd), FrameWriter(write_fd)
    yield reader, writer
    writer.close()
    reader.close()


@given(frames=st.lists(st.binary(max_size=300), max_size=20))
def test_that_frames_arrive_as_they_were_sent_and_then_the_end(frames: list[bytes]) -> None:
    read_fd, write_fd = os.pipe()
    reader, writer = FrameReader(read_fd), FrameWriter(write_fd)
    for frame in frames:
        writer.write(frame)
    writer.close()
    assert [reader.read() for _ in frames] == frames
    assert reader.read() is None
    reader.close()


def test_that_a_frame_larger_than_the_pipe_arrives_whole(pipe: tuple[FrameReader, FrameWriter]) -> None:
    reader, writer = pipe
    big = os.urandom(3_000_001)
    sender = threading.Thread(target=writer.write, args=(big,))
    sender.start()
    assert reader.read() == big
    sender.join()


def test_that_frames_of_many_threads_do_not_mix(pipe: tuple[FrameReader, FrameWriter]) -> None:
    reader, writer = pipe
    sizes = [10, 70_000, 200_000, 5]
    senders = [
        threading.Thread(target=lambda n=n, size=size: [writer.write(bytes([n]) * size) for _ in range(5)])
        for n, size in enumerate(sizes)
    ]
    for sender in senders:
        sender.start()
    frames = [reader.read() for _ in range(20)]
    for sender in senders:
        sender.join()
    assert sorted(frames) == sorted(bytes([n]) * size for n, size in enumerate(sizes) for _ in range(5))


def test_that_an_absurd_length_is_refused_before_it_is_allocated(pipe: tuple[FrameReader, FrameWriter]) -> None:
    reader, writer = pipe
    writer._file.write(struct.pack(">I", MAX_FRAME_BYTES + 1))
    with pytest.raises(ProtocolError, match="claims"):
        reader.read()


@pytest.mark.parametrize("rest", [b"\x00", struct.pack(">I", 10), struct.pack(">I", 10) + b"short"])
def test_that_an_end_within_a_frame_is_an_error_and_no_end(pipe: tuple[FrameReader, FrameWriter], rest: bytes) -> None:
    reader, writer = pipe
    writer._file.write(rest)
    writer.close()
    with pytest.raises(ProtocolError, match="middle"):
        reader.read()


def test_that_writing_to_nobody_is_an_os_error() -> None:
    read_fd, write_fd = os.pipe()
    os.close(read_fd)
    writer = FrameWriter(write_fd)
    with pytest.raises(OSError):
        writer.write(b"hello")
    writer.close()
