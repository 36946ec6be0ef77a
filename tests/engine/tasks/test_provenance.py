"""A run and the data it was trained on: nothing that was trained on is ever shown, or counted, as held out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from metagui.config import ExperimentConfig, apply_overrides, load_preset
from metagui.config.tasks import ImageTasks, OmniglotTasks
from metagui.control import Control
from metagui.datasets.adding import add_dataset
from metagui.datasets.content import Options
from metagui.datasets.library import remove
from metagui.engine.adaptation import adapt
from metagui.engine.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from metagui.engine.evaluation import evaluate
from metagui.engine.tasks.image_sets import ImageSet
from metagui.engine.tasks.omniglot import Omniglot
from metagui.engine.tasks.provenance import data_of, refuse_leak, replacement_notice
from metagui.engine.trainer import run
from metagui.engine.walkthrough.recorder import record
from metagui.errors import DataError
from metagui.events import Adapt, Evaluate, LogLine, Record, RunEnded
from metagui.workspace import Workspace, datasets_dir

REQUESTS: dict[str, Callable[..., Any]] = {
    "evaluate": lambda **common: evaluate(Evaluate(n_tasks=3, **common), lambda: False),
    "adapt": lambda **common: adapt(Adapt(tasks=(0,), step=2, **common), lambda: False),
    "record": lambda **common: record(Record(walkthrough="maml", n_tasks=1, **common), lambda: False),
}


def install(tmp_path: Path, data_dir: Path, classes: int = 12, shade: int = 0) -> None:
    images = np.arange(classes * 4, dtype=np.uint8).repeat(16).reshape(-1, 4, 4) + np.uint8(shade)
    np.savez(tmp_path / "p.npz", images=images, label=np.arange(classes).repeat(4))
    add_dataset("mine", tmp_path / "p.npz", datasets_dir(data_dir), Options())


def config(steps: int) -> ExperimentConfig:
    changes = ["task.name=images", "task.dataset=mine", "task.n_way=2", "task.k_shot=1", "task.n_query=2"]
    short = [
        "model.name=mlp",
        "model.hidden=[8]",
        f"outer.steps={steps}",
        "outer.meta_batch_size=2",
        "outer.validation_tasks=2",
    ]
    return apply_overrides(load_preset("sinusoid-maml").config, [*changes, *short])


def train(data_dir: Path, run_dir: Path, steps: int = 2, resume_from: Path | None = None) -> tuple[RunEnded, list[str]]:
    told: list[str] = []
    workspace = Workspace(run_dir=run_dir, data_dir=data_dir, resume_from=resume_from)
    ended = run(
        config(steps),
        workspace,
        Control(),
        lambda event: told.append(event.message) if isinstance(event, LogLine) else None,
    )
    return ended, told


@pytest.fixture
def checkpoint(tmp_path: Path, data_dir: Path) -> Path:
    """Of two steps on twelve classes."""
    install(tmp_path, data_dir)
    ended, _ = train(data_dir, tmp_path / "run")
    assert ended.status == "finished", ended.reason
    return max((tmp_path / "run").rglob("*.safetensors"))


def ask(request: str, data_dir: Path, checkpoint: Path) -> Any:
    common = {"request": 1, "config": config(2).to_dict(), "data_dir": str(data_dir), "checkpoint": str(checkpoint)}
    return REQUESTS[request](**common)


@pytest.mark.parametrize("request_kind", REQUESTS)
def test_that_weights_are_not_tried_on_another_split_of_their_data(
    tmp_path: Path, data_dir: Path, checkpoint: Path, request_kind: str
) -> None:
    assert ask(request_kind, data_dir, checkpoint) is not None
    install(tmp_path, data_dir, classes=16)
    with pytest.raises(DataError, match="split in another way"):
        ask(request_kind, data_dir, checkpoint)


def test_that_a_run_does_not_go_on_with_another_split_and_may_with_the_old_one(
    tmp_path: Path, data_dir: Path, checkpoint: Path
) -> None:
    install(tmp_path, data_dir, classes=16)
    ended, _ = train(data_dir, tmp_path / "again", 4, checkpoint)
    assert (ended.status, "split in another way" in ended.reason) == ("failed", True)
    install(tmp_path, data_dir)
    ended, told = train(data_dir, tmp_path / "again", 4, checkpoint)
    assert (ended.status, ended.step, told) == ("finished", 4, [])
    assert read_checkpoint(max((tmp_path / "again").rglob("*.safetensors"))).data["name"] == "mine"


def test_that_other_examples_of_the_same_split_are_told(tmp_path: Path, data_dir: Path, checkpoint: Path) -> None:
    install(tmp_path, data_dir, shade=7)
    ended, told = train(data_dir, tmp_path / "again", 4, checkpoint)
    assert ended.status == "finished"
    assert any("other examples" in line for line in told)


def test_that_a_run_whose_data_set_is_gone_says_so(tmp_path: Path, data_dir: Path, checkpoint: Path) -> None:
    remove(datasets_dir(data_dir), "mine")
    ended, _ = train(data_dir, tmp_path / "again", 4, checkpoint)
    assert ended.status == "failed"
    assert "there is no data set 'mine'" in ended.reason
    with pytest.raises(DataError, match="no data set 'mine'"):
        ask("adapt", data_dir, checkpoint)


def test_that_another_split_of_omniglot_is_a_leak_and_another_data_set_is_none(
    stamped_omniglot: Path, tmp_path: Path, data_dir: Path
) -> None:
    vinyals, lake = (Omniglot(OmniglotTasks(split=split), stamped_omniglot) for split in ("vinyals", "lake"))
    assert data_of(vinyals)["split_hash"] != data_of(lake)["split_hash"]
    with pytest.raises(DataError, match=r"trained on 236 of the 659 test characters.*task\.split=vinyals"):
        refuse_leak(data_of(vinyals), lake)
    refuse_leak(data_of(lake), vinyals)  # shares no character with what is tested there
    refuse_leak(data_of(Omniglot(OmniglotTasks(n_way=20, rotations=False), stamped_omniglot)), vinyals)
    install(tmp_path, data_dir)
    mine = ImageSet(ImageTasks(dataset="mine", n_way=2, k_shot=1, n_query=1), datasets_dir(data_dir))
    refuse_leak(data_of(mine), lake)
    refuse_leak({}, lake)  # of a checkpoint that was written before this was kept
    assert replacement_notice(data_of(lake), lake) == ""


def test_that_checkpoints_which_did_not_keep_their_split_yet_are_known_by_their_configuration(
    stamped_omniglot: Path, tmp_path: Path
) -> None:
    before = load_preset("omniglot-maml-5w1s").config
    write_checkpoint(tmp_path / "old.safetensors", Checkpoint(1, before.to_dict(), {"w": torch.zeros(1)}, {}))
    lake = Omniglot(OmniglotTasks(split="lake"), stamped_omniglot)
    with pytest.raises(DataError, match="trained on 236"):
        refuse_leak(read_checkpoint(tmp_path / "old.safetensors").data, lake)
    waves = load_preset("sinusoid-maml").config
    write_checkpoint(tmp_path / "waves.safetensors", Checkpoint(1, waves.to_dict(), {"w": torch.zeros(1)}, {}))
    assert read_checkpoint(tmp_path / "waves.safetensors").data == {}
