"""What each layer of a network gives, whatever the network is: listened to while it computes.

A model here is a pure function of named parameters, all of them views into one vector. So whatever operation takes a
view into that vector belongs to the layer of the parameter that lies there, and its result is the layer's output, the
last of them where a layer computes in several steps. No model has to be written for it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from metagui.engine.bank import Bank
from metagui.engine.episode import Examples
from metagui.engine.models import ParameterSpace


def layer_outputs(bank: Bank, phi: Tensor, support: Examples, inputs: Tensor, k: int) -> dict[str, Tensor]:
    """By layer: what it gives for the inputs [1, n, *] of one task with parameters [1, P] after ``k`` steps, [n, ...],
    before the nonlinearity that follows. A layer that could not be heard is missing."""
    # The quickest banks compute in other ways, and turn weights round, which are then no longer known by their place.
    plain = Bank(bank.model, ParameterSpace(bank.model.shapes), bank.normalisation, bank.n_classes)
    phi = bank.space.row_major(phi.detach()).contiguous()
    listener = _Listener(phi, plain, inputs.shape[1])
    with torch.no_grad(), listener:
        plain.query_outputs(phi, support, inputs, k)
    return listener.heard


class _Listener(TorchFunctionMode):
    def __init__(self, phi: Tensor, bank: Bank, count: int) -> None:
        super().__init__()
        self._storage = phi.untyped_storage().data_ptr()
        self._first = phi.storage_offset()
        self._ends = list(accumulate(bank.space.sizes))
        self._layers = [name.rpartition(".")[0] or name for name in bank.space.shapes]
        self._count = count
        self.heard: dict[str, Tensor] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        given = result[0] if isinstance(result, tuple) and result else result  # batch norm gives its statistics, too
        if isinstance(given, Tensor) and not self._is_parameter(given):
            output = self._by_example(given)
            if output is not None:
                for layer in {self._layer(value) for value in _tensors((*args, *(kwargs or {}).values()))} - {None}:
                    self.heard[layer] = output
        return result

    def _is_parameter(self, value: Tensor) -> bool:
        return value.untyped_storage().data_ptr() == self._storage

    def _layer(self, value: Tensor) -> Any:
        if not self._is_parameter(value):
            return None
        return self._layers[bisect_right(self._ends, value.storage_offset() - self._first)]

    def _by_example(self, value: Tensor) -> Tensor | None:
        """[n, ...], where it is something of each example."""
        if value.dim() == 3 and tuple(value.shape[:2]) == (1, self._count):
            return value[0]
        return value if value.dim() in (2, 4) and value.shape[0] == self._count else None


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)
