"""Checkpoints: weights, optimizer moments and torch's random state as safetensors, all else as JSON in the header.

No pickle. Format 2 added what an exact continuation needs beyond weights and moments; format 1 is still read.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from metagui.engine.random_states import RandomStates
from metagui.errors import CheckpointError

FORMAT = 2
_READABLE = (1, 2)
_WEIGHTS, _OPTIMIZER, _RANDOM = "theta/", "optimizer/", "random/"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A run after ``step`` meta-updates.

    ``best`` is the best validation value so far, None before the first; ``validated`` the step of the last one, None
    where that is not known; ``first_loss`` the outer loss of the first meta-step; ``environment`` what it ran in;
    ``data`` what it was trained on, see :mod:`metagui.engine.tasks.provenance`.
    """

    step: int
    config: dict[str, Any]
    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    best: float | None = None
    validated: int | None = None
    first_loss: float | None = None
    environment: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    random: RandomStates = field(default_factory=RandomStates)


def checkpoint_name(step: int) -> str:
    return f"step-{step:08d}.safetensors"


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> str:
    """Write whole or not at all (temporary file, fsync, rename); returns the sha256 of the file.

    Raises OSError when the disk is full or read-only; an older file of that name is then untouched.
    """
    groups = {_WEIGHTS: checkpoint.weights, _OPTIMIZER: checkpoint.optimizer, _RANDOM: checkpoint.random.tensors}
    tensors = {
        prefix + name: value.detach().cpu().contiguous()
        for prefix, group in groups.items()
        for name, value in group.items()
    }
    header = {
        "format": FORMAT,
        "step": checkpoint.step,
        "config": checkpoint.config,
        "best": checkpoint.best,
        "validated": checkpoint.validated,
        "first_loss": checkpoint.first_loss,
        "environment": checkpoint.environment,
        "data": checkpoint.data,
        "random": checkpoint.random.header,
    }
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
        if header["format"] not in _READABLE:
            raise CheckpointError(f"{path}: written by another version of metagui (format {header['format']})")
        return Checkpoint(
            step=int(header["step"]),
            config=dict(header["config"]),
            weights=_with_prefix(tensors, _WEIGHTS),
            optimizer=_with_prefix(tensors, _OPTIMIZER),
            best=_number(header["best"]),
            validated=header.get("validated"),
            first_loss=_number(header.get("first_loss")),
            environment=dict(header.get("environment", {})),
            data=dict(header.get("data") or _data_of(header["config"])),
            random=RandomStates(_with_prefix(tensors, _RANDOM), dict(header.get("random", {}))),
        )
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise CheckpointError(
            f"{path}: this checkpoint is damaged ({error}); delete it to fall back on an earlier one"
        ) from error


def _data_of(config: dict[str, Any]) -> dict[str, str]:
    """What runs on Omniglot were trained on that did not keep it yet."""
    task = config.get("task", {})
    return {"name": "omniglot", "split": task["split"]} if task.get("name") == "omniglot" and "split" in task else {}


def _with_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
