"""Trains the demonstrations of ``resources/demos`` anew, each by its recipe.

    python packaging/make_demos.py                     all of them
    python packaging/make_demos.py sinusoid-maml ...   these
    python packaging/make_demos.py --data-dir DIR ...  with the data sets installed there

Each is trained and evaluated by metagui's own commands in a folder that is removed again; then its weights, without the
optimizer's moments, and what was measured are written beside its recipe.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from metagui.demos import training_command
from metagui.engine.checkpoint import read_checkpoint, write_checkpoint
from metagui.engine.random_states import RandomStates
from metagui.resources import resource

TASKS = 600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--data-dir", type=Path, help="folder whose data sets the recipes may use")
    args = parser.parse_args()
    for recipe in sorted(resource("demos").glob("*.toml")):
        if not args.names or recipe.stem in args.names:
            make(recipe, args.data_dir)
    return 0


def make(path: Path, data_dir: Path | None) -> None:
    """Train, evaluate, and write the weights and the ``[trained]`` table."""
    words = path.read_text(encoding="utf-8").partition("\n[trained]")[0].rstrip()
    command = training_command(tomllib.loads(words)["recipe"])
    with tempfile.TemporaryDirectory() as folder:
        if data_dir is not None:
            Path(folder, "datasets").symlink_to(data_dir.resolve() / "datasets")
        *_, ended = _json_lines(*command[1:], "--data-dir", folder)
        result = _json_lines("evaluate", ended["run"], "--tasks", str(TASKS), "--data-dir", folder)[-1]
        checkpoint = read_checkpoint(max(Path(ended["path"], "checkpoints").glob("step-*.safetensors")))
    slim = dataclasses.replace(checkpoint, optimizer={}, random=RandomStates())
    sha256 = write_checkpoint(path.with_suffix(".safetensors"), slim)
    path.write_text(words + "\n\n" + _table(result, sha256, checkpoint.environment), encoding="utf-8")
    print(f"{path.stem}: {result['metric']} {result['mean']:.4f} ± {result['ci95']:.4f}", flush=True)


def _json_lines(*words: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "metagui", *words, "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
    )
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    return lines


def _table(result: dict[str, Any], sha256: str, environment: dict[str, str]) -> str:
    values = {
        "date": datetime.date.today().isoformat(),
        **{name: result[name] for name in ("step", "metric", "mean", "ci95", "n_tasks", "inner_steps", "norm_mode")},
        "n_query": result["n_query"],
        "sha256": sha256,
        "environment": ", ".join(f"{name} {value}" for name, value in sorted(environment.items())),
    }
    return "[trained]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


if __name__ == "__main__":
    raise SystemExit(main())
