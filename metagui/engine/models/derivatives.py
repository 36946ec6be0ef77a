"""How often what a network computes may be differentiated: an operation that need not know its second derivative can
be torch's own, which goes back without a word of Python and so does not hold up the other threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

_ONCE = ContextVar("once", default=False)  # of each thread apart


@contextmanager
def differentiated_once() -> Iterator[None]:
    """A promise, as ``torch.no_grad`` is one: what is computed here is not differentiated twice."""
    token = _ONCE.set(True)
    try:
        yield
    finally:
        _ONCE.reset(token)


def is_differentiated_twice() -> bool:
    """Whether nobody has promised otherwise."""
    return torch.is_grad_enabled() and not _ONCE.get()
