"""What every message between processes is made of: named records, and arrays as raw bytes."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

_DTYPES = frozenset({"float32", "float64", "int64", "int32", "uint8", "bool"})


class Array(msgspec.Struct, frozen=True, array_like=True):
    """A numpy array as dtype name, shape and C-ordered little-endian bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Array:
        array = np.ascontiguousarray(values)
        shape = np.shape(values)  # ascontiguousarray makes a scalar one-dimensional
        if array.dtype.name not in _DTYPES:
            raise TypeError(f"arrays of type {array.dtype.name} do not cross the process border")
        return cls(array.dtype.name, shape, array.tobytes())

    def numpy(self) -> npt.NDArray[Any]:
        """Read-only view of the bytes; raises ValueError where type, shape and size do not agree."""
        if self.dtype not in _DTYPES or any(side < 0 for side in self.shape):
            raise ValueError(f"not an array this protocol carries: {self.dtype} {self.shape}")
        return np.frombuffer(self.data, dtype=self.dtype).reshape(self.shape)


class Message(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all messages; the tag is the class name."""
