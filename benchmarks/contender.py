"""The child process of one contender: it computes when told to, and sleeps while others have their turn.

``python -m benchmarks.contender PEER WORKLOAD-JSON --threads N --dtype float32`` reads one JSON request a line and
answers each with one line: ``gradient`` writes the meta-gradient to a file, ``turn`` calls it again and again for a
while, ``memory`` tells the peak. The first line it writes, unasked, says that it is ready.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TextIO

import numpy as np
import torch
from torch.nn import functional

from benchmarks import workloads
from benchmarks.peers import PEERS
from benchmarks.peers.base import Gradient
from benchmarks.resident import mark_peak, peak, resident


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=list(PEERS))
    parser.add_argument("workload")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--dtype", choices=list(workloads.DTYPES), required=True)
    options = parser.parse_args(arguments)
    # What a peer prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    torch.set_num_threads(options.threads)
    try:
        peer = PEERS[options.peer]
        problem = workloads.build(workloads.Workload.from_json(options.workload), options.dtype, options.threads)
        gradient = peer.prepare(problem)
        _load_kernels()
        mark_peak()
        baseline = resident()
        _answer(answers, {"version": peer.version(), "tensors": problem.digest(), "baseline": baseline})
        requests: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "gradient": lambda request: save(gradient, request["path"]),
            "turn": lambda request: turn(gradient, request["seconds"]),
            "memory": lambda request: {"above_baseline": max(0, peak() - baseline)},
        }
        for line in sys.stdin:
            request = json.loads(line)
            _answer(answers, requests[request["do"]](request))
    except Exception as error:  # whatever a peer raises is told and ends this contender alone
        _answer(answers, {"error": f"{type(error).__name__}: {error}"})
        return 1
    return 0


def turn(gradient: Gradient, seconds: float) -> dict[str, Any]:
    """Call for at least so long and at least once."""
    calls, began = 0, time.perf_counter()
    while True:
        gradient()
        calls += 1
        elapsed = time.perf_counter() - began
        if elapsed >= seconds:
            return {"calls": calls, "elapsed": elapsed}


def save(gradient: Gradient, path: str) -> dict[str, Any]:
    np.save(path, gradient().detach().numpy(), allow_pickle=False)
    return {"path": path}


def _load_kernels() -> None:
    """Let torch load what it loads at the first use, which is no memory of the algorithm."""
    images = torch.randn(2, 4, 8, 8, requires_grad=True)
    hidden = functional.batch_norm(functional.conv2d(images, torch.randn(4, 4, 3, 3)), None, None, training=True)
    (hidden.flatten(1) @ torch.randn(hidden[0].numel(), 2)).sum().backward()


def _answer(stream: TextIO, content: dict[str, Any]) -> None:
    stream.write(json.dumps(content) + "\n")
    stream.flush()


if __name__ == "__main__":
    raise SystemExit(main())
