"""Checkpoints: weights and optimizer moments as safetensors, everything else as JSON in the header. No pickle."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from metagui.errors import CheckpointError

FORMAT = 1
_WEIGHTS, _OPTIMIZER = "theta/", "optimizer/"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A run after ``step`` meta-updates. ``best`` is the best validation value so far, None before the first."""

    step: int
    config: dict[str, Any]
    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    best: float | None = None


def checkpoint_name(step: int) -> str:
    return f"step-{step:08d}.safetensors"


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> str:
    """Write whole or not at all (temporary file, fsync, rename); returns the sha256 of the file.

    Raises OSError when the disk is full or read-only; an older file of that name is then untouched.
    """
    tensors = {_WEIGHTS + name: value.detach().cpu().contiguous() for name, value in checkpoint.weights.items()}
    tensors |= {_OPTIMIZER + name: value.detach().cpu().contiguous() for name, value in checkpoint.optimizer.items()}
    header = {"format": FORMAT, "step": checkpoint.step, "config": checkpoint.config, "best": checkpoint.best}
    content = save(tensors, metadata={"metagui": json.dumps(header)})
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return hashlib.sha256(content).hexdigest()


def read_checkpoint(path: Path) -> Checkpoint:
    """Raises CheckpointError, naming the file, when it is missing, damaged or no checkpoint of ours."""
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such checkpoint")
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})["metagui"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if header["format"] != FORMAT:
            raise CheckpointError(f"{path}: written by another version of metagui (format {header['format']})")
        best = header["best"]
        return Checkpoint(
            step=int(header["step"]),
            config=dict(header["config"]),
            weights=_with_prefix(tensors, _WEIGHTS),
            optimizer=_with_prefix(tensors, _OPTIMIZER),
            best=None if best is None else float(best),
        )
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise CheckpointError(
            f"{path}: this checkpoint is damaged ({error}); delete it to fall back on an earlier one"
        ) from error


def read_weights(path: Path) -> dict[str, Tensor]:
    """The weights alone; errors as :func:`read_checkpoint`."""
    return read_checkpoint(path).weights


def _with_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
