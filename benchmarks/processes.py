"""Contenders as processes, from the side that gives them their turns."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.peers import Peer
from benchmarks.workloads import Workload

ROOT = Path(__file__).resolve().parents[1]


class ContenderError(Exception):
    """A contender could not do what it was asked; says why."""


class Contender:
    """One contender on one workload, in a process of its own. Ends it on leaving the ``with`` block."""

    def __init__(self, peer: Peer, workload: Workload, threads: int, dtype: str) -> None:
        self.peer = peer
        self.workload = workload
        # Not a pipe: nobody reads it while the process works, and a full pipe would stop it.
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        command = [sys.executable, "-m", "benchmarks.contender", peer.name, workload.to_json()]
        self._process = subprocess.Popen(
            [*command, "--threads", str(threads), "--dtype", dtype],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            env=_environment(peer, threads),
        )
        try:
            ready = self._read()
        except BaseException:
            self.close()
            raise
        self.version: str = ready["version"]
        self.tensors: str = ready["tensors"]

    def gradient(self) -> Tensor:
        """The meta-gradient of the whole meta-batch, [P]."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "gradient.npy"
            self._ask({"do": "gradient", "path": str(path)})
            return torch.from_numpy(np.load(path, allow_pickle=False))

    def rate(self, seconds: float) -> float:
        """Tasks a second over one turn of at least ``seconds``."""
        answer = self._ask({"do": "turn", "seconds": seconds})
        return float(answer["calls"] * self.workload.tasks / answer["elapsed"])

    def peak_memory(self) -> int:
        """Bytes above what the process held when everything was imported and ready."""
        return int(self._ask({"do": "memory"})["above_baseline"])

    def close(self) -> None:
        """End the process; one that is idle ends by itself, another is not waited for."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._complaints.close()

    def __enter__(self) -> Contender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise ContenderError(self._last_words()) from error
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ContenderError(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ContenderError(answer["error"])
        return answer

    def _last_words(self) -> str:
        status = self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().strip().splitlines()
        return lines[-1] if lines else f"its process ended with status {status}"


def _environment(peer: Peer, threads: int) -> dict[str, str]:
    number = str(threads)
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    limits = {"OMP_NUM_THREADS": number, "MKL_NUM_THREADS": number, "OPENBLAS_NUM_THREADS": number}
    return os.environ | limits | {"PYTHONPATH": path} | peer.environment(threads)
