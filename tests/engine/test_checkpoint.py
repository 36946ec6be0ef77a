"""Checkpoints come back as they were written, whole or not at all."""

from __future__ import annotations

import hashlib
import pickle
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from metagui.engine.checkpoint import Checkpoint, checkpoint_name, read_checkpoint, write_checkpoint
from metagui.errors import CheckpointError


def _checkpoint(step: int = 7) -> Checkpoint:
    random = torch.Generator().manual_seed(step)
    weights = {"linear0.weight": torch.randn(3, 2, generator=random), "linear0.bias": torch.randn(3, generator=random)}
    optimizer = {"exp_avg": torch.randn(9, generator=random), "step": torch.tensor(float(step))}
    return Checkpoint(step, {"task": {"name": "sinusoid"}}, weights, optimizer, best=0.5)


def test_that_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    written = _checkpoint()
    path = tmp_path / "checkpoints" / checkpoint_name(7)
    sha256 = write_checkpoint(path, written)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    read = read_checkpoint(path)
    assert (read.step, read.config, read.best) == (7, written.config, 0.5)
    for before, after in ((written.weights, read.weights), (written.optimizer, read.optimizer)):
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_that_bfloat16_and_float64_keep_their_type(tmp_path: Path) -> None:
    weights = {"a": torch.ones(2, dtype=torch.float64), "b": torch.ones(2, dtype=torch.bfloat16)}
    write_checkpoint(tmp_path / "c", Checkpoint(1, {}, weights, {}))
    assert {name: value.dtype for name, value in read_checkpoint(tmp_path / "c").weights.items()} == {
        "a": torch.float64,
        "b": torch.bfloat16,
    }


@pytest.mark.parametrize("damage", ["empty", "truncated", "flipped header", "pickle", "foreign"])
def test_that_a_damaged_file_is_refused_by_name(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "step-00000007.safetensors"
    write_checkpoint(path, _checkpoint())
    content = path.read_bytes()
    if damage == "foreign":
        from safetensors.torch import save_file

        save_file({"x": torch.zeros(2)}, path)
    else:
        path.write_bytes(
            {
                "empty": b"",
                "truncated": content[:-5],
                "flipped header": content[:8] + b"!" + content[9:],
                "pickle": pickle.dumps({"weights": [1, 2]}),
            }[damage]
        )
    with pytest.raises(CheckpointError, match=r"step-00000007\.safetensors: this checkpoint is damaged"):
        read_checkpoint(path)


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no such checkpoint"):
        read_checkpoint(tmp_path / "nothing")


def _limit_file_size() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_that_a_write_cut_short_leaves_the_older_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / checkpoint_name(7)
    write_checkpoint(path, _checkpoint())
    before = path.read_bytes()
    script = f"""
import torch
from pathlib import Path
from metagui.engine.checkpoint import Checkpoint, write_checkpoint
try:
    write_checkpoint(Path({str(path)!r}), Checkpoint(7, {{}}, {{"w": torch.zeros(100_000)}}, {{}}))
except OSError as error:
    print("refused:", error.strerror)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], preexec_fn=_limit_file_size, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.startswith("refused:"), done.stderr
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
