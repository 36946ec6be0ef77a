"""Random numbers by counter: what a draw yields depends on seed, stream and index, never on what came before.

A resumed run therefore needs no generator state, and the held-out task number 7 is the same everywhere.
"""

from __future__ import annotations

import hashlib

import torch


def generator(seed: int, stream: str, index: int = 0) -> torch.Generator:
    """A CPU generator for draw ``index`` of ``stream`` (``"train"``, ``"validation"``, ``"test"``, ``"weights"``)."""
    digest = hashlib.blake2b(f"{seed}/{stream}/{index}".encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "little") & (2**63 - 1))
