"""What a variable holds, in words and few numbers."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from metagui.engine.episode import Episode, EpisodeBatch, Examples
from metagui.events import Array, Value

HEAT_ROWS, HEAT_COLUMNS = 16, 24
_FEW = 6


class ValueBook:
    """Values of one recording, each kept once: equal objects share an index."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.arrays: list[Array] = []
        self._known: dict[Hashable, int] = {}
        self._kept: list[Tensor] = []

    def index_of(self, thing: Any) -> int | None:
        """Index of the value of a variable; None for what nobody wants to see (functions, None)."""
        key = self._key(thing)
        if key is None:
            return None
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = len(self.values)
            self.values.append(self._value(thing))
            # Storage that is kept cannot be given to another tensor, which would then have the same key. Detached,
            # so that no graph is kept with it.
            self._kept += [tensor.detach() for tensor in _tensors(thing)]
        return known

    def _key(self, thing: Any) -> Hashable | None:
        match thing:
            case bool() | int() | float() | str():
                return type(thing).__name__, thing
            case Tensor():
                gradient = thing.grad if thing.is_leaf else None
                mark = None if gradient is None else (gradient.data_ptr(), gradient._version)
                return thing.data_ptr(), tuple(thing.shape), thing.stride(), thing._version, _graph(thing), mark
            case Examples() | Episode() | EpisodeBatch():
                return type(thing).__name__, tuple(tensor.data_ptr() for tensor in _tensors(thing))
            case Mapping() if _all_tensors(thing.values()):
                return "mapping", tuple((name, self._key(tensor)) for name, tensor in thing.items())
            case list() | tuple() if thing and _all_tensors(thing):
                return "tensors", tuple(self._key(tensor) for tensor in thing)
            case list() | tuple() if all(isinstance(one, int | float) for one in thing):
                return "numbers", tuple(thing)
            case list() | tuple() if all(isinstance(one, list | tuple) for one in thing):
                return "lists", tuple(self._key(one) for one in thing)
            case torch.optim.Optimizer():
                return "optimizer", id(thing)
        return None

    # --- in words ------------------------------------------------------------------------------------------------

    def _value(self, thing: Any) -> Value:
        match thing:
            case bool() | str():
                return Value(kind="text", text=str(thing))
            case int() | float():
                return Value(kind="number", text=short(thing))
            case Tensor():
                return self._tensor(thing)
            case Mapping():
                return self._tensors(list(thing.values()), f"{len(thing)} tensors")
            case Episode():
                words = f"{len(thing.support.inputs)} support, {len(thing.query.inputs)} query examples"
                return Value(kind="examples", text=words, shape=tuple(thing.support.inputs.shape))
            case EpisodeBatch():
                return Value(kind="examples", text=f"{len(thing)} tasks", shape=tuple(thing.support.inputs.shape))
            case Examples():
                return Value(kind="examples", text=f"{len(thing.inputs)} examples", shape=tuple(thing.inputs.shape))
            case torch.optim.Optimizer():
                rate = thing.param_groups[0]["lr"]
                return Value(kind="text", text=f"{type(thing).__name__}, β = {short(rate)}")
        if thing and isinstance(thing[0], Tensor):
            return self._tensors(list(thing), f"{len(thing)} tensors")
        if thing and isinstance(thing[0], list | tuple):
            return Value(kind="numbers", text=f"{len(thing)} lists", shape=(len(thing),))
        return self._numbers(thing)

    def _tensor(self, tensor: Tensor) -> Value:
        plain = tensor.detach().to(torch.float64)
        if not tensor.is_floating_point():
            heat = self._heat(plain) if tensor.numel() > 1 else -1
            text = ", ".join(str(int(one)) for one in plain.flatten()[:_FEW]) + (" …" if plain.numel() > _FEW else "")
            return Value(kind="tensor", text=text, shape=tuple(tensor.shape), dtype=_dtype(tensor), heat=heat)
        single = tensor.numel() == 1
        norm = float(plain.norm())
        return Value(
            kind="tensor",
            text=short(float(plain)) if single else f"‖·‖ = {short(norm)}",
            shape=tuple(tensor.shape),
            dtype=_dtype(tensor),
            norm=norm,
            low=float(plain.min()) if tensor.numel() else None,
            high=float(plain.max()) if tensor.numel() else None,
            graph=_graph(tensor),
            gradient_norm=_gradient_norm([tensor]),
            heat=-1 if single else self._heat(plain),
        )

    def _tensors(self, tensors: Sequence[Tensor], words: str) -> Value:
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors]).to(torch.float64)
        norm = float(flat.norm())
        return Value(
            kind="parameters",
            text=f"‖·‖ = {short(norm)}",
            shape=(len(flat),),
            dtype=f"{words}, {_dtype(tensors[0])}",
            norm=norm,
            low=float(flat.min()),
            high=float(flat.max()),
            graph=next((found for found in map(_graph, tensors) if found), ""),
            gradient_norm=_gradient_norm(tensors),
            heat=self._heat(flat) if len(flat) > 1 else -1,
        )

    def _numbers(self, numbers: Sequence[float]) -> Value:
        shown = ", ".join(short(one) for one in numbers[:_FEW]) + (" …" if len(numbers) > _FEW else "")
        heat = self._heat(torch.tensor(list(numbers), dtype=torch.float64)) if len(numbers) > 1 else -1
        return Value(kind="numbers", text=shown or "none yet", shape=(len(numbers),), heat=heat)

    def _heat(self, values: Tensor) -> int:
        self.arrays.append(Array.of(heat_map(values).to(torch.float32).numpy()))
        return len(self.arrays) - 1


def heat_map(values: Tensor) -> Tensor:
    """[rows, columns], at most 16 x 24: a matrix as it is or as means over blocks, anything longer wrapped in rows."""
    if values.dim() >= 2:
        table = values.flatten(start_dim=1) if values.dim() > 2 else values
    else:
        flat = values.flatten()
        if len(flat) <= HEAT_COLUMNS:
            return flat.unsqueeze(0)
        columns = min(HEAT_COLUMNS, math.ceil(math.sqrt(len(flat) * HEAT_COLUMNS / HEAT_ROWS)))
        per_cell = math.ceil(len(flat) / (columns * HEAT_ROWS)) if len(flat) > columns * HEAT_ROWS else 1
        rows = math.ceil(len(flat) / (columns * per_cell))
        padded = torch.nn.functional.pad(flat, (0, rows * columns * per_cell - len(flat)))
        return padded.view(rows, columns, per_cell).mean(dim=-1)
    size = (min(table.shape[0], HEAT_ROWS), min(table.shape[1], HEAT_COLUMNS))
    return torch.nn.functional.adaptive_avg_pool2d(table[None], size)[0]


def short(number: float) -> str:
    """Four significant digits."""
    return f"{number:.4g}" if isinstance(number, float) else f"{number:,}"


def _graph(tensor: Tensor) -> str:
    """The operation that made it, "leaf" for one that asks for gradients, "" where it carries no graph."""
    if tensor.grad_fn is not None:
        return type(tensor.grad_fn).__name__.rstrip("0123456789").removesuffix("Backward")
    return "leaf" if tensor.requires_grad else ""


def _gradient_norm(tensors: Sequence[Tensor]) -> float | None:
    filled = [tensor.grad for tensor in tensors if tensor.is_leaf and tensor.grad is not None]
    return float(torch.stack([one.double().norm() for one in filled]).norm()) if filled else None


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _all_tensors(things: Any) -> bool:
    things = list(things)
    return bool(things) and all(isinstance(one, Tensor) for one in things)


def _tensors(thing: Any) -> list[Tensor]:
    match thing:
        case Tensor():
            return [thing, *([thing.grad] if thing.is_leaf and thing.grad is not None else [])]
        case Examples():
            return [thing.inputs, thing.targets]
        case Episode() | EpisodeBatch():
            return [*_tensors(thing.support), *_tensors(thing.query)]
        case Mapping():
            return [tensor for one in thing.values() for tensor in _tensors(one)]
        case list() | tuple():
            return [tensor for one in thing for tensor in _tensors(one)]
    return []
