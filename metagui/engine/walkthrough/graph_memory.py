"""How many bytes autograd keeps for a backward pass, at any moment: what MAML needs more of with every inner step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import torch
from torch import Tensor


class GraphMemory:
    """Counts the storage of every tensor that a graph keeps while this context is open, each once."""

    def __init__(self, besides: Iterable[Tensor] = ()) -> None:
        """``besides`` would be kept anyway (parameters, data): they are not counted."""
        self.bytes = 0
        self._free = {tensor.untyped_storage().data_ptr() for tensor in besides}
        self._holders: Counter[int] = Counter()
        self._hooks = torch.autograd.graph.saved_tensors_hooks(self._keep, _give_back)

    def __enter__(self) -> GraphMemory:
        self._hooks.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hooks.__exit__(kind, error, trace)

    def _keep(self, tensor: Tensor) -> _Kept:
        storage = tensor.untyped_storage()
        address, size = storage.data_ptr(), storage.nbytes()
        if address not in self._free:
            self._holders[address] += 1
            if self._holders[address] == 1:
                self.bytes += size
        return _Kept(tensor.detach(), self, address, size)

    def release(self, address: int, size: int) -> None:
        """A graph let go of a tensor."""
        if address in self._free:
            return
        self._holders[address] -= 1
        if self._holders[address] == 0:
            del self._holders[address]
            self.bytes -= size


class _Kept:
    """A saved tensor; its end is noticed."""

    def __init__(self, tensor: Tensor, memory: GraphMemory, address: int, size: int) -> None:
        self.tensor = tensor
        self._memory, self._address, self._size = memory, address, size

    def __del__(self) -> None:
        self._memory.release(self._address, self._size)


def _give_back(kept: Any) -> Tensor:
    tensor: Tensor = kept.tensor
    return tensor
