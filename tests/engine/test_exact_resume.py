"""A run that is killed and goes on ends where it would have ended: to the last bit, whatever the algorithm."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metagui.config import ExperimentConfig, apply_overrides, choices, load_preset, parse
from metagui.config.algorithms import FOMAML as FOMAMLConfig
from metagui.config.algorithms import AlgorithmSection
from metagui.control import Control
from metagui.engine import random_states
from metagui.engine.algorithms import MetaGradient
from metagui.engine.algorithms.fomaml import FOMAML
from metagui.engine.bank import no_boundary
from metagui.engine.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from metagui.engine.environment import change_notice, environment
from metagui.engine.trainer import run
from metagui.events import LogLine, Metrics, RunEvent, Stop
from metagui.workspace import Workspace

STEPS = 7
BOUNDARIES = 60
"""More than most of these runs have: a kill that never comes is a run that finished."""


def config_of(algorithm: str, *changes: str) -> ExperimentConfig:
    """A short run with schedules, validation, clipping and checkpoints, of any algorithm there is."""
    section = choices("algorithm")[algorithm]
    assert issubclass(section, AlgorithmSection)
    preset = "sinusoid-maml" if "regression" in section.fits else "points-maml"
    short = [
        f"outer.steps={STEPS}",
        "outer.meta_batch_size=3",
        "outer.lr_schedule=cosine",
        "outer.gradient_clip=5",
        "outer.validation_every=3",
        "outer.validation_tasks=3",
        "compute.checkpoint_every=2",
        "compute.device=cpu",
        "compute.threads=1",
        "model.hidden=[8,8]",
    ]
    few = [f"algorithm.{field}=2" for field in ("inner_steps", "evaluation_steps") if field in section.model_fields]
    return apply_overrides(load_preset(preset).config, [f"algorithm.name={algorithm}", *few, *short, *changes])


class Killed(BaseException):
    """Ends a run as kill -9 does: nothing of it gets to save anything."""


class DeadlyControl(Control):
    """Kills at the n-th place where the trainer asks whether to stop: between inner steps, tasks, updates, anywhere."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._left = at

    @property
    def stopping(self) -> bool:
        self._left -= 1
        if self._left == 0:
            raise Killed
        return super().stopping


Curves = dict[str, dict[int, float]]


class Outcome:
    """What was recorded, as the store keeps it, and the last checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.curves: Curves = {}
        self.events: list[RunEvent] = []

    def run(self, config: ExperimentConfig, control: Control | None = None) -> Outcome:
        latest = self.latest
        if latest is not None:  # the store drops what came after the checkpoint
            step = read_checkpoint(latest).step
            self.curves = {
                name: {at: value for at, value in curve.items() if at <= step} for name, curve in self.curves.items()
            }
        with contextlib.suppress(Killed):
            run(config, Workspace(self.folder, self.folder, latest), control or Control(), self._take)
        return self

    @property
    def latest(self) -> Path | None:
        files = sorted((self.folder / "checkpoints").glob("step-*.safetensors"))
        return files[-1] if files else None

    @property
    def end(self) -> Checkpoint:
        assert self.latest is not None
        return read_checkpoint(self.latest)

    def _take(self, event: RunEvent) -> None:
        self.events.append(event)
        if isinstance(event, Metrics):
            for step, row in zip(event.steps.numpy(), event.values.numpy(), strict=True):
                for name, value in zip(event.names, row, strict=True):
                    self.curves.setdefault(name, {})[int(step)] = float(value)


def assert_same(one: Outcome, other: Outcome) -> None:
    """Curves, weights, moments, all of it, to the last bit."""
    without_lost_points = {name: curve for name, curve in one.curves.items() if curve}
    assert without_lost_points == other.curves
    mine, theirs = one.end, other.end
    assert (mine.step, mine.best, mine.validated, mine.first_loss) == (
        theirs.step,
        theirs.best,
        theirs.validated,
        theirs.first_loss,
    )
    for left, right in ((mine.weights, theirs.weights), (mine.optimizer, theirs.optimizer)):
        assert left.keys() == right.keys()
        for name, value in left.items():
            assert torch.equal(value, right[name]), name


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory):
    """The uninterrupted run of a configuration."""

    @cache
    def of(content: str) -> Outcome:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return Outcome(tmp_path_factory.mktemp("whole")).run(parse(json.loads(content)))
        finally:
            torch.set_num_threads(before)

    return lambda config: of(json.dumps(config.to_dict()))


@pytest.mark.parametrize("algorithm", choices("algorithm"))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kills=st.lists(st.integers(1, BOUNDARIES), min_size=1, max_size=3))
def test_that_a_run_killed_anywhere_ends_where_it_would_have(
    whole, tmp_path_factory: pytest.TempPathFactory, algorithm: str, kills: list[int]
) -> None:
    config = config_of(algorithm)
    parts = Outcome(tmp_path_factory.mktemp("parts"))
    for at in kills:
        parts.run(config, DeadlyControl(at))
    assert_same(parts.run(config), whole(config))


@pytest.mark.parametrize("norm_mode", ["transductive", "support", "per_step"])
@pytest.mark.parametrize("optimizer", ["outer.name=adam", "outer.name=sgd"])
def test_that_running_statistics_and_momentum_go_on(whole, tmp_path: Path, norm_mode: str, optimizer: str) -> None:
    changes = ["task.k_shot=1", "model.filters=4", f"model.norm_mode={norm_mode}", optimizer, "outer.outer_lr=0.01"]
    if optimizer.endswith("sgd"):
        changes.append("outer.momentum=0.9")
    short = ["outer.steps=5", "outer.meta_batch_size=2", "outer.validation_every=2", "outer.validation_tasks=2"]
    quick = ["algorithm.evaluation_steps=2", "compute.checkpoint_every=1", "compute.threads=1", "compute.device=cpu"]
    config = apply_overrides(load_preset("glyphs-maml-5w1s").config, [*short, *quick, *changes])
    parts = Outcome(tmp_path).run(config, DeadlyControl(14))
    assert 0 < parts.end.step < 5
    assert_same(parts.run(config), whole(config))


@pytest.mark.parametrize("algorithm", ["maml", "imaml"])
def test_that_tasks_shared_between_threads_go_on_to_the_same_bits(whole, tmp_path: Path, algorithm: str) -> None:
    sizes = ["model.filters=4", "model.norm_mode=per_step", "outer.meta_batch_size=5", "outer.validation_tasks=2"]
    short = ["outer.steps=4", "outer.validation_every=2", "algorithm.inner_steps=2", "algorithm.evaluation_steps=2"]
    quick = ["compute.checkpoint_every=1", "compute.threads=2", "compute.device=cpu"]
    preset = load_preset("glyphs-maml-5w1s").config
    config = apply_overrides(preset, [f"algorithm.name={algorithm}", *sizes, *short, *quick])
    parts = Outcome(tmp_path).run(config, DeadlyControl(25))
    assert 0 < parts.end.step < 4
    assert_same(parts.run(config), whole(config))


def test_that_a_stop_inside_a_validation_loses_no_point(whole, tmp_path: Path) -> None:
    """Its tasks are tried again when the run goes on, not left out."""
    config = config_of("fomaml")
    validating: list[int] = []

    class StopInValidation(Control):
        @property
        def stopping(self) -> bool:
            asked = sys._getframe(2).f_code.co_name == "_validate" and len(parts.curves.get("outer_loss", ())) >= 2
            if asked and not validating:
                validating.append(1)
                self.send(Stop())
            return super().stopping

    parts = Outcome(tmp_path)
    parts.run(config, StopInValidation())
    assert validating
    assert parts.end.step == 3
    assert 3 not in parts.curves["validation_loss"]
    assert_same(parts.run(config), whole(config))


_CHILD = """
import json, os, signal, sys
from pathlib import Path
from metagui.config import parse
from metagui.control import Control
from metagui.engine.trainer import run
from metagui.workspace import Workspace

class Deadly(Control):
    left = int(sys.argv[3])
    @property
    def stopping(self):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().stopping

folder = Path(sys.argv[1])
run(parse(json.loads(sys.argv[2])), Workspace(folder, folder), Deadly(), lambda event: None)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
@pytest.mark.parametrize("algorithm", choices("algorithm"))
def test_that_a_process_killed_for_real_goes_on_to_the_same_weights(whole, tmp_path: Path, algorithm: str) -> None:
    config = config_of(algorithm)
    at = random.Random(algorithm).randint(12, 24)
    killed = subprocess.run(
        [sys.executable, "-c", _CHILD, str(tmp_path), json.dumps(config.to_dict()), str(at)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    parts = Outcome(tmp_path)
    parts.run(config)
    mine, theirs = parts.end, whole(config).end
    assert mine.step == theirs.step == STEPS
    for left, right in ((mine.weights, theirs.weights), (mine.optimizer, theirs.optimizer)):
        for name, value in left.items():
            assert torch.equal(value, right[name]), name
    for name, curve in parts.curves.items():  # those of the part after the kill
        assert curve.items() <= whole(config).curves[name].items()


@pytest.mark.parametrize("algorithm", choices("algorithm"))
def test_that_no_algorithm_draws_from_the_global_generators(tmp_path: Path, algorithm: str) -> None:
    before = random_states.capture(torch.device("cpu"))
    Outcome(tmp_path).run(config_of(algorithm))
    after = random_states.capture(torch.device("cpu"))
    assert torch.equal(before.tensors["cpu"], after.tensors["cpu"])
    assert before.header == after.header


@pytest.mark.parametrize("preset", ["sinusoid-maml", "points-maml", "glyphs-maml-5w1s"])
def test_that_no_task_draws_from_the_global_generators(small, train, preset: str) -> None:
    before = random_states.capture(torch.device("cpu"))
    train(small(preset, steps=2))
    after = random_states.capture(torch.device("cpu"))
    assert torch.equal(before.tensors["cpu"], after.tensors["cpu"])
    assert before.header == after.header


def test_that_global_generators_go_on_where_they_were(tmp_path: Path) -> None:
    """For plug-ins that draw from them."""

    def draw() -> list[float]:
        return [float(torch.rand(())), random.random(), random.gauss(0, 1), float(np.random.rand()), np.random.randn()]

    before = random_states.capture(torch.device("cpu"))
    try:
        torch.manual_seed(3)
        np.random.seed(4)
        random.seed(5)
        draw()  # leaves half a pair of normal numbers behind
        path = tmp_path / "step-00000001.safetensors"
        states = random_states.capture(torch.device("cpu"))
        write_checkpoint(path, Checkpoint(1, {}, {"w": torch.zeros(1)}, {}, random=states))
        expected = draw()
        torch.manual_seed(8)
        np.random.seed(8)
        random.seed(8)
        random_states.restore(read_checkpoint(path).random, torch.device("cpu"))
        assert draw() == expected
    finally:
        random_states.restore(before, torch.device("cpu"))


class Drawing(FOMAML):
    """What a plug-in might do: noise from every global generator."""

    def meta_gradient(self, theta, batch, *, step=0, boundary=no_boundary) -> MetaGradient:
        meta = super().meta_gradient(theta, batch, step=step, boundary=boundary)
        noise = torch.randn_like(meta.gradient) * (1 + random.random() + np.random.rand())
        return replace(meta, gradient=meta.gradient + 0.1 * noise)


@pytest.mark.parametrize("at", [9, 20, 27, 33])
def test_that_a_plug_in_that_draws_globally_goes_on_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at: int
) -> None:
    """Stopped inside a step and with its draws, too: the step is made again with the same ones."""
    monkeypatch.setitem(sys.modules, "drawing_plug_in", SimpleNamespace(Drawing=Drawing))
    monkeypatch.setattr(FOMAMLConfig, "implementation", "drawing_plug_in:Drawing")
    config = config_of("fomaml")
    before = random_states.capture(torch.device("cpu"))

    class StopThere(DeadlyControl):
        @property
        def stopping(self) -> bool:
            try:
                return super().stopping
            except Killed:
                self.send(Stop())
                return super().stopping

    try:
        once = Outcome(tmp_path / "whole").run(config)
        parts = Outcome(tmp_path / "parts").run(config, StopThere(at))
        random.seed(99)
        np.random.seed(99)
        torch.manual_seed(99)
        assert 0 < parts.end.step < STEPS
        assert_same(parts.run(config), once)
    finally:
        random_states.restore(before, torch.device("cpu"))


def test_that_a_changed_environment_is_said_when_a_run_goes_on(tmp_path: Path) -> None:
    config = config_of("fomaml")
    parts = Outcome(tmp_path).run(config, DeadlyControl(20))
    latest = parts.latest
    assert latest is not None
    saved = read_checkpoint(latest)
    assert saved.environment["torch"] == torch.__version__
    older = {**saved.environment, "torch": "2.6.0", "threads": "3"}
    write_checkpoint(latest, Checkpoint(saved.step, saved.config, saved.weights, saved.optimizer, environment=older))
    parts.events.clear()
    parts.run(config)
    (line,) = [event for event in parts.events if isinstance(event, LogLine)]
    assert line.level == "warning"
    assert f"torch {torch.__version__} instead of 2.6.0 and threads 1 instead of 3: " in line.message


def test_that_an_unchanged_environment_is_not_worth_a_word() -> None:
    here = environment(torch.device("cpu"), 1)
    assert change_notice(here, here) == ""
    assert change_notice({}, here) == ""


def test_that_a_checkpoint_of_the_first_format_still_goes_on(tmp_path: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import save_file

    config = config_of("maml")
    parts = Outcome(tmp_path).run(config, DeadlyControl(30))
    latest = parts.latest
    assert latest is not None
    with safe_open(latest, framework="pt") as file:
        header = json.loads(file.metadata()["metagui"])
        tensors = {name: file.get_tensor(name) for name in file.keys() if not name.startswith("random/")}  # noqa: SIM118
    old = {name: header[name] for name in ("step", "config", "best")} | {"format": 1}
    save_file(tensors, latest, metadata={"metagui": json.dumps(old)})
    parts.run(config)
    assert parts.end.step == STEPS
    assert not [event for event in parts.events if isinstance(event, LogLine)]
