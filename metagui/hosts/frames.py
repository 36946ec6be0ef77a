"""Frames on a pipe: four bytes of length (big-endian), then that many bytes of one encoded message."""

from __future__ import annotations

import io
import struct
import threading

from metagui.events import ProtocolError

MAX_FRAME_BYTES = 512 << 20
_LENGTH = struct.Struct(">I")
_CHUNK = 1 << 16


class FrameReader:
    """Reads frames from a file descriptor it owns. One thread reads.

    Unbuffered underneath: a buffered file's lock, held by a thread that is still reading, can abort the interpreter
    at its end.
    """

    def __init__(self, fd: int) -> None:
        self._file = io.FileIO(fd, "rb")
        self._buffer = bytearray()

    def read(self) -> bytes | None:
        """The next frame, or None once the other side has closed; ProtocolError for what can be no frame."""
        header = self._take(_LENGTH.size)
        if header is None:
            return None
        (length,) = _LENGTH.unpack(header)
        if length > MAX_FRAME_BYTES:
            raise ProtocolError(f"a frame claims {length} bytes; at most {MAX_FRAME_BYTES} are allowed")
        body = self._take(length)
        if body is None:
            raise ProtocolError("the connection ended in the middle of a frame")
        return body

    def close(self) -> None:
        self._file.close()

    def _take(self, count: int) -> bytes | None:
        while len(self._buffer) < count:
            chunk = self._file.read(min(max(_CHUNK, count - len(self._buffer)), 1 << 20))
            if not chunk:
                if self._buffer:
                    raise ProtocolError("the connection ended in the middle of a frame")
                return None
            self._buffer += chunk
        taken = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return taken


class FrameWriter:
    """Writes whole frames to a file descriptor it owns. Any thread may write; frames never interleave."""

    def __init__(self, fd: int) -> None:
        self._file = io.FileIO(fd, "wb")
        self._lock = threading.Lock()

    def write(self, frame: bytes) -> None:
        """Blocks while the pipe is full. OSError when the other side is gone, ProtocolError for too long a frame."""
        if len(frame) > MAX_FRAME_BYTES:
            raise ProtocolError(f"a message of {len(frame)} bytes is too long; at most {MAX_FRAME_BYTES} are allowed")
        with self._lock:
            self._write_all(_LENGTH.pack(len(frame)) + frame if len(frame) < _CHUNK else _LENGTH.pack(len(frame)))
            if len(frame) >= _CHUNK:
                self._write_all(frame)

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
