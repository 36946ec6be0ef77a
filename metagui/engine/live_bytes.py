"""Counts the bytes that tensors hold at once, operation by operation, also where they are none: on the meta device."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_COPYING = (torch.ops.aten.convolution.default, torch.ops.aten.convolution_backward.default)
"""Operations whose libraries may bring what they read and write into a layout of their own."""


class LiveBytes(TorchDispatchMode):
    """While active: every storage that an operation of this thread makes is counted until it is freed.

    A convolution counts with a second copy of all that it reads and writes, while it is computed.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = 0
        self.peak = 0
        self._storages: dict[int, weakref.ref[torch.UntypedStorage]] = {}

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = operation(*args, **(kwargs or {}))
        results = [value for value in tree_leaves(result) if isinstance(value, Tensor)]
        for value in results:
            self._count(value.untyped_storage())
        copies = 0
        if operation in _COPYING:
            copies = sum(
                value.nbytes for value in [*tree_leaves((args, kwargs)), *results] if isinstance(value, Tensor)
            )
        self.peak = max(self.peak, self.now + copies)
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        key, size = id(storage), storage.nbytes()
        if key in self._storages:
            return

        def freed(_: object) -> None:
            del self._storages[key]
            self.now -= size

        self._storages[key] = weakref.ref(storage, freed)
        self.now += size
